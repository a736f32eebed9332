"""Keys take effect at once, survive lost notifications, and PostgreSQL being away."""

import time
from typing import Any

import asyncpg
import pytest

from ingest.app import create_app
from ingest.settings import IngestSettings
from shared.secret import hash_secret
from tests.conftest import CheckFigure
from tests.service_processes import PATIENT_MS
from tests.waiting import wait_for
from tests.world import DoorServer, Key, World


async def status_of(world: World, key: Key) -> int:
    return int((await world.post({"a": "1"}, key=key))["http"])


async def becomes(world: World, key: Key, status: int) -> float:
    """Waits until postbacks with this key get this status. Returns how many seconds that took."""
    began = time.monotonic()
    await wait_for(lambda: status_of(world, key), status, "status of a postback with the key")
    return time.monotonic() - began


@pytest.fixture
def frequent_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at PostgreSQL twenty times as often, for tests of what a look does rather than of when it comes."""
    monkeypatch.setattr("ingest.keyring_sync.LOOK_SECONDS", 0.1)


async def snapshot_size(world: World) -> int:
    """Returns how many postback keys the snapshot has."""
    return int(await world.store.hlen("{keyring}:postback_keys"))


async def test_a_new_key_works_within_a_second(world: World, check_figure: CheckFigure) -> None:
    key = await world.add_key()
    check_figure("a new key works after, in s", await becomes(world, key, 200), at_most=1)


@pytest.mark.parametrize("change", ["paused = true", "revoked_at = now()"])
async def test_a_paused_or_revoked_key_stops_within_a_second(world: World, change: str, check_figure: CheckFigure) -> None:
    assert await status_of(world, world.company.key) == 200
    await world.postgres.execute(f"update postback_keys set {change}")
    check_figure("the key stops after, in s", await becomes(world, world.company.key, 401), at_most=1)


async def test_a_changed_key_does_what_it_says_within_a_second(world: World, check_figure: CheckFigure) -> None:
    assert (await world.post({"a": "1"}))["outcome"] == "stored"
    await world.postgres.execute("update postback_keys set storage_duration_seconds = 0, end_call_cutoff_seconds = 0")

    async def outcome() -> str:
        return str((await world.post({"a": "1"}))["outcome"])

    began = time.monotonic()
    await wait_for(outcome, "not_stored")
    check_figure("the changed key does what it says after, in s", time.monotonic() - began, at_most=1)


async def test_a_company_that_moves_reads_numbers_by_its_new_region(world: World, check_figure: CheckFigure) -> None:
    assert (await world.post({"a": "1"}, caller="020 7946 0006"))["code"] == "invalid_caller_number"
    await world.postgres.execute("update companies set default_region = 'GB'")

    async def number_as_read() -> str | None:
        return (await world.post({"a": "1"}, caller="020 7946 0006")).get("caller_number")

    began = time.monotonic()
    await wait_for(number_as_read, "+442079460006")
    check_figure("numbers are read by the new region after, in s", time.monotonic() - began, at_most=1)


async def test_a_rotated_secret_works_beside_the_old_one_for_its_grace_time(world: World, check_figure: CheckFigure) -> None:
    old, new = world.company.key, Key(world.company.key.id, "cs_pk_new")
    await world.postgres.execute(
        "update postback_key_secrets set valid_until = now() + interval '1 hour' where postback_key_id = $1", old.id
    )
    await world.postgres.execute(
        "insert into postback_key_secrets (secret_hash, postback_key_id) values ($1, $2)", hash_secret(new.secret), old.id
    )
    check_figure("the new secret works after, in s", await becomes(world, new, 200), at_most=1)
    assert await status_of(world, old) == 200
    await world.postgres.execute(
        "update postback_key_secrets set valid_until = now() + interval '1 second' where secret_hash = $1",
        hash_secret(old.secret),
    )
    seconds = await becomes(world, old, 401)
    check_figure("a grace time of 1 s ends after, in s", seconds, at_most=1.5)  # by itself: the next look is after two
    assert await status_of(world, new) == 200


async def test_a_lost_notification_costs_no_more_than_five_seconds(world: World, check_figure: CheckFigure) -> None:
    assert await status_of(world, world.company.key) == 200
    await world.postgres.execute("alter table postback_keys disable trigger announce")
    await world.postgres.execute("update postback_keys set paused = true")
    seconds = await becomes(world, world.company.key, 401)
    check_figure("a change without its notification is known after, in s", seconds, at_most=5)


@pytest.mark.usefixtures("frequent_looks")
async def test_a_change_committed_after_a_later_one_is_not_missed(world: World, postgres_url: str) -> None:
    """Transactions commit out of order: the one that began first and commits last must be seen without a notification."""
    slow_key = await world.add_key()
    await world.eventually_known(slow_key)
    await world.postgres.execute("alter table postback_keys disable trigger announce")
    slow = await asyncpg.connect(postgres_url)
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute("update postback_keys set paused = true where id = $1", slow_key.id)
    await world.postgres.execute("update postback_keys set paused = true where id = $1", world.company.key.id)
    await becomes(world, world.company.key, 401)  # the later one has been looked at
    assert await status_of(world, slow_key) == 200
    await transaction.commit()
    await slow.close()
    await becomes(world, slow_key, 401)


async def test_whatever_is_wrong_with_a_key_the_reply_is_the_same(world: World, subtests: pytest.Subtests) -> None:
    paused, revoked = await world.add_key(), await world.add_key()
    for other, change in ((paused, "paused = true"), (revoked, "revoked_at = now()")):
        await becomes(world, other, 200)  # an unknown key is refused with 401 too
        await world.postgres.execute(f"update postback_keys set {change} where id = $1", other.id)
        await becomes(world, other, 401)
    for key in ("", "nobody", "%ff%00", "a" * 5000, "00000000-0000-4000-8000-000000000000"):
        with subtests.test(key[:40]):
            wrong = await world.send("GET", f"/data_writing?key={key}&caller_number=%2B15551230000&a=1")
            for other in (paused, revoked):
                same = await world.send("GET", f"/data_writing?key={other.secret}&caller_number=%2B15551230000&a=1")
                assert wrong[0] == same[0] == 401
                assert wrong[2] == same[2]
                assert set(wrong[1]) == set(same[1])


async def test_a_key_brought_along_is_known_in_either_case(world: World, check_figure: CheckFigure) -> None:
    await world.postgres.execute(
        "insert into postback_key_secrets (secret_hash, postback_key_id) values ($1, $2)",
        hash_secret("c0ffee00-0000-4000-8000-00000000000a"),
        world.company.key.id,
    )
    seconds = await becomes(world, Key(0, "C0FFEE00-0000-4000-8000-00000000000A"), 200)
    check_figure("a key brought along works after, in s", seconds, at_most=1)


@pytest.mark.on_cluster
async def test_a_worker_that_starts_without_postgres_uses_the_snapshot(world: World, redis_url: str, aiohttp_client: Any) -> None:
    """And says 503, not 401, of a key it can't know."""
    await wait_for(lambda: snapshot_size(world), what="postback keys in the snapshot")
    settings = IngestSettings(
        redis_url=redis_url, postgres_url="postgresql://nobody@127.0.0.1:9/nothing", store_timeout_ms=PATIENT_MS
    )
    world.ingest = await aiohttp_client(DoorServer(create_app(settings)))
    assert await status_of(world, world.company.key) == 200
    reply = await world.post({"a": "1"}, key=Key(0, "unknown"))
    assert (reply["http"], reply["code"], reply["headers"]["Retry-After"]) == (503, "unavailable", "1")
    async with world.ingest.get("/readyz") as ready:
        assert ready.status == 200


@pytest.mark.on_cluster
@pytest.mark.usefixtures("frequent_looks")
async def test_a_snapshot_that_was_lost_is_made_again(world: World) -> None:
    await wait_for(lambda: snapshot_size(world), what="postback keys in the snapshot")
    await world.store.delete("{keyring}:postback_keys")
    await wait_for(lambda: snapshot_size(world), what="postback keys in the snapshot that was lost")


@pytest.mark.on_cluster
async def test_a_worker_without_postgres_and_snapshot_isnt_ready(world: World, redis_url: str, aiohttp_client: Any) -> None:
    await world.ingest.close()  # or it makes the snapshot again
    await world.store.delete("{keyring}:postback_keys")
    settings = IngestSettings(
        redis_url=redis_url, postgres_url="postgresql://nobody@127.0.0.1:9/nothing", store_timeout_ms=PATIENT_MS
    )
    client = await aiohttp_client(DoorServer(create_app(settings)))
    async with client.get("/readyz") as ready:
        assert ready.status == 503
        assert "keyring" in (await ready.json())["missing"]
