"""What publishers and buyers, and those who act as them, may see and do; said on the levels company, collaborator, publisher and buyer."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from schemas.admin.fields import TEXT_SHAPE, Body

Toggle = Literal["inherit", "allow", "deny"]
CallerNumberToggle = Annotated[
    Literal["inherit", "full", "masked", "none"], Meta(description="`masked`: all digits but the last four are stars.")
]
TagName = Annotated[str, Meta(min_length=1, max_length=128, pattern=TEXT_SHAPE)]
TagNames = Annotated[
    Literal["inherit"] | Annotated[list[TagName], Meta(max_length=200)],
    Meta(description="The names of the tags that may be seen, each once; an empty list: none."),
]


class PublisherPermissions(Body, frozen=True, kw_only=True):
    """Permissions of publishers. A reply has every one of them, a change only those that are to change; `inherit`: nothing is said."""

    view_dashboard: Toggle | UnsetType = UNSET
    view_call_log: Toggle | UnsetType = UNSET
    run_reports: Toggle | UnsetType = UNSET
    view_caller_number: CallerNumberToggle | UnsetType = UNSET
    view_duration: Toggle | UnsetType = UNSET
    view_payout: Toggle | UnsetType = UNSET
    view_revenue: Toggle | UnsetType = UNSET
    view_buyer: Toggle | UnsetType = UNSET
    listen_to_recordings: Toggle | UnsetType = UNSET
    export_calls: Toggle | UnsetType = UNSET
    use_api: Toggle | UnsetType = UNSET
    create_numbers: Toggle | UnsetType = UNSET
    create_postback_keys: Toggle | UnsetType = UNSET
    view_postback_log: Toggle | UnsetType = UNSET
    tag_names: TagNames | UnsetType = UNSET


class BuyerPermissions(Body, frozen=True, kw_only=True):
    """Permissions of buyers. A reply has every one of them, a change only those that are to change; `inherit`: nothing is said."""

    view_dashboard: Toggle | UnsetType = UNSET
    view_call_log: Toggle | UnsetType = UNSET
    run_reports: Toggle | UnsetType = UNSET
    listen_to_recordings: Toggle | UnsetType = UNSET
    view_caller_number: CallerNumberToggle | UnsetType = UNSET
    view_duration: Toggle | UnsetType = UNSET
    view_revenue: Toggle | UnsetType = UNSET
    view_payout: Toggle | UnsetType = UNSET
    view_publisher: Toggle | UnsetType = UNSET
    export_calls: Toggle | UnsetType = UNSET
    use_api: Toggle | UnsetType = UNSET
    monitor_live_calls: Toggle | UnsetType = UNSET
    edit_buyer: Toggle | UnsetType = UNSET
    pause_buyer: Toggle | UnsetType = UNSET
    tag_names: TagNames | UnsetType = UNSET


class Permissions(Body, frozen=True, kw_only=True):
    """Both kinds, as a company or a collaborator has them; a change may leave one out."""

    for_publishers: PublisherPermissions = PublisherPermissions()
    for_buyers: BuyerPermissions = BuyerPermissions()


class Effective(Struct, frozen=True, kw_only=True, rename={"level": "from"}):
    """What applies, and which level says so."""

    setting: str | list[str]
    level: Literal["publisher", "buyer", "collaborator", "company", "default"]


class EffectiveOfSubject(Struct, frozen=True, kw_only=True):
    """All that applies to a collaborator as one of the publishers or buyers they act as."""

    kind: Literal["publisher", "buyer"]
    id: int
    name: str
    permissions: dict[str, Effective]


class EffectivePermissions(Struct, frozen=True, kw_only=True):
    """What a collaborator may, as each publisher and buyer they act as. `everything`: they are a manager, for whom no toggle counts."""

    everything: bool
    items: list[EffectiveOfSubject]
