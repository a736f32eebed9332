"""Permissions as forms: of each toggle what is said, and what `inherit` means there."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from admin.handlers import permissions
from admin.pages.page import Context, Done, Form, Page
from admin.pages.said import Said
from admin.route import Ask
from admin.toggles import DEFAULTS, Kind, Level
from schemas.admin.fields import Id
from schemas.admin.permissions import BuyerPermissions, Permissions, PublisherPermissions

OfKind = PublisherPermissions | BuyerPermissions

WORDS: Mapping[str, tuple[str, str]] = {
    "view_dashboard": ("Dashboard", "Its figures."),
    "view_call_log": ("Call log", "Its calls."),
    "run_reports": ("Reports", "Sums over its calls."),
    "view_caller_number": ("Caller number", "Who phoned. Masked: all digits but the last four are stars."),
    "view_duration": ("Duration", "How long a call took, and when it ended."),
    "view_payout": ("Payout", "What the publisher gets."),
    "view_revenue": ("Revenue", "What the buyer pays."),
    "view_buyer": ("Buyer", "Which buyers were tried and answered."),
    "view_publisher": ("Publisher", "Whose call it was, and the number dialed."),
    "listen_to_recordings": ("Recordings", "The recording's link."),
    "export_calls": ("Export", "Lists as CSV."),
    "use_api": ("API", "API tokens of their own."),
    "monitor_live_calls": ("Live calls", "Calls in progress."),
    "create_numbers": ("Create numbers", "In granted campaigns, up to the number cap."),
    "create_postback_keys": ("Postback keys", "Make and change keys of its own."),
    "view_postback_log": ("Postback log", "Its own postbacks."),
    "edit_buyer": ("Edit the buyer", "Its name."),
    "pause_buyer": ("Pause the buyer", "And let it go on."),
    "tag_names": ("Tags", "Tags of these names, and no others."),
}
"""What each toggle is called, and what it shows or lets do."""

FROM: Mapping[Level, str] = {
    "publisher": "from the publisher",
    "buyer": "from the buyer",
    "collaborator": "from the collaborator",
    "company": "from the company",
    "default": "by default",
}
_OPTIONS = {"view_caller_number": ("full", "masked", "none"), "tag_names": ("list",)}


class Toggle(Struct, frozen=True, kw_only=True):
    """A toggle as a form shows it. `setting` is one of `options`, or `inherit`; of tag names `list`, with those in `listed`."""

    name: str
    title: str
    says: str
    options: tuple[str, ...]
    setting: str
    listed: tuple[str, ...]
    inherits: str
    """What `inherit` means now, and from where."""


def list_toggles(kind: Kind, said: OfKind, company: OfKind | None = None) -> list[Toggle]:
    """Every toggle of the kind, as this level says; it inherits from the company, or the company itself from the defaults."""
    above = msgspec.structs.asdict(company) if company else {}
    toggles = []
    for name, setting in msgspec.structs.asdict(said).items():
        from_company = above.get(name, "inherit")
        is_default = from_company == "inherit"
        inherited = DEFAULTS[kind][name] if is_default else from_company
        toggles.append(
            Toggle(
                name=name,
                title=WORDS[name][0],
                says=WORDS[name][1],
                options=_OPTIONS.get(name, ("allow", "deny")),
                setting=setting if isinstance(setting, str) else "list",
                listed=() if isinstance(setting, str) else tuple(setting),
                inherits=f"{in_plain_words(inherited)}, {FROM['default' if is_default else 'company']}",
            )
        )
    return toggles


def in_plain_words(setting: Any) -> str:
    """A setting as a sentence names it: a list of tag names by its names, an empty one as `none`."""
    if isinstance(setting, str):
        return setting
    names = list(setting)
    return "none" if not names else ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def read_of_publishers(said: Said) -> PublisherPermissions:
    return said.read(PublisherPermissions, tag_names=_read_tag_names(said))


def read_of_buyers(said: Said) -> BuyerPermissions:
    return said.read(BuyerPermissions, tag_names=_read_tag_names(said))


def _read_tag_names(said: Said) -> Any:
    chosen = said.text("tag_names")
    if chosen != "list":
        return chosen or msgspec.UNSET
    return said.lines("tag_names_listed")


def list_both(said: Permissions, company: Permissions | None = None) -> Context:
    """The toggles for publishers and for buyers, as the templates of companies and collaborators know them."""
    return {
        "for_publishers": list_toggles("publisher", said.for_publishers, company.for_publishers if company else None),
        "for_buyers": list_toggles("buyer", said.for_buyers, company.for_buyers if company else None),
    }


async def show_permissions(ask: Ask, company_id: Id) -> Context:
    return list_both(await permissions.show_permissions(ask, company_id))


async def change_for_publishers(ask: Ask, said: Said, company_id: Id) -> Done:
    await permissions.change_permissions(ask, company_id, Permissions(for_publishers=read_of_publishers(said)))
    return Done(f"/companies/{company_id}/permissions", "What publishers may is changed, from now on.")


async def change_for_buyers(ask: Ask, said: Said, company_id: Id) -> Done:
    await permissions.change_permissions(ask, company_id, Permissions(for_buyers=read_of_buyers(said)))
    return Done(f"/companies/{company_id}/permissions", "What buyers may is changed, from now on.")


PAGES = (
    Page(
        "/companies/{company_id}/permissions",
        "permissions.html",
        show_permissions,
        "see_permissions",
        forms=(
            Form("for-publishers", change_for_publishers, "change_permissions"),
            Form("for-buyers", change_for_buyers, "change_permissions"),
        ),
    ),
)
