"""Postback keys, the credentials with which publishers post."""

from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from schemas.admin.fields import (
    UUID4_SHAPE,
    AllowedNetworks,
    AllowedOrigins,
    Body,
    EndCallCutoff,
    GraceSeconds,
    Id,
    Name,
    PageQuery,
    RateLimit,
    ShownOnce,
    StorageDuration,
    Time,
)

OwnKey = Annotated[
    str,
    Meta(min_length=36, max_length=36, pattern=UUID4_SHAPE, description="A version 4 UUID from the system you come from."),
]


class PostbackKey(Struct, frozen=True, kw_only=True):
    """A publisher's credential for one behaviour. While it is rotated, the older secret works until `old_secret_until`."""

    id: int
    publisher_id: int
    name: str
    type: Literal["call_data_writing"]
    storage_duration_seconds: int
    end_call_cutoff_seconds: int
    apply_once: bool
    also_store: bool
    paused: bool
    allow_read_back: bool
    opaque_status: bool
    allowed_origins: list[str] | None
    allowed_networks: list[str] | None
    rate_limit_per_second: int | None
    old_secret_until: Time | None
    created_at: Time


class PostbackKeyWithSecret(PostbackKey, frozen=True, kw_only=True):
    """A postback key with its secret and a posting link that works, shown this once and never again."""

    SECRETS: ClassVar = ("key", "posting_url")

    key: ShownOnce
    posting_url: ShownOnce


class NewPostbackKey(Body, frozen=True, kw_only=True):
    """Durations that aren't given are the company's defaults as they are now."""

    name: Name
    type: Literal["call_data_writing"] = "call_data_writing"
    key: OwnKey | UnsetType = UNSET
    storage_duration_seconds: StorageDuration | UnsetType = UNSET
    end_call_cutoff_seconds: EndCallCutoff | UnsetType = UNSET
    apply_once: Annotated[bool, Meta(description="Its waiting tags go to the first call hit and are gone.")] = False
    also_store: Annotated[bool, Meta(description="What goes to a call that has ended waits for the next call too.")] = False
    paused: bool = False
    allow_read_back: Annotated[
        bool, Meta(description="It may see and cancel what its publisher has waiting; never together with `allowed_origins`.")
    ] = False
    opaque_status: Annotated[bool, Meta(description="Its replies don't tell whether there was a call.")] = False
    allowed_origins: AllowedOrigins | None = None
    allowed_networks: AllowedNetworks | None = None
    rate_limit_per_second: RateLimit | None = None


class PostbackKeyChange(Body, frozen=True, kw_only=True):
    """Only what is named changes, for postbacks from then on. Null takes a limit away."""

    name: Name | UnsetType = UNSET
    storage_duration_seconds: StorageDuration | UnsetType = UNSET
    end_call_cutoff_seconds: EndCallCutoff | UnsetType = UNSET
    apply_once: bool | UnsetType = UNSET
    also_store: bool | UnsetType = UNSET
    paused: bool | UnsetType = UNSET
    allow_read_back: bool | UnsetType = UNSET
    opaque_status: bool | UnsetType = UNSET
    allowed_origins: AllowedOrigins | UnsetType | None = UNSET
    allowed_networks: AllowedNetworks | UnsetType | None = UNSET
    rate_limit_per_second: RateLimit | UnsetType | None = UNSET


class Rotation(Body, frozen=True, kw_only=True):
    """How a secret is replaced: at most two work at a time, so rotating again ends the oldest at once."""

    grace_seconds: GraceSeconds = 86_400


class PostbackKeysQuery(PageQuery, frozen=True, kw_only=True):
    """Which postback keys are wanted."""

    publisher_id: Id | UnsetType = UNSET
