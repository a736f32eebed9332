"""Each sentence of the merge rules."""

from datetime import datetime

import pytest

from tests.world import CALLER, World

pytestmark = pytest.mark.on_cluster


async def test_tags_match_by_company_and_caller_number(world: World) -> None:
    other = await world.add_company()
    await world.eventually_known(other.key)
    await world.post({"a": "theirs"}, key=other.key)
    await world.post({"b": "somebody else's"}, caller="+15551230001")
    assert (await world.hit("c1"))["tags"] == {}
    await world.post({"a": "ours"}, caller="+15551230002")
    assert (await world.hit("c2", caller="(555) 123-0002"))["tags"] == {"a": "ours"}


async def test_a_publishers_later_write_replaces_its_own_with_the_new_expiry(world: World) -> None:
    short = await world.add_key(storage_duration_seconds=60)
    await world.eventually_known(short)
    await world.post({"a": "old", "b": "old"})
    await world.post({"a": "new"}, key=short)  # the same publisher, another key
    assert await world.look_up() == {"b": "old", "a": "new"}
    await world.age_waiting(61_000)
    assert await world.look_up() == {"b": "old"}  # the older value of a is gone for good


async def test_between_publishers_the_latest_live_write_wins_and_the_others_value_shows_again(world: World) -> None:
    second = await world.add_publisher()
    short = await world.add_key(publisher_id=second, storage_duration_seconds=60)
    await world.eventually_known(short)
    await world.post({"a": "first"})
    await world.post({"a": "second"}, key=short)
    assert await world.look_up() == {"a": "second"}
    await world.age_waiting(61_000)
    assert await world.look_up() == {"a": "first"}


async def test_a_tag_on_a_call_never_expires_with_what_waits(world: World) -> None:
    short = await world.add_key(storage_duration_seconds=60)
    await world.eventually_known(short)
    await world.post({"a": "1"}, key=short)
    await world.hit("c1")
    await world.age_waiting(61_000)
    assert await world.look_up() == {}
    assert (await world.event("c1", "route"))["tags"] == {"a": "1"}


async def test_an_older_value_that_shows_again_doesnt_replace_what_the_call_has(world: World) -> None:
    second = await world.add_publisher()
    short = await world.add_key(publisher_id=second, storage_duration_seconds=60)
    await world.eventually_known(short)
    await world.post({"a": "first"})
    await world.post({"a": "second"}, key=short)
    await world.hit("c1")
    await world.age_waiting(61_000)
    assert (await world.event("c1", "route"))["tags"] == {"a": "second"}


async def test_waiting_tags_go_to_every_call_until_they_expire(world: World) -> None:
    await world.post({"a": "1"})
    for call_uuid in ("c1", "c2", "c3"):
        assert (await world.hit(call_uuid))["tags"] == {"a": "1"}
        await world.event(call_uuid, "end")
    await world.age_waiting(172_800_000)
    assert (await world.hit("c4"))["tags"] == {}


async def test_tags_of_an_apply_once_key_go_to_the_first_call_hit_and_are_gone(world: World) -> None:
    once = await world.add_key(apply_once=True)
    await world.eventually_known(once)
    await world.post({"once": "1"}, key=once)
    await world.post({"always": "1"})
    assert await world.look_up() == {"once": "1", "always": "1"}
    assert await world.look_up() == {"once": "1", "always": "1"}  # looking takes nothing
    assert (await world.hit("c1"))["tags"] == {"once": "1", "always": "1"}
    assert await world.look_up() == {"always": "1"}
    assert (await world.hit("c1"))["tags"] == {"once": "1", "always": "1"}  # the same call again
    assert (await world.hit("c2"))["tags"] == {"always": "1"}


async def test_a_routing_decision_of_a_call_in_progress_takes_no_apply_once_tags(world: World) -> None:
    once = await world.add_key(apply_once=True)
    await world.eventually_known(once)
    await world.hit("c1")
    await world.post({"once": "1"}, key=once)
    await world.event("c1", "route")
    assert await world.look_up() == {"once": "1"}  # still there for the transfer leg
    assert (await world.hit("c2"))["tags"] == {"once": "1"}
    assert await world.look_up() == {}


async def test_every_tag_keeps_its_attribution(world: World) -> None:
    second = await world.add_publisher()
    key = await world.add_key(publisher_id=second)
    await world.eventually_known(key)
    first = await world.post({"a": "1", "b": "1"})
    later = await world.post({"b": "2"}, key=key)
    await world.hit("c1")
    call = await world.call("c1")
    assert call["tags"] == {"a": "1", "b": "2"}
    assert call["attribution"]["a"]["postback_id"] == first["headers"]["Callstamp-Postback-Id"]
    assert call["attribution"]["a"]["publisher_id"] == world.company.publisher_id
    assert call["attribution"]["a"]["postback_key_id"] == world.company.key.id
    assert call["attribution"]["b"]["postback_id"] == later["headers"]["Callstamp-Postback-Id"]
    assert call["attribution"]["b"]["publisher_id"] == second
    assert datetime.fromisoformat(call["attribution"]["b"]["posted_at"]).tzinfo


async def test_the_call_keeps_the_publisher_and_campaign_of_its_hit(world: World) -> None:
    await world.hit("c1")
    await world.postgres.execute("update tracking_numbers set publisher_id = null")
    call = await world.hit("c1", dialed_number="+18005550199")
    assert (call["campaign_id"], call["publisher_id"]) == (world.company.campaign_id, world.company.publisher_id)


async def test_tags_of_a_paused_key_and_of_a_removed_publisher_still_apply(world: World) -> None:
    await world.post({"a": "1"})
    await world.postgres.execute("update postback_keys set paused = true")
    await world.postgres.execute("update publishers set removed_at = now()")
    assert (await world.hit("c1"))["tags"] == {"a": "1"}


async def test_a_look_up_changes_nothing(world: World) -> None:
    async def everything() -> dict[bytes, bytes | None]:
        names = [name for name in await world.store.keys("*") if not name.startswith(b"{keyring}")]
        return {name: await world.store.dump(name) for name in names}

    await world.post({"a": "1"})
    before = await everything()
    await world.look_up()
    assert await everything() == before


async def test_what_the_call_would_get_is_what_it_gets(world: World) -> None:
    await world.post({"a": "1", "b": "2"})
    assert await world.look_up() == (await world.hit("c1", caller=CALLER))["tags"]
