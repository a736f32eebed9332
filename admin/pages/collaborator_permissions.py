"""What one collaborator may: what applies and which level says so, and what is said of them alone."""

from msgspec import Struct

from admin.handlers import collaborators, permissions
from admin.pages.page import Context, Done, Form, Page
from admin.pages.permissions import FROM, WORDS, in_plain_words, list_both, read_of_buyers, read_of_publishers
from admin.pages.said import Said
from admin.permissions import is_denial
from admin.route import Ask
from admin.toggles import DEFAULTS, Kind
from schemas.admin.fields import Id
from schemas.admin.permissions import EffectiveOfSubject, Permissions

_MOST_NAMES = 5


class Applied(Struct, frozen=True, kw_only=True):
    """One way in which a toggle applies, and as whom; `names` is empty where it is the only way."""

    setting: str
    is_denied: bool
    level: str
    names: str


class AppliedToggle(Struct, frozen=True, kw_only=True):
    """A toggle, and what applies as each of those that somebody acts as."""

    title: str
    says: str
    applied: list[Applied]


async def show_effective(ask: Ask, company_id: Id, collaborator_id: Id) -> Context:
    one = await collaborators.show_collaborator(ask, company_id, collaborator_id)
    effective = await permissions.show_effective_permissions(ask, company_id, collaborator_id)
    sides: list[tuple[Kind, str]] = [("publisher", "As publishers"), ("buyer", "As buyers")]
    tables = []
    for kind, title in sides:
        subjects = [item for item in effective.items if item.kind == kind]
        if subjects:
            tables.append((title, _list_names([item.name for item in subjects]), _gather(kind, subjects)))
    return {"one": one, "everything": effective.everything, "tables": tables, "tab": "/effective-permissions"}


def _gather(kind: Kind, subjects: list[EffectiveOfSubject]) -> list[AppliedToggle]:
    """By toggle, those as whom the same applies together."""
    rows = []
    for name in DEFAULTS[kind]:
        ways: dict[tuple[str, bool, str], list[str]] = {}
        for subject in subjects:
            applies = subject.permissions[name]
            setting = tuple(applies.setting) if isinstance(applies.setting, list) else applies.setting
            way = (in_plain_words(setting), is_denial(setting), FROM[applies.level])
            ways.setdefault(way, []).append(subject.name)
        applied = [
            Applied(setting=setting, is_denied=denied, level=level, names=_list_names(names) if len(ways) > 1 else "")
            for (setting, denied, level), names in ways.items()
        ]
        rows.append(AppliedToggle(title=WORDS[name][0], says=WORDS[name][1], applied=applied))
    return rows


def _list_names(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


async def show_own(ask: Ask, company_id: Id, collaborator_id: Id) -> Context:
    one = await collaborators.show_collaborator(ask, company_id, collaborator_id)
    said = await permissions.show_permissions_of_collaborator(ask, company_id, collaborator_id)
    of_company = await permissions.show_permissions(ask, company_id)
    return {"one": one, "tab": "/permissions"} | list_both(said, of_company)


async def change_for_publishers(ask: Ask, said: Said, company_id: Id, collaborator_id: Id) -> Done:
    return await _change(ask, company_id, collaborator_id, Permissions(for_publishers=read_of_publishers(said)))


async def change_for_buyers(ask: Ask, said: Said, company_id: Id, collaborator_id: Id) -> Done:
    return await _change(ask, company_id, collaborator_id, Permissions(for_buyers=read_of_buyers(said)))


async def _change(ask: Ask, company_id: int, collaborator_id: int, change: Permissions) -> Done:
    await permissions.change_permissions_of_collaborator(ask, company_id, collaborator_id, change)
    return Done(f"/companies/{company_id}/collaborators/{collaborator_id}/permissions", "The change is made, from now on.")


PAGES = (
    Page(
        "/companies/{company_id}/collaborators/{collaborator_id}/effective-permissions",
        "effective_permissions.html",
        show_effective,
        "see_permissions",
    ),
    Page(
        "/companies/{company_id}/collaborators/{collaborator_id}/permissions",
        "collaborator_permissions.html",
        show_own,
        "see_permissions",
        forms=(
            Form("for-publishers", change_for_publishers, "change_permissions"),
            Form("for-buyers", change_for_buyers, "change_permissions"),
        ),
    ),
)
