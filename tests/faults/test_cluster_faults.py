"""A primary of a cluster dies, or gives slots away, while publishers post: what was acknowledged stays, and the others go on."""

import random
from collections.abc import AsyncIterator

import pytest

from ingest.redis_keys import ALL_PARTITIONS, partition_of
from shared.embedded.valkey_cluster import ClusterServer, EmbeddedValkeyCluster
from shared.redis_cluster import slot_of
from tests import cluster_moves
from tests.faults.load import Answer, AtLeast, Postbacks
from tests.faults.test_store_killed import find_lost
from tests.service_processes import PATIENT_MS, ServiceProcesses
from tests.waiting import wait_for
from tests.world import World

PATIENT = {"INGEST_STORE_TIMEOUT_MS": "10000"}  # with a slow machine; a primary that is dead is noticed at once even so


@pytest.fixture
def redis_url(mortal_cluster: EmbeddedValkeyCluster) -> str:
    return mortal_cluster.url


class Shares:
    """Tells callers of the victim from other callers, by the slots that the victim has when this is created."""

    def __init__(self, victim: ClusterServer, world: World, load: Postbacks) -> None:
        self._slots = cluster_moves.slots_of(victim)
        self._company_id = world.company.id
        self._load = load

    def is_victims(self, answer: Answer) -> bool:
        return slot_of(partition_of(self._company_id, answer.caller)) in self._slots

    async def until_acknowledged(self, count: int, *, victims: bool, since: int = 0) -> None:
        """Returns once `count` postbacks about the victim's callers, or about others, are acknowledged from answer number `since` on."""

        async def acknowledged() -> int:
            answers = self._load.answers[since:]
            return sum(answer.status == 200 and self.is_victims(answer) is victims for answer in answers)

        await wait_for(
            acknowledged,
            AtLeast(count),
            f"acknowledged postbacks about {'callers of the victim' if victims else 'other callers'}",
        )


def replica_of(cluster: EmbeddedValkeyCluster, primary: ClusterServer) -> ClusterServer:
    port = primary.ask("ROLE")[2][0][1]
    return next(server for server in cluster.servers if server.port == int(port))


async def until_primary(server: ClusterServer) -> None:
    """Returns once this server is a primary."""

    async def role() -> bytes:
        return bytes(server.ask("ROLE")[0])

    await wait_for(role, b"master", f"the role of {server.address}")


async def kill_with_a_replica_behind(
    world: World, services: ServiceProcesses, cluster: EmbeddedValkeyCluster, durability: str
) -> tuple[list[Answer], list[str]]:
    """Post on while a primary's replica hears nothing of it, then kill the primary; who was acknowledged, and who of them is lost."""
    services.start("ingest", INGEST_DURABILITY=durability, **PATIENT)
    victim = cluster.primaries()[0]
    replica = replica_of(cluster, victim)
    # so many that the others have their turn while the victims wait for the replica
    async with Postbacks(services.url("ingest"), world.company, in_flight=40, pause_seconds=0.005) as load:
        shares = Shares(victim, world, load)
        await shares.until_acknowledged(100, victims=True)
        await shares.until_acknowledged(100, victims=False)
        replica.pause()
        victim.ask("CLIENT", "KILL", "TYPE", "REPLICA")  # what is under way to it is cut off, too
        behind = len(load.answers)
        await shares.until_acknowledged(50, victims=False, since=behind)
        if durability == "durable":
            await shares.until_acknowledged(10, victims=True, since=behind)
        victim.kill()
        replica.resume()
        killed = len(load.answers)
        await shares.until_acknowledged(100, victims=False, since=killed)
        await until_primary(replica)
        victim.start()  # as a replica now: in replicated a primary without one takes nothing
        await shares.until_acknowledged(100, victims=True, since=killed)
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


@pytest.mark.parametrize("kills", [pytest.param(2, marks=pytest.mark.long), pytest.param(20, marks=pytest.mark.long)])
async def test_nothing_acknowledged_in_replicated_is_lost_in_one_failover_after_another(
    world: World, services: ServiceProcesses, mortal_cluster: EmbeddedValkeyCluster, kills: int
) -> None:
    services.start("ingest", INGEST_DURABILITY="replicated", **PATIENT)
    async with Postbacks(services.url("ingest"), world.company, pause_seconds=0.005) as load:
        for _ in range(kills):
            victim = random.choice(mortal_cluster.primaries())
            shares, replica = Shares(victim, world, load), replica_of(mortal_cluster, victim)
            await shares.until_acknowledged(100, victims=True)
            victim.kill()
            killed = len(load.answers)
            await until_primary(replica)
            victim.start()
            await shares.until_acknowledged(20, victims=True, since=killed)
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
    services.start("ingest", INGEST_STORE_TIMEOUT_MS="4000")
    victim = mortal_cluster.primaries()[2]
    replica = replica_of(mortal_cluster, victim)
    async with Postbacks(services.url("ingest"), world.company, pause_seconds=0.005) as load:
        shares = Shares(victim, world, load)
        await shares.until_acknowledged(100, victims=True)
        victim.pause()
        frozen = len(load.answers)
        await until_primary(replica)
        await shares.until_acknowledged(100, victims=True, since=frozen)
        victim.resume()
        resumed = len(load.answers)
        await shares.until_acknowledged(100, victims=True, since=resumed)
    assert {answer.status for answer in load.answers} <= {200, 503}
    assert {answer.status for answer in load.answers[resumed:]} == {200}
    assert await find_lost(world, mortal_cluster.url, load.acknowledged()[:100]) == []


async def test_the_drain_goes_on_with_the_others_and_brings_the_rest_over_later(
    world: World, services: ServiceProcesses, mortal_cluster: EmbeddedValkeyCluster
) -> None:
    services.start("ingest", INGEST_DURABILITY="replicated", **PATIENT)
    victim = mortal_cluster.primaries()[1]
    replica = replica_of(mortal_cluster, victim)

    async def count_drained(answers: list[Answer], *, victims: bool) -> int:
        await world.drain_loop.drain_once(world.postgres)
        callers = {row["caller_number"] for row in await world.postgres.fetch("select caller_number from postback_log")}
        return sum(answer.caller in callers and shares.is_victims(answer) is victims for answer in answers)

    async with Postbacks(services.url("ingest"), world.company, in_flight=4, pause_seconds=0.01) as load:
        shares = Shares(victim, world, load)
        await shares.until_acknowledged(20, victims=True)
        replica.pause()  # so that nobody takes over yet
        victim.kill()
        killed = len(load.answers)
        await shares.until_acknowledged(20, victims=False, since=killed)
        after = [answer for answer in load.answers[killed:] if answer.status == 200]
        await wait_for(lambda: count_drained(after, victims=False), AtLeast(20))
        victim.start()
        replica.resume()
        await shares.until_acknowledged(20, victims=True, since=killed)
    acknowledged = load.acknowledged()
    of_victim = sum(map(shares.is_victims, acknowledged))
    await wait_for(lambda: count_drained(acknowledged, victims=True), of_victim)
    assert await count_drained(acknowledged, victims=False) == len(acknowledged) - of_victim


@pytest.fixture
async def moving(world: World, services: ServiceProcesses) -> AsyncIterator[Postbacks]:
    """Publishers at a patient ingest."""
    services.start("ingest", INGEST_STORE_TIMEOUT_MS=str(PATIENT_MS))
    async with Postbacks(services.url("ingest"), world.company, pause_seconds=0.005) as load:
        yield load


@pytest.mark.parametrize("how", ["whole", "key_by_key"])
async def test_slots_move_under_load_and_nobody_fails_for_good(
    world: World, moving: Postbacks, mortal_cluster: EmbeddedValkeyCluster, how: str
) -> None:
    load, (source, target, *_) = moving, mortal_cluster.primaries()
    slots = sorted({slot_of(partition) for partition in ALL_PARTITIONS} & cluster_moves.slots_of(source))[:20]
    await load.until_acknowledged(300)
    move = cluster_moves.move_whole if how == "whole" else cluster_moves.move_key_by_key
    await move(slots, source, target)

    async def count_acknowledged_in_a_row() -> int:
        answers = [answer.status for answer in load.answers]
        return answers[::-1].index(503) if 503 in answers else len(answers)

    await wait_for(count_acknowledged_in_a_row, AtLeast(300))
    assert {answer.status for answer in load.answers} <= {200, 503}
    refused = [answer for answer in load.answers if answer.status == 503]
    for answer in refused:
        await load.ask(answer.caller, answer.value)
    repeated = {answer.caller: answer.status for answer in load.answers}
    assert {repeated[answer.caller] for answer in refused} <= {200}
    print(f"{how}: n={len(load.answers)} slots={len(slots)} refused={len(refused)}")
    assert await find_lost(world, mortal_cluster.url, load.acknowledged()) == []
