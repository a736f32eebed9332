"""The postback log: every postback of a known key, refused ones too."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from schemas.admin.fields import CODE_SHAPE, CallUuid, Id, NumberSpelling, Outcome, PageQuery, Time


class Postback(Struct, frozen=True, kw_only=True):
    """One request or bulk item that wrote tags, or was refused. `occurrences` above 1: a flood of equal refusals in one row."""

    id: UUID
    received_at: Time
    publisher_id: int
    postback_key_id: int
    caller_number: str | None
    call_uuid: Annotated[str | None, Meta(description="The first of the calls it reached, at once or by waiting.")]
    call_uuids: list[str]
    tag_values: Annotated[dict[str, str], Meta(description="In the order in which they were sent.")]
    outcome: Annotated[Outcome | None, Meta(description="Null: hidden, as its key's replies hide it.")]
    code: Annotated[str | None, Meta(description="Why it was refused.")]
    expires_at: Annotated[Time | None, Meta(description="Until when its tags wait for a call.")]
    source_ip: str | None
    replayed: bool
    occurrences: int
    hidden: Annotated[
        list[str], Meta(description="Fields that you may not see: they are null, or there would be more in them.")
    ] = []


class PostbacksQuery(PageQuery, frozen=True, kw_only=True):
    """Which postbacks are wanted; those of `from` are in, those of `to` aren't."""

    from_: Time | UnsetType = field(default=UNSET, name="from")
    to: Time | UnsetType = UNSET
    publisher_id: Id | UnsetType = UNSET
    postback_key_id: Id | UnsetType = UNSET
    outcome: Outcome | UnsetType = UNSET
    code: Annotated[str, Meta(max_length=64, pattern=CODE_SHAPE)] | UnsetType = UNSET
    caller_number: NumberSpelling | UnsetType = UNSET
    call_uuid: CallUuid | UnsetType = UNSET
