"""Grants of campaigns and tracking numbers to publishers: whole sets and changes, over time, and what removing does to them."""

import random
from datetime import datetime

import asyncpg
import pytest

from tests.integration.admin.granting import NOUNS, Ids, id_of, live, make_publisher, make_things, put, spans
from tests.integration.admin.manager import Manager


@pytest.mark.parametrize("noun", NOUNS)
async def test_a_whole_set_is_put_and_putting_it_again_changes_nothing(manager: Manager, noun: str) -> None:
    address, ids = await make_publisher(manager), await make_things(manager, noun, 4)
    assert await put(manager, address, noun, [ids[2], ids[0], ids[2]]) == {"granted": [ids[0], ids[2]], "revoked": []}
    before = await manager.get(f"{address}/{noun}")
    assert await put(manager, address, noun, [ids[0], ids[2]]) == {"granted": [], "revoked": []}
    assert await manager.get(f"{address}/{noun}") == before, "what is granted already keeps its date"
    assert await put(manager, address, noun, ids[2:]) == {"granted": [ids[3]], "revoked": [ids[0]]}
    assert await live(manager, address, noun) == ids[2:]
    assert await put(manager, address, noun, []) == {"granted": [], "revoked": ids[2:]}
    assert await live(manager, address, noun) == []


@pytest.mark.parametrize("noun", NOUNS)
async def test_some_are_granted_and_others_revoked(manager: Manager, noun: str) -> None:
    address, ids = await make_publisher(manager), await make_things(manager, noun, 3)
    await put(manager, address, noun, ids[:2])
    change = {"grant": [ids[2], ids[1]], "revoke": [ids[0]]}
    assert await manager.change(f"{address}/{noun}", **change) == {"granted": [ids[2]], "revoked": [ids[0]]}
    assert await manager.change(f"{address}/{noun}", **change) == {"granted": [], "revoked": []}
    assert await manager.change(f"{address}/{noun}") == {"granted": [], "revoked": []}
    assert await live(manager, address, noun) == ids[1:]
    reply = await manager.ask("PATCH", f"{address}/{noun}", {"grant": ids, "revoke": ids[:1]})
    assert reply.problem == (422, "invalid_field", "revoke")


@pytest.mark.parametrize("noun", NOUNS)
async def test_the_two_panes_show_what_is_granted_and_what_is_available(manager: Manager, noun: str) -> None:
    address, ids = await make_publisher(manager), await make_things(manager, noun, 5)
    await put(manager, await make_publisher(manager), noun, ids[3:])
    await put(manager, address, noun, ids[:2])
    await put(manager, address, noun, ids[1:2])
    granted = (await manager.get(f"{address}/{noun}"))["items"]
    assert [(grant[id_of(noun)], grant["revoked_at"]) for grant in granted] == [(ids[1], None)]
    available = await manager.walk(f"{address}/{noun}", available="true", limit=1)
    own = [grant for grant in available if grant[id_of(noun)] in ids]
    assert [(grant[id_of(noun)], grant["id"], grant["granted_at"]) for grant in own] == [
        (thing, None, None) for thing in [ids[0], *ids[2:]]
    ]
    await manager.remove(f"{noun}/{ids[4]}")
    assert ids[4] not in [grant[id_of(noun)] for grant in await manager.walk(f"{address}/{noun}", available="true")]
    reply = await manager.ask("GET", f"{address}/{noun}", available="true", history="true")
    assert reply.problem == (422, "invalid_field", "available")


@pytest.mark.parametrize("noun", NOUNS)
async def test_the_history_shows_every_span(manager: Manager, noun: str) -> None:
    address, (thing,) = await make_publisher(manager), await make_things(manager, noun, 1)
    for ids in ([thing], [], [thing], [], [thing]):
        await put(manager, address, noun, ids)
    history = await manager.walk(f"{address}/{noun}", history="true", limit=2)
    assert [grant["revoked_at"] is None for grant in history] == [False, False, True]
    moments = [moment for grant in history for moment in (grant["granted_at"], grant["revoked_at"]) if moment]
    assert moments == sorted(moments)
    assert (await manager.get(f"{address}/{noun}"))["items"] == history[2:]


@pytest.mark.parametrize("noun", NOUNS)
async def test_an_id_that_is_foreign_or_removed_is_named_and_nothing_changes(
    manager: Manager, neighbour: Manager, db: asyncpg.Connection, noun: str
) -> None:
    address, ids = await make_publisher(manager), await make_things(manager, noun, 3)
    (foreign,) = await make_things(neighbour, noun, 1)
    await put(manager, address, noun, ids[:1])
    await manager.remove(f"{noun}/{ids[2]}")
    before = await spans(db, noun)
    field = id_of(noun) + "s"
    for wrong in (foreign, ids[2], 10**15):
        for method, body, blamed in (
            ("PUT", {field: [ids[1], wrong]}, field),
            ("PATCH", {"grant": [ids[1], wrong]}, "grant"),
            ("PATCH", {"grant": [ids[1]], "revoke": [ids[0], wrong]}, "revoke"),
        ):
            assert (await manager.ask(method, f"{address}/{noun}", body)).problem == (404, "not_found", blamed)
    for method, body in (("PUT", {field: []}), ("PATCH", {})):
        elsewhere = await manager.ask(method, f"publishers/{10**15}/{noun}", body)
        assert elsewhere.status == 404
    assert await spans(db, noun) == before


@pytest.mark.parametrize(("count", "status"), [(10_000, 404), (10_001, 422)])
async def test_a_set_has_ten_thousand_ids_at_most(manager: Manager, count: int, status: int) -> None:
    ids = list(range(10**17, 10**17 + count))
    assert (await manager.ask("PUT", f"{await make_publisher(manager)}/numbers", {"number_ids": ids})).status == status


async def test_ten_thousand_numbers_are_granted_at_once(manager: Manager, db: asyncpg.Connection) -> None:
    (campaign,) = await make_things(manager, "campaigns", 1)
    rows = await db.fetch(
        """
        insert into tracking_numbers (company_id, campaign_id, number)
        select $1, $2, '+1' || (2000000000 + n)
        from generate_series(1, 10000) as n
        returning id
        """,
        manager.company_id,
        campaign,
    )
    address = await make_publisher(manager)
    ids = [row["id"] for row in rows]
    assert len((await put(manager, address, "numbers", ids))["granted"]) == 10_000
    assert len((await put(manager, address, "numbers", ids[1:]))["revoked"]) == 1


# --- removing


@pytest.mark.parametrize("removed", ["campaigns", "numbers", "publishers"])
async def test_removing_revokes(manager: Manager, db: asyncpg.Connection, removed: str) -> None:
    kept, gone = await make_publisher(manager), await make_publisher(manager)
    campaigns, numbers = await make_things(manager, "campaigns", 2), await make_things(manager, "numbers", 2)
    for address in (kept, gone):
        await put(manager, address, "campaigns", campaigns)
        await put(manager, address, "numbers", numbers)
    at = {"campaigns": f"campaigns/{campaigns[0]}", "numbers": f"numbers/{numbers[0]}", "publishers": gone}
    await manager.remove(at[removed])
    assert await live(manager, kept, "campaigns") == (campaigns[1:] if removed == "campaigns" else campaigns)
    assert await live(manager, kept, "numbers") == (numbers[1:] if removed == "numbers" else numbers)
    if removed == "publishers":
        assert (await manager.ask("GET", f"{gone}/numbers")).status == 404
        owner = int(gone.partition("/")[2])
        for noun in NOUNS:
            assert all(span["revoked_at"] for span in await spans(db, noun) if span["publisher_id"] == owner)


# --- a model


class Spans:
    """What grants should be, written down again: by publisher and thing a list of spans, the last of which may be open."""

    def __init__(self) -> None:
        self.open: set[tuple[str, int]] = set()
        self.count: dict[tuple[str, int], int] = {}

    def grant(self, address: str, ids: Ids) -> None:
        for pair in {(address, thing) for thing in ids} - self.open:
            self.open.add(pair)
            self.count[pair] = self.count.get(pair, 0) + 1

    def revoke(self, address: str, ids: Ids) -> None:
        self.open -= {(address, thing) for thing in ids}


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_granted_and_revoked_the_spans_are_those_of_a_model(
    manager: Manager, db: asyncpg.Connection, noun: str, seed: int
) -> None:
    chance, model = random.Random(seed), Spans()
    addresses, ids = [await make_publisher(manager) for _ in range(2)], await make_things(manager, noun, 5)
    for _ in range(25):
        address, some = chance.choice(addresses), chance.sample(ids, chance.randint(0, len(ids)))
        if chance.random() < 0.5:
            await put(manager, address, noun, some)
            model.revoke(address, [thing for thing in ids if thing not in some])
            model.grant(address, some)
        else:
            half = len(some) // 2
            await manager.change(f"{address}/{noun}", grant=some[:half], revoke=some[half:])
            model.grant(address, some[:half])
            model.revoke(address, some[half:])
    for address in addresses:
        assert await live(manager, address, noun) == sorted(thing for owner, thing in model.open if owner == address)
    counted: dict[tuple[str, int], int] = {}
    ended: dict[tuple[str, int], datetime | None] = {}
    for span in await spans(db, noun):
        pair = (f"publishers/{span['publisher_id']}", span["thing"])
        counted[pair] = counted.get(pair, 0) + 1
        before = ended.get(pair)
        assert pair not in ended or (before is not None and before <= span["granted_at"]), "spans never overlap"
        ended[pair] = span["revoked_at"]
    assert counted == model.count
