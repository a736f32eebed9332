"""Engine keys, the credentials of call routing engines."""

from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

from schemas.admin.fields import Body, EngineScope, Name, ShownOnce, Time

Scopes = Annotated[list[EngineScope], Meta(min_length=1, max_length=2, description="What it may do: look up, report events.")]


class EngineKey(Struct, frozen=True, kw_only=True):
    """A call routing engine's credential. While it is rotated, the older secret works until `old_secret_until`."""

    id: int
    name: str
    scopes: list[EngineScope]
    paused: bool
    old_secret_until: Time | None
    created_at: Time


class EngineKeyWithSecret(EngineKey, frozen=True, kw_only=True):
    """An engine key with its secret, shown this once and never again."""

    SECRETS: ClassVar = ("key",)

    key: ShownOnce


class NewEngineKey(Body, frozen=True, kw_only=True):
    """Without `scopes` it may do both."""

    name: Name
    scopes: Scopes | UnsetType = UNSET
    paused: bool = False


class EngineKeyChange(Body, frozen=True, kw_only=True):
    """Only what is named changes."""

    name: Name | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    paused: bool | UnsetType = UNSET
