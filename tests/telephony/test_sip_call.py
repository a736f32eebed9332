"""A telephone rings: what publishers posted about the caller is in the SIP reply."""

import asyncio
from typing import Any

import pytest

from ingest.merger.app import create_app
from ingest.merger.settings import MergerSettings
from shared.embedded import EmbeddedValkey
from tests.conftest import CheckFigure
from tests.telephony.conftest import StartSwitch
from tests.telephony.switch import NEXT_HOP, Switch
from tests.world import CALLER, DoorServer, World


async def test_tags_arrive_in_the_sip_reply(world: World, switch: Switch) -> None:
    await world.post({"prequalified": "true", "agent": "7"})
    reply = await switch.call(CALLER)
    assert reply.tags == [("X-Tag-agent", "7"), ("X-Tag-prequalified", "true")]
    assert reply.get("Contact") == f"<sip:+18005550100@{NEXT_HOP}>"


async def test_a_national_spelling_is_the_same_caller(world: World, switch: Switch) -> None:
    await world.post({"prequalified": "true"})
    assert (await switch.call("5551230000")).tags == [("X-Tag-prequalified", "true")]


async def test_what_isnt_ascii_arrives_percent_encoded(world: World, switch: Switch) -> None:
    await world.post({"city": "Zürich", "share": "50% & more"})
    assert (await switch.call(CALLER)).tags == [("X-Tag-city", "Z%C3%BCrich"), ("X-Tag-share", "50%25 & more")]


async def test_more_tags_than_fit_are_counted(world: World, switch: Switch) -> None:
    await world.post({f"t{number:02}": "x" * 90 for number in range(20)})
    tags = (await switch.call(CALLER)).tags
    assert tags[-1] == ("X-Tags-Dropped", str(20 - len(tags[:-1])))
    assert tags[0] == ("X-Tag-t00", "x" * 90)


@pytest.mark.parametrize("caller", ["anonymous", "unavailable", "12", "+15551230000&x=1"])
async def test_a_caller_who_cant_be_known_gets_a_reply_without_tags(world: World, switch: Switch, caller: str) -> None:
    await world.post({"prequalified": "true"})
    assert (await switch.call(caller)).tags == []


async def test_a_caller_nobody_posted_about_gets_a_reply_without_tags(world: World, switch: Switch) -> None:
    await world.post({"prequalified": "true"})
    assert (await switch.call("+15551230001")).tags == []


async def test_a_look_up_with_a_wrong_key_lets_the_call_go_on(world: World, start_switch: StartSwitch) -> None:
    await world.post({"prequalified": "true"})
    switch = start_switch(str(world.merger.make_url("")), "cs_ek_wrong")
    assert (await switch.call(CALLER)).tags == []


async def test_a_call_goes_on_at_once_while_the_merger_is_down(world: World, switch: Switch, check_figure: CheckFigure) -> None:
    await world.post({"prequalified": "true"})
    assert (await switch.call(CALLER)).tags
    await world.merger.close()
    reply = await switch.call(CALLER)
    assert reply.tags == []
    check_figure("a call goes on while the merger is down after, in s", reply.seconds, at_most=1)


async def test_a_call_goes_on_while_the_store_is_frozen(
    world: World,
    start_switch: StartSwitch,
    valkey: EmbeddedValkey,
    redis_url: str,
    postgres_url: str,
    aiohttp_client: Any,
    check_figure: CheckFigure,
) -> None:
    """The merger gives up before the switch does, and answers without tags."""
    settings = MergerSettings(redis_url=redis_url, postgres_url=postgres_url)
    merger = await aiohttp_client(DoorServer(create_app(settings)))
    switch = start_switch(str(merger.make_url("")), world.company.engine_key.secret)
    await world.post({"prequalified": "true"})
    valkey.pause()
    try:
        reply = await switch.call(CALLER)
    finally:
        valkey.resume()
    assert reply.tags == []
    check_figure("a call goes on while the store is frozen after, in s", reply.seconds, at_most=1)


async def test_a_call_goes_on_when_the_merger_accepts_and_says_nothing(
    start_switch: StartSwitch, check_figure: CheckFigure
) -> None:
    """The switch's own patience, for what no merger can promise."""
    asked, replied = asyncio.Event(), asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """More than once, also when all is over: a phone that hears nothing repeats its INVITE."""
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await replied.wait()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        reply = await start_switch(f"http://127.0.0.1:{port}", "cs_ek_any", patience_seconds=1).call(CALLER)
        replied.set()
    assert asked.is_set()
    assert reply.tags == []
    check_figure("a call goes on when the merger says nothing after, in s", reply.seconds, at_least=0.5, at_most=3)
