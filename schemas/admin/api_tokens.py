"""API tokens, the credentials for this API."""

from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

from schemas.admin.fields import Body, Name, ShownOnce, Time


class ApiToken(Struct, frozen=True, kw_only=True):
    """A credential for this API. The company's may do what managers may; a collaborator's own what the collaborator may."""

    id: int
    name: str
    collaborator_id: Annotated[int | None, Meta(description="Whose own it is; null: the company's.")]
    created_at: Time


class ApiTokenWithSecret(ApiToken, frozen=True, kw_only=True):
    """An API token with its secret, shown this once and never again."""

    SECRETS: ClassVar = ("token",)

    token: ShownOnce


class NewApiToken(Body, frozen=True, kw_only=True):
    """An API token to be made."""

    name: Name


class ApiTokenChange(Body, frozen=True, kw_only=True):
    """Only what is named changes."""

    name: Name | UnsetType = UNSET
