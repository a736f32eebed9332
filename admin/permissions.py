"""Who asks, what they may see and do, and what they are shown of a call: the one place where that is decided.

Everything here is pure. Handlers, lists, reports, exports and the SQL of admin/store/sight.py all ask it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from admin.errors import FieldHidden, NotPermitted, ReadOnly
from admin.toggles import DEFAULTS, FIELDS, Kind, Level, Setting, Settings
from schemas.admin.calls import Attribution, Call
from shared.errors import NotFound

Role = Literal["owner", "superuser", "collaborator"]

_TOGGLE_OF = {field: toggle for toggle, fields in FIELDS.items() for field in fields}

COLLABORATORS_NEED: Mapping[str, tuple[str, ...]] = {
    "see_self": (),
    "see_setup": (),
    "see_call_log": ("view_call_log",),
    "run_reports": ("run_reports",),
    "see_dashboard": ("view_dashboard",),
    "see_postback_log": ("view_postback_log",),
    "create_numbers": ("create_numbers",),
    "use_postback_keys": ("create_postback_keys",),
    "edit_buyers": ("edit_buyer", "pause_buyer"),
    "use_api_tokens": ("use_api",),
}
"""Of which toggles a collaborator needs one, on a publisher or buyer they act as. What isn't here only managers may do."""

Action = Literal[
    "see_self",
    "see_company",
    "change_company",
    "see_setup",
    "change_setup",
    "see_engine_keys",
    "change_engine_keys",
    "use_postback_keys",
    "use_api_tokens",
    "create_numbers",
    "edit_buyers",
    "see_collaborators",
    "change_collaborators",
    "see_grants",
    "change_grants",
    "see_permissions",
    "change_permissions",
    "see_audit_log",
    "see_caller_file",
    "erase_caller",
    "see_call_log",
    "see_postback_log",
    "see_dashboard",
    "run_reports",
]


class Decision(Struct, frozen=True):
    """What applies, and which level says so."""

    setting: Setting
    level: Level


class Levels(Struct, frozen=True, kw_only=True):
    """What is said on each level that concerns one collaborator."""

    company: Mapping[Kind, Settings] = {}
    collaborator: Mapping[Kind, Settings] = {}
    publishers: Mapping[int, Settings] = {}
    buyers: Mapping[int, Settings] = {}


def decide(kind: Kind, name: str, levels: Levels, subject_id: int) -> Decision:
    """What applies to a collaborator as this publisher or buyer: the most specific level that says something.

    A collaborator's own denial always holds for that person, whatever their publisher or buyer may.
    """
    own = levels.collaborator.get(kind, {})
    subject = (levels.publishers if kind == "publisher" else levels.buyers).get(subject_id, {})
    if name in own and is_denial(own[name]):
        return Decision(own[name], "collaborator")
    said: tuple[tuple[Level, Settings], ...] = (
        (kind, subject),
        ("collaborator", own),
        ("company", levels.company.get(kind, {})),
        ("default", DEFAULTS[kind]),
    )
    return next(Decision(settings[name], level) for level, settings in said if name in settings)


def is_denial(setting: Setting) -> bool:
    return setting in ("deny", "none", ())


class Subject(Struct, frozen=True):
    """A publisher or buyer that somebody acts as, and all that was decided for them as it."""

    kind: Kind
    id: int
    decisions: Mapping[str, Decision]

    def setting(self, name: str) -> Setting:
        """What applies; a denial for a toggle that this kind doesn't have."""
        return self.decisions[name].setting if name in self.decisions else "deny"

    def may(self, name: str) -> bool:
        return not is_denial(self.setting(name))

    def shows(self, field: str) -> bool:
        """Whether the whole of this field of a call may be seen as this one; a publisher knows itself, and so does a buyer."""
        if field == "caller_number":
            return self.setting("view_caller_number") == "full"
        toggle = _TOGGLE_OF.get(field)
        return toggle is None or self.may(toggle) or toggle == f"view_{self.kind}"


def decide_all(kind: Kind, levels: Levels, subject_id: int) -> Subject:
    """All that applies to a collaborator as this publisher or buyer."""
    return Subject(kind, subject_id, {name: decide(kind, name, levels, subject_id) for name in DEFAULTS[kind]})


class Sight(Struct, frozen=True, kw_only=True):
    """Through which publishers and buyers something is seen; everything, for a manager. Calls in progress through `live_buyer_ids`."""

    everything: bool = False
    publisher_ids: tuple[int, ...] = ()
    buyer_ids: tuple[int, ...] = ()
    live_buyer_ids: tuple[int, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.everything or self.publisher_ids or self.buyer_ids)

    def check_publisher(self, publisher_id: int | None, *, field: str | None = None) -> None:
        """Raise NotFound for a publisher that isn't in sight: for who looks it doesn't exist."""
        if not (self.everything or publisher_id in self.publisher_ids):
            raise NotFound("There is no such publisher.", field=field)

    def check_buyer(self, buyer_id: int) -> None:
        """Raise NotFound for a buyer that isn't in sight."""
        if not (self.everything or buyer_id in self.buyer_ids):
            raise NotFound("There is no such buyer.")


class Actor(Struct, frozen=True, kw_only=True):
    """Who a request comes from, and as what: in one company, or in none where it is about themselves."""

    kind: Literal["api_token", "person", "visitor"]
    name: str = ""
    company_id: int | None = None
    role: Role | None = None
    user_id: int | None = None
    session_id: int | None = None
    collaborator_id: int | None = None
    api_token_id: int | None = None
    subjects: tuple[Subject, ...] = ()
    viewing_as: int | None = None

    @property
    def is_manager(self) -> bool:
        """Owner and superusers, and tokens of the company's own; not while they look at things as somebody else."""
        return self.role in ("owner", "superuser")

    def described(self) -> dict[str, object]:
        """As the audit log names them."""
        ids = {"api_token": self.api_token_id, "person": self.user_id}
        return {"kind": self.kind, "id": ids.get(self.kind), "name": self.name}

    def subjects_that(self, *names: str) -> tuple[Subject, ...]:
        """Those as whom all of this is allowed."""
        return tuple(subject for subject in self.subjects if all(subject.may(name) for name in names))

    def sight(self, *names: str, field: str | None = None) -> Sight:
        """Through whom is seen what needs these toggles, and shows the whole of this field."""
        if self.is_manager:
            return Sight(everything=True)
        seen = [subject for subject in self.subjects_that(*names) if field is None or subject.shows(field)]
        buyers = [subject for subject in seen if subject.kind == "buyer"]
        return Sight(
            publisher_ids=tuple(subject.id for subject in seen if subject.kind == "publisher"),
            buyer_ids=tuple(buyer.id for buyer in buyers),
            live_buyer_ids=tuple(buyer.id for buyer in buyers if buyer.may("monitor_live_calls")),
        )

    def sight_of_tag(self, name: str, *names: str) -> Sight:
        """Through whom a tag is seen, besides what needs these toggles."""
        if self.is_manager:
            return Sight(everything=True)
        knowing = tuple(subject for subject in self.subjects if name in subject.setting("tag_names"))
        return msgspec.structs.replace(self, subjects=knowing).sight(*names)

    def check_shows(self, sight: Sight, field: str) -> Sight:
        """The sight, with which a list may be filtered, sorted or grouped by `field`. Raises FieldHidden if nobody has it."""
        if sight.is_empty:
            raise FieldHidden(field=field)
        return sight

    def publisher_ids(self, *names: str) -> tuple[int, ...]:
        return self.sight(*names).publisher_ids

    def buyer_ids(self, *names: str) -> tuple[int, ...]:
        return self.sight(*names).buyer_ids


def check_may(actor: Actor, action: Action, company_id: int | None, *, changes: bool = False) -> None:
    """Raise NotFound for a company that isn't theirs, as it doesn't exist for them; NotPermitted for what they may not do in theirs."""
    if company_id is not None and company_id != actor.company_id:
        raise NotFound
    if changes and actor.viewing_as is not None:
        raise ReadOnly
    if actor.is_manager or action == "see_self":
        return
    needed = COLLABORATORS_NEED.get(action)
    if needed is None or (needed and not any(actor.subjects_that(name) for name in needed)):
        raise NotPermitted


def may(actor: Actor, action: Action) -> bool:
    """Whether they may do this in the company that they are in."""
    try:
        check_may(actor, action, actor.company_id)
    except NotPermitted:
        return False
    return True


SOMEBODY_ELSES = -1
"""The id of a publisher or buyer that nobody acts as."""


def mask(call: Call, seen_as: Sequence[Subject]) -> Call:
    """The call as it is shown to somebody who sees it as these: of each field what any of them may see.

    `hidden` names what they may not see whatever stands there, so that it doesn't tell whether anything does; of tags only names are ever
    permitted, so there may always be more.
    """
    shown: dict[str, object] = {
        "caller_number": mask_number(call.caller_number, seen_as),
        "tags": mask_tags(call.tags, seen_as),
    }
    hidden = ["tags"] if any(subject.shows("caller_number") for subject in seen_as) else ["caller_number", "tags"]
    for field in _TOGGLE_OF:
        value = getattr(call, field)
        shown[field] = value if any(shows_value(subject, field, value) for subject in seen_as) else None
        if shown[field] is None and not any(shows_value(subject, field, SOMEBODY_ELSES) for subject in seen_as):
            hidden.append(field)
    return msgspec.structs.replace(call, **shown, hidden=sorted(hidden))


def shows_value(subject: Subject, field: str, value: object) -> bool:
    """Whether this value may be seen; another publisher's or buyer's id is shown as its own would be only where that is allowed."""
    if subject.kind == "publisher" and field == "publisher_id":
        return value in (None, subject.id)
    if subject.kind == "buyer" and field in ("answered_by", "routed_to"):
        return value in (None, subject.id)
    return subject.shows(field)


def mask_number(number: str | None, seen_as: Iterable[Subject]) -> str | None:
    """The caller number as the most that any of them may see of it."""
    settings = {subject.setting("view_caller_number") for subject in seen_as}
    if number is None or "full" in settings:
        return number
    return hide_digits(number) if "masked" in settings else None


def hide_digits(number: str) -> str:
    """`+15551230000` as `+*******0000`: the last four digits are enough to tell two callers apart."""
    return "+" + "*" * (len(number) - 5) + number[-4:]


def visible_tag_names(seen_as: Iterable[Subject]) -> frozenset[str]:
    return frozenset(name for subject in seen_as for name in subject.setting("tag_names") if subject.may("tag_names"))


def mask_tags(tags: Mapping[str, str], seen_as: Sequence[Subject]) -> dict[str, str]:
    """Those of the names that any of them may see."""
    visible = visible_tag_names(seen_as)
    return {name: value for name, value in tags.items() if name in visible}


def mask_attribution(attribution: Mapping[str, Attribution], seen_as: Sequence[Subject]) -> dict[str, Attribution]:
    """Where the visible tags came from, as far as whose they are may be known: a publisher knows its own."""
    visible = visible_tag_names(seen_as)
    return {
        name: source
        for name, source in attribution.items()
        if name in visible
        and any(
            source.publisher_id == subject.id if subject.kind == "publisher" else subject.may("view_publisher")
            for subject in seen_as
        )
    }
