"""API tokens, the credentials for this API."""

from msgspec import UNSET, Struct, UnsetType

from schemas.admin.fields import Body, Name, Time


class ApiToken(Struct, frozen=True, kw_only=True):
    """A credential for this API; it may do everything in its company."""

    id: int
    name: str
    created_at: Time


class ApiTokenWithSecret(ApiToken, frozen=True, kw_only=True):
    """An API token with its secret, shown this once and never again."""

    token: str


class NewApiToken(Body, frozen=True, kw_only=True):
    """An API token to be made."""

    name: Name


class ApiTokenChange(Body, frozen=True, kw_only=True):
    """Only what is named changes."""

    name: Name | UnsetType = UNSET
