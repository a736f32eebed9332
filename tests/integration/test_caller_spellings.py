"""Guarantee 28: a spelling of a caller number means the same E.164 number at every door, or is refused at every door."""

import csv
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.world import Company, World

MEANT: dict[str, list[tuple[str, str]]] = {
    "US": [
        ("+15551230000", "+15551230000"),
        ("+10123456789", "+10123456789"),  # published as an example; possible, not valid
        ("+3569878933094", "+3569878933094"),  # published, too
        (" 15551230001", "+15551230001"),  # a raw + in a query
        ("5551230002", "+15551230002"),
        ("15551230003", "+15551230003"),
        ("(555) 123-0004", "+15551230004"),
        ("[555] 123.0005", "+15551230005"),
        ("555\u2011123\u20110006", "+15551230006"),  # as pasted from a page
        ("+1 (555) 123-0007", "+15551230007"),
        ("00442079460008", "+442079460008"),
        ("011 44 20 7946 0009", "+442079460009"),
    ],
    "GB": [
        ("020 7946 0006", "+442079460006"),
        ("0123 456780", "+44123456780"),
        ("0044 20 7946 0007", "+442079460007"),
        ("+1 (555) 123-0000", "+15551230000"),
    ],
}  # fmt: skip
"""Spellings that mean a number to a company of a region; no number twice, so that each finds its own tag."""

MEANINGLESS = [
    "anonymous", "Anonymous", "restricted", "unavailable", "private", "unknown", "123", "1230000", "1-800-CALLNOW", "+1555123000a",
    "5551230000x12", "5551230000 ext. 12", "+1 555 123 0000;phone-context=us", "tel:+15551230000", "++15551230000", "1+5551230000",
    "\uff15\uff15\uff15\uff11\uff12\uff13\uff10\uff10\uff10\uff10", "\u0665\u0665\u0665\u0661\u0662\u0663\u0660\u0660\u0660\u0660",
    "+1555123000\uff10", "+1234567", "+1234567890123456", "5" * 300, "+" + "1" * 300, "555/123/0000", "555_123_0000",
]  # fmt: skip

Door = Callable[[World, Company, str, str], Awaitable[str | None]]
"""Says something of a caller so spelt, with a tag of this value, and answers whom it was taken for; None: it was refused."""


async def ask(world: World, method: str, path: str, body: Any = None, content_type: str | None = None, **headers: str) -> Any:
    """One request to ingest; the reply's JSON with its status as `http`."""
    if content_type:
        headers["Content-Type"] = content_type
    status, _, said = await world.send(method, path, headers, body)
    return said | {"http": status}


def caller_of(said: Any) -> str | None:
    if said["http"] == 200:
        return str(said["caller_number"])
    assert (said["http"], said["code"]) == (422, "invalid_caller_number")
    return None


async def by_query(world: World, company: Company, spelling: str, value: str) -> str | None:
    query = urlencode({"key": company.key.secret, "caller_number": spelling, "tag": value})
    return caller_of(await ask(world, "GET", f"/data_writing?{query}"))


async def by_path_key(world: World, company: Company, spelling: str, value: str) -> str | None:
    query = urlencode({"caller_number": spelling, "tag": value}, quote_via=quote)
    return caller_of(await ask(world, "POST", f"/data_writing/{company.key.secret}?{query}"))


async def by_form(world: World, company: Company, spelling: str, value: str) -> str | None:
    form = urlencode({"key": company.key.secret, "caller_number": spelling, "tag": value})
    return caller_of(await ask(world, "POST", "/data_writing", form, "application/x-www-form-urlencoded"))


async def by_json(world: World, company: Company, spelling: str, value: str) -> str | None:
    body = json.dumps({"key": company.key.secret, "caller_number": spelling, "tag": value})
    return caller_of(await ask(world, "POST", "/data_writing", body, "application/json"))


async def in_bulk(world: World, company: Company, body: str, content_type: str, value: str) -> str | None:
    """The caller that an only item was about; bulk doesn't say, so the store is asked who has the tag."""
    said = await ask(world, "POST", "/v1/postbacks", body, content_type, Authorization=f"Bearer {company.key.secret}")
    assert said["http"] == 200
    if said["refused"]:
        assert [error["code"] for error in said["errors"]] == ["invalid_caller_number"]
        return None
    assert said["outcomes"] == {"stored": 1}
    found = [name async for name in world.store.scan_iter("*w:*", count=1000) if value.encode() in await world.store.get(name)]
    assert len(found) == 1
    return str(found[0].decode().rpartition(":")[2])


async def by_ndjson(world: World, company: Company, spelling: str, value: str) -> str | None:
    line = json.dumps({"caller_number": spelling, "tag_values": {"tag": value}})
    return await in_bulk(world, company, line, "application/x-ndjson", value)


async def by_array(world: World, company: Company, spelling: str, value: str) -> str | None:
    body = json.dumps([{"caller_number": spelling, "tag_values": {"tag": value}}], ensure_ascii=False)
    return await in_bulk(world, company, body, "application/json", value)


async def by_csv(world: World, company: Company, spelling: str, value: str) -> str | None:
    page = io.StringIO()
    csv.writer(page).writerows([("caller_number", "tag"), (spelling, value)])
    return await in_bulk(world, company, page.getvalue(), "text/csv", value)


POSTING: list[Door] = [by_query, by_path_key, by_form, by_json, by_ndjson, by_array, by_csv]


async def look_up(world: World, company: Company, spelling: str) -> tuple[str | None, dict[str, str]]:
    status, said = await world.engine("GET", "/v1/lookup", key=company.engine_key, caller_number=spelling)
    assert status == 200
    assert said["degraded"] is False
    return said["caller_number"], said["tags"]


async def hit(world: World, company: Company, spelling: str) -> tuple[str | None, dict[str, str]]:
    status, said = await world.engine("POST", "/v1/calls", {"caller_number": spelling}, company.engine_key)
    assert status == 201
    return said["caller_number"], said["tags"]


async def hit_by_form(world: World, company: Company, spelling: str) -> tuple[str | None, dict[str, str]]:
    headers = {"Authorization": f"Bearer {company.engine_key.secret}"}
    async with world.merger.post("/v1/calls", data={"caller_number": spelling}, headers=headers) as reply:
        assert reply.status == 201
        said = await reply.json(content_type=None)
    return said["caller_number"], said["tags"]


async def read_back(world: World, company: Company, spelling: str) -> tuple[str | None, dict[str, str]]:
    said = await ask(world, "GET", "/v1/callers/" + quote(spelling, safe=""), Authorization=f"Bearer {company.key.secret}")
    return (number, said["tag_values"]) if (number := caller_of(said)) else (None, {})


READING = [look_up, hit, hit_by_form, read_back]


async def company_that_may_read_back(world: World, region: str) -> Company:
    company = await world.add_company(region, number="+18005550188")
    company.key = await world.add_key(company.id, company.publisher_id, allow_read_back=True)
    await world.eventually_known(company.key)
    await world.engine_key_known(company.engine_key)
    return company


@pytest.mark.parametrize("region", MEANT)
async def test_a_spelling_means_one_number_wherever_it_is_posted(world: World, region: str, subtests: pytest.Subtests) -> None:
    for post in POSTING:
        with subtests.test(post.__name__):
            company = await company_that_may_read_back(world, region)
            for place, (spelling, number) in enumerate(MEANT[region]):
                value = f"{post.__name__}-{place}."
                assert await post(world, company, spelling, value) == number, spelling
                assert await look_up(world, company, number) == (number, {"tag": value})


@pytest.mark.parametrize("region", MEANT)
async def test_a_spelling_means_one_number_wherever_it_is_asked_for(world: World, region: str, subtests: pytest.Subtests) -> None:
    for read in READING:
        with subtests.test(read.__name__):
            company = await company_that_may_read_back(world, region)
            for place, (spelling, number) in enumerate(MEANT[region]):
                await world.post({"tag": f"value-{place}."}, caller=number, key=company.key)
                assert await read(world, company, spelling) == (number, {"tag": f"value-{place}."}), spelling


async def test_what_means_no_number_is_refused_wherever_it_is_posted(world: World, subtests: pytest.Subtests) -> None:
    for post in POSTING:
        with subtests.test(post.__name__):
            for spelling in MEANINGLESS:
                assert await post(world, world.company, spelling, "never") is None, spelling
            assert await world.store.keys("*w:*") == []


async def test_what_means_no_number_has_no_tags_wherever_it_is_asked_for(world: World, subtests: pytest.Subtests) -> None:
    company = await company_that_may_read_back(world, "US")
    for caller in ("+15551230000", "+12345678", "+15555555555"):
        await world.post({"tag": "somebody's"}, caller=caller, key=company.key)
    for read in READING:
        with subtests.test(read.__name__):
            for spelling in MEANINGLESS:
                assert await read(world, company, spelling) == (None, {}), spelling


async def test_a_number_that_is_a_json_number_means_its_digits(world: World, subtests: pytest.Subtests) -> None:
    for post in (by_json, by_ndjson, by_array):
        with subtests.test(post.__name__):
            company, value = await company_that_may_read_back(world, "US"), f"{post.__name__}."
            assert await post(world, company, 15551230000, value) == "+15551230000"  # type: ignore[arg-type]
            assert await hit(world, company, 15551230000) == ("+15551230000", {"tag": value})  # type: ignore[arg-type]
    for number in (1.5551230000e10, True, None, [15551230000]):
        said = await ask(
            world,
            "POST",
            f"/data_writing?key={world.company.key.secret}",
            json.dumps({"caller_number": number, "tag": "never"}),
            "application/json",
        )
        assert 400 <= said["http"] < 500, number
