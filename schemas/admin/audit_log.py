"""The audit log: every change that somebody made, and who."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from schemas.admin.fields import CODE_SHAPE, TEXT_SHAPE, Id, PageQuery, Time

ActorKind = Literal["api_token", "person", "operator"]
Word = Annotated[str, Meta(min_length=1, max_length=64, pattern=CODE_SHAPE)]
ObjectId = Annotated[str, Meta(min_length=1, max_length=200, pattern=TEXT_SHAPE)]


class AuditActor(Struct, frozen=True, kw_only=True):
    """Who made a change: an API token, a person who signed in, or the operator at the database. `id` is the token's or person's."""

    kind: str
    id: int | None
    name: str | None


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One change of one thing. Secrets are never in it, nor their hashes."""

    id: int
    at: Time
    actor: AuditActor
    action: Annotated[str, Meta(description="`created`, `changed`, `removed`, `rotated`, `viewed_as`, …")]
    object: Annotated[str, Meta(description="The kind of thing, such as `publisher` or `number_grant`.")]
    object_id: str
    old: Annotated[dict[str, Any] | None, Meta(description="What changed, as it was; null for what was made.")]
    new: Annotated[dict[str, Any] | None, Meta(description="What changed, as it is; of what was made, all of it.")]


class AuditLogQuery(PageQuery, frozen=True, kw_only=True):
    """Which changes are wanted; those of `from` are in, those of `to` aren't."""

    from_: Time | UnsetType = field(default=UNSET, name="from")
    to: Time | UnsetType = UNSET
    object: Word | UnsetType = UNSET
    object_id: ObjectId | UnsetType = UNSET
    action: Word | UnsetType = UNSET
    actor_kind: ActorKind | UnsetType = UNSET
    actor_id: Id | UnsetType = UNSET
