"""While one primary of a cluster is away, only its share of callers goes to the spool."""

from shared.embedded.valkey_cluster import EmbeddedValkeyCluster
from tests.faults.load import Postbacks
from tests.faults.spooling import count_queued
from tests.faults.test_cluster_faults import PATIENT, Shares, redis_url, replica_of  # noqa: F401 - one is a fixture
from tests.faults.test_store_killed import find_lost
from tests.service_processes import ServiceProcesses
from tests.waiting import wait_for
from tests.world import World


async def test_only_the_callers_of_a_primary_that_is_away_are_queued(
    world: World, services: ServiceProcesses, mortal_cluster: EmbeddedValkeyCluster, tmp_path: object
) -> None:
    services.start("ingest", INGEST_SPOOL_DIR=f"{tmp_path}/spool", **PATIENT)
    victim = mortal_cluster.primaries()[0]
    replica = replica_of(mortal_cluster, victim)
    async with Postbacks(services.url("ingest"), world.company, pause_seconds=0.005) as load:
        shares = Shares(victim, world, load)
        await shares.until_acknowledged(50, victims=True)
        replica.pause()  # nobody takes over before some are queued
        victim.kill()
        killed = len(load.answers)
        await load.until_answered(202, 20)
        replica.resume()
        await shares.until_acknowledged(50, victims=False, since=killed)
        taken_over = len(load.answers)
        await shares.until_acknowledged(20, victims=True, since=taken_over)
    queued = [answer for answer in load.answers if answer.status == 202]
    assert all(shares.is_victims(answer) for answer in queued)
    await wait_for(lambda: count_queued(services), 0)
    assert await find_lost(world, mortal_cluster.url, queued) == []
