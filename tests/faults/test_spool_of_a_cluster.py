"""While one primary of a cluster is away, only its share of callers goes to the spool."""

from shared.embedded.valkey_cluster import EmbeddedValkeyCluster
from tests.faults.load import Postbacks, eventually
from tests.faults.spooling import has_none_queued
from tests.faults.test_cluster_faults import PATIENT, Shares, has, mortal_cluster, redis_url, replica_of  # noqa: F401 - two are fixtures
from tests.faults.test_store_killed import find_lost
from tests.service_processes import ServiceProcesses
from tests.world import World


async def test_only_the_callers_of_a_primary_that_is_away_are_queued(
    world: World,
    services: ServiceProcesses,
    mortal_cluster: EmbeddedValkeyCluster,  # noqa: F811 - the fixture
    tmp_path: object,
) -> None:
    services.start("ingest", INGEST_SPOOL_DIR=f"{tmp_path}/spool", **PATIENT)
    victim = mortal_cluster.servers[0]
    shares, replica = Shares(victim, world), replica_of(mortal_cluster, victim)
    async with Postbacks(services.url("ingest"), world.company, pause_seconds=0.005) as load:
        await eventually(lambda: has(load, shares, 50, victims=True), 60)
        replica.pause()  # nobody takes over before some are queued
        victim.kill()
        killed = len(load.answers)

        async def are_queued() -> bool:
            return sum(answer.status == 202 for answer in load.answers) >= 20

        await eventually(are_queued, 60)
        replica.resume()
        await eventually(lambda: has(load, shares, 50, victims=False, since=killed), 60)
        taken_over = len(load.answers)
        await eventually(lambda: has(load, shares, 20, victims=True, since=taken_over), 60)
    queued = [answer for answer in load.answers if answer.status == 202]
    assert all(shares.is_victims(answer) for answer in queued)
    await eventually(lambda: has_none_queued(services), 60)
    assert await find_lost(world, mortal_cluster.url, queued) == []
