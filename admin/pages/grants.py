"""What is granted to a publisher, in two panes: on the left what could be, on the right what is and since when."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from admin.handlers import grants, publishers
from admin.pages.choices import choose_campaign
from admin.pages.page import Context, Done, Form, Page
from admin.pages.publishers import PUBLISHER
from admin.pages.render import with_query
from admin.pages.said import Said
from admin.route import Ask
from schemas.admin.fields import Id, Query, Search
from schemas.admin.grants import CampaignGrant, GrantsChange, GrantsChanged, GrantsQuery, NumberGrant
from shared.errors import InvalidField

SHOWN = 100
Cursor = Annotated[str, Meta(max_length=400)]


class PanesQuery(Query, frozen=True, kw_only=True):
    """What is searched for on either side, and which part of the lists is shown."""

    find_available: Search | UnsetType = UNSET
    find_granted: Search | UnsetType = UNSET
    available: Cursor | UnsetType = UNSET
    granted: Cursor | UnsetType = UNSET
    history: Cursor | UnsetType = UNSET


class Row(Struct, frozen=True):
    """A campaign or number as both panes show it."""

    id: int
    name: str
    about: str
    granted_at: datetime | None
    revoked_at: datetime | None


class Rows(Struct, frozen=True):
    """A part of one list."""

    rows: list[Row]
    next_cursor: str | None


async def show_campaigns(ask: Ask, company_id: Id, publisher_id: Id, query: PanesQuery) -> Context:
    return await _show_panes(ask, company_id, publisher_id, query, grants.list_campaign_grants)


async def show_numbers(ask: Ask, company_id: Id, publisher_id: Id, query: PanesQuery) -> Context:
    return await _show_panes(ask, company_id, publisher_id, query, grants.list_number_grants)


async def grant_campaigns(ask: Ask, said: Said, company_id: Id, publisher_id: Id) -> Done:
    done = await grants.change_campaign_grants(ask, company_id, publisher_id, _ticked(said, "grant"))
    return _done(company_id, publisher_id, "campaigns", said, done)


async def revoke_campaigns(ask: Ask, said: Said, company_id: Id, publisher_id: Id) -> Done:
    done = await grants.change_campaign_grants(ask, company_id, publisher_id, _ticked(said, "revoke"))
    return _done(company_id, publisher_id, "campaigns", said, done)


async def grant_numbers(ask: Ask, said: Said, company_id: Id, publisher_id: Id) -> Done:
    done = await grants.change_number_grants(ask, company_id, publisher_id, _ticked(said, "grant"))
    return _done(company_id, publisher_id, "numbers", said, done)


async def revoke_numbers(ask: Ask, said: Said, company_id: Id, publisher_id: Id) -> Done:
    done = await grants.change_number_grants(ask, company_id, publisher_id, _ticked(said, "revoke"))
    return _done(company_id, publisher_id, "numbers", said, done)


async def _show_panes(
    ask: Ask, company_id: int, publisher_id: int, query: PanesQuery, list_grants: Callable[..., Awaitable[Any]]
) -> Context:
    """Both panes and the history of one publisher's grants."""
    left = GrantsQuery(available=True, search=query.find_available, cursor=query.available, limit=SHOWN)
    right = GrantsQuery(search=query.find_granted, cursor=query.granted, limit=SHOWN)
    past = GrantsQuery(history=True, cursor=query.history)
    pages = [await list_grants(ask, company_id, publisher_id, part) for part in (left, right, past)]
    named = {grant.campaign_id for page in pages for grant in page.items if isinstance(grant, NumberGrant)}
    names = (await choose_campaign(ask, company_id, named)).names if named else {}
    available, granted, history = (Rows([_row_of(grant, names) for grant in page.items], page.next_cursor) for page in pages)
    return {
        "publisher": await publishers.show_publisher(ask, company_id, publisher_id),
        "available": available,
        "granted": granted,
        "history": history,
    }


def _row_of(grant: CampaignGrant | NumberGrant, campaigns: dict[int, str]) -> Row:
    if isinstance(grant, CampaignGrant):
        return Row(grant.campaign_id, grant.name, "", grant.granted_at, grant.revoked_at)
    about = campaigns.get(grant.campaign_id, f"campaign {grant.campaign_id}")
    return Row(grant.number_id, grant.number, about, grant.granted_at, grant.revoked_at)


def _ticked(said: Said, what: str) -> GrantsChange:
    """What is ticked on the one side; raises InvalidField where nothing is."""
    if not said.texts(what):
        raise InvalidField(f"Tick what you want to {what} first.", field=what)
    other = {"grant": "revoke", "revoke": "grant"}[what]
    return said.read(GrantsChange, **{other: []})


def _done(company_id: int, publisher_id: int, kind: str, said: Said, done: GrantsChanged) -> Done:
    """Back to the panes, with what was searched for."""
    searched = {name: said.text(name) for name in ("find_available", "find_granted")}
    told = [f"{len(ids):,} {verb}." for ids, verb in ((done.granted, "granted"), (done.revoked, "revoked")) if ids]
    where = f"/companies/{company_id}/publishers/{publisher_id}/{kind}{with_query(searched)}".rstrip("?")
    return Done(where, " ".join(told) or "That was so already.")


PAGES = (
    Page(
        PUBLISHER + "/campaigns",
        "grants_of_campaigns.html",
        show_campaigns,
        "see_grants",
        forms=(Form("grant", grant_campaigns, "change_grants"), Form("revoke", revoke_campaigns, "change_grants")),
    ),
    Page(
        PUBLISHER + "/numbers",
        "grants_of_numbers.html",
        show_numbers,
        "see_grants",
        forms=(Form("grant", grant_numbers, "change_grants"), Form("revoke", revoke_numbers, "change_grants")),
    ),
)
