"""A primary of a cluster dies, or gives slots away, while publishers post: what was acknowledged stays, and the others go on."""

import random
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ingest.redis_keys import ALL_PARTITIONS, partition_of
from shared.embedded.valkey_cluster import ClusterServer, EmbeddedValkeyCluster
from shared.redis_cluster import slot_of
from tests import cluster_moves
from tests.faults.load import Answer, Postbacks, eventually
from tests.faults.test_store_killed import find_lost
from tests.service_processes import ServiceProcesses
from tests.world import World

TAKEN_OVER_WITHIN_SECONDS = 60.0
PATIENT = {"INGEST_STORE_TIMEOUT_MS": "10000"}  # with a slow machine; a primary that is dead is noticed at once even so


@pytest.fixture
def mortal_cluster(tmp_path: Path) -> Iterator[EmbeddedValkeyCluster]:
    """A cluster for one test, whose replicas take over soon."""
    with EmbeddedValkeyCluster(tmp_path / "cluster", node_timeout_ms=4000) as cluster:
        yield cluster


@pytest.fixture
def redis_url(mortal_cluster: EmbeddedValkeyCluster) -> str:
    return mortal_cluster.url


class Shares:
    """Which callers are whose, as it was at the beginning."""

    def __init__(self, victim: ClusterServer, world: World) -> None:
        self._slots = cluster_moves.slots_of(victim)
        self._company_id = world.company.id

    def is_victims(self, answer: Answer) -> bool:
        return slot_of(partition_of(self._company_id, answer.caller)) in self._slots


def replica_of(cluster: EmbeddedValkeyCluster, primary: ClusterServer) -> ClusterServer:
    port = primary.ask("ROLE")[2][0][1]
    return next(server for server in cluster.servers if server.port == int(port))


async def has(load: Postbacks, shares: Shares, count: int, *, victims: bool, since: int = 0) -> bool:
    return sum(answer.status == 200 and shares.is_victims(answer) is victims for answer in load.answers[since:]) >= count


async def is_primary(server: ClusterServer) -> bool:
    return bool(server.ask("ROLE")[0] == b"master")


async def kill_with_a_replica_behind(
    world: World, services: ServiceProcesses, cluster: EmbeddedValkeyCluster, durability: str
) -> tuple[list[Answer], list[str]]:
    """Post on while a primary's replica hears nothing of it, then kill the primary; who was acknowledged, and who of them is lost."""
    services.start("ingest", INGEST_DURABILITY=durability, **PATIENT)
    victim = cluster.servers[0]
    shares, replica = Shares(victim, world), replica_of(cluster, victim)
    # so many that the others have their turn while the victims wait for the replica
    async with Postbacks(services.url("ingest"), world.company, in_flight=40, pause_seconds=0.005) as load:
        await eventually(lambda: has(load, shares, 100, victims=True), 60)
        replica.pause()
        victim.ask("CLIENT", "KILL", "TYPE", "REPLICA")  # what is under way to it is cut off, too
        behind = len(load.answers)
        await eventually(lambda: has(load, shares, 50, victims=False, since=behind), 60)
        victim.kill()
        replica.resume()
        killed = len(load.answers)
        await eventually(lambda: has(load, shares, 100, victims=False, since=killed), 60)
        await eventually(lambda: is_primary(replica), TAKEN_OVER_WITHIN_SECONDS)
        victim.start()  # as a replica now: in replicated a primary without one takes nothing
        await eventually(lambda: has(load, shares, 100, victims=True, since=killed), TAKEN_OVER_WITHIN_SECONDS)
    acknowledged = load.acknowledged()
    lost = await find_lost(world, cluster.url, acknowledged)
    statuses = {answer.status for answer in load.answers}
    assert statuses <= {200, 503}
    assert {answer.status for answer in load.answers if not shares.is_victims(answer)} == {200}
    print(f"{durability}: n={len(load.answers)} acknowledged={len(acknowledged)} lost={len(lost)}")
    return acknowledged, lost


async def test_nothing_acknowledged_in_replicated_is_lost_when_a_primary_dies_and_the_others_go_on(
    world: World, services: ServiceProcesses, mortal_cluster: EmbeddedValkeyCluster
) -> None:
    acknowledged, lost = await kill_with_a_replica_behind(world, services, mortal_cluster, "replicated")
    assert len(acknowledged) > 400
    assert lost == []


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.long)])
async def test_nothing_acknowledged_in_replicated_is_lost_in_one_failover_after_another(
    world: World, services: ServiceProcesses, mortal_cluster: EmbeddedValkeyCluster, kills: int
) -> None:
    services.start("ingest", INGEST_DURABILITY="replicated", **PATIENT)
    async with Postbacks(services.url("ingest"), world.company, pause_seconds=0.005) as load:
        for _ in range(kills):
            victim = random.choice(mortal_cluster.primaries())
            shares, replica = Shares(victim, world), replica_of(mortal_cluster, victim)
            await eventually(lambda: has(load, shares, 100, victims=True), 60)  # noqa: B023 - awaited before the next round
            victim.kill()
            killed = len(load.answers)
            await eventually(lambda: is_primary(replica), TAKEN_OVER_WITHIN_SECONDS)  # noqa: B023 - the same
            victim.start()
            await eventually(lambda: has(load, shares, 20, victims=True, since=killed), TAKEN_OVER_WITHIN_SECONDS)  # noqa: B023 - the same
    acknowledged = load.acknowledged()
    lost = await find_lost(world, mortal_cluster.url, acknowledged)
    print(f"n={len(load.answers)} kills={kills} acknowledged={len(acknowledged)} lost={len(lost)}")
    assert {answer.status for answer in load.answers} <= {200, 503}
    assert lost == []


async def test_in_durable_a_replica_that_was_behind_takes_over_without_what_it_missed(
    world: World, services: ServiceProcesses, mortal_cluster: EmbeddedValkeyCluster
) -> None:
    _, lost = await kill_with_a_replica_behind(world, services, mortal_cluster, "durable")
    assert lost != []


async def test_a_primary_that_freezes_is_replaced_like_one_that_died(
    world: World, services: ServiceProcesses, mortal_cluster: EmbeddedValkeyCluster
) -> None:
    services.start("ingest", INGEST_STORE_TIMEOUT_MS="2000")
    victim = mortal_cluster.servers[2]
    shares, replica = Shares(victim, world), replica_of(mortal_cluster, victim)
    async with Postbacks(services.url("ingest"), world.company, pause_seconds=0.005) as load:
        await eventually(lambda: has(load, shares, 100, victims=True), 60)
        victim.pause()
        frozen = len(load.answers)
        await eventually(lambda: is_primary(replica), TAKEN_OVER_WITHIN_SECONDS)
        await eventually(lambda: has(load, shares, 100, victims=True, since=frozen), TAKEN_OVER_WITHIN_SECONDS)
        victim.resume()
        resumed = len(load.answers)
        await eventually(lambda: has(load, shares, 100, victims=True, since=resumed), 60)
    assert {answer.status for answer in load.answers} <= {200, 503}
    assert {answer.status for answer in load.answers[resumed:]} == {200}
    assert await find_lost(world, mortal_cluster.url, load.acknowledged()[:100]) == []


async def test_the_drain_goes_on_with_the_others_and_brings_the_rest_over_later(
    world: World, services: ServiceProcesses, mortal_cluster: EmbeddedValkeyCluster
) -> None:
    services.start("ingest", INGEST_DURABILITY="replicated", **PATIENT)
    victim = mortal_cluster.servers[1]
    shares = Shares(victim, world)

    async def drained(count: int, *, victims: bool) -> bool:
        await world.drain_loop.drain_once(world.postgres)
        callers = {row["caller_number"] for row in await world.postgres.fetch("select caller_number from postback_log")}
        return len([answer for answer in after if answer.caller in callers and shares.is_victims(answer) is victims]) >= count

    async with Postbacks(services.url("ingest"), world.company, in_flight=4, pause_seconds=0.01) as load:
        await eventually(lambda: has(load, shares, 20, victims=True), 60)
        replica_of(mortal_cluster, victim).pause()  # so that nobody takes over yet
        victim.kill()
        killed = len(load.answers)
        await eventually(lambda: has(load, shares, 20, victims=False, since=killed), 60)
        after = [answer for answer in load.answers[killed:] if answer.status == 200]
        await eventually(lambda: drained(20, victims=False), 60)
        victim.start()
        mortal_cluster.servers[4].resume()
        await eventually(lambda: has(load, shares, 20, victims=True, since=killed), TAKEN_OVER_WITHIN_SECONDS)
    after = load.acknowledged()
    await eventually(lambda: drained(sum(map(shares.is_victims, after)), victims=True), 60)
    assert await drained(len(after) - sum(map(shares.is_victims, after)), victims=False)


@pytest.fixture
async def moving(world: World, services: ServiceProcesses) -> AsyncIterator[Postbacks]:
    """Publishers at a patient ingest."""
    services.start("ingest", **PATIENT)
    async with Postbacks(services.url("ingest"), world.company, pause_seconds=0.005) as load:
        yield load


async def acknowledged(load: Postbacks, count: int, since: float = 0.0) -> bool:
    return sum(answer.status == 200 and answer.asked_at > since for answer in load.answers) >= count


@pytest.mark.parametrize("how", ["whole", "key_by_key"])
async def test_slots_move_under_load_and_nobody_fails_for_good(
    world: World, moving: Postbacks, mortal_cluster: EmbeddedValkeyCluster, how: str
) -> None:
    load, (source, target, *_) = moving, mortal_cluster.servers
    slots = sorted({slot_of(partition) for partition in ALL_PARTITIONS} & cluster_moves.slots_of(source))[:20]
    await eventually(lambda: acknowledged(load, 500), 60)
    move = cluster_moves.move_whole if how == "whole" else cluster_moves.move_key_by_key
    await move(slots, source, target)
    settled_at = time.monotonic() + 3
    await eventually(lambda: acknowledged(load, 500, since=settled_at), 60)
    assert {answer.status for answer in load.answers} <= {200, 503}
    refused = [answer for answer in load.answers if answer.status == 503]
    assert not [answer for answer in refused if answer.asked_at > settled_at]
    for answer in refused:
        await load.ask(answer.caller, answer.value)
    repeated = {answer.caller: answer.status for answer in load.answers}
    assert {repeated[answer.caller] for answer in refused} <= {200}
    print(f"{how}: n={len(load.answers)} slots={len(slots)} refused={len(refused)}")
    assert await find_lost(world, mortal_cluster.url, load.acknowledged()) == []
