"""Who asks, and the one place where it is decided whether they may do what they ask."""

from typing import Literal

from msgspec import Struct

from shared.errors import NotFound

Action = Literal[
    "see_self",
    "see_company",
    "change_company",
    "see_setup",
    "change_setup",
    "see_keys",
    "change_keys",
    "see_call_log",
    "see_postback_log",
]


class Actor(Struct, frozen=True, kw_only=True):
    """Who a request comes from: an API token of one company."""

    api_token_id: int
    name: str
    company_id: int


def check_may(actor: Actor, action: Action, company_id: int | None) -> None:
    """Raise NotFound unless `actor` may do `action` in this company: what isn't theirs doesn't exist for them.

    An API token may do everything in its own company, so `action` decides nothing yet.
    """
    if company_id is not None and company_id != actor.company_id:
        raise NotFound
