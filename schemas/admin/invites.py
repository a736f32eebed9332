"""Invites, as those who were sent one see them."""

from typing import Annotated

from msgspec import Meta, Struct

from schemas.admin.collaborators import Role
from schemas.admin.fields import Body, Name, Time


class Invite(Struct, frozen=True, kw_only=True):
    """What one is invited to."""

    company_name: str
    name: str
    email: str
    role: Role
    publishers: Annotated[list[str], Meta(description="The names of the publishers to act as.")]
    buyers: Annotated[list[str], Meta(description="The names of the buyers to act as.")]
    expires_at: Time
    has_login: Annotated[bool, Meta(description="Whether this address has a login already, whose password is then asked for.")]


class InviteAcceptance(Body, frozen=True, kw_only=True):
    """`password` is that of a new login, or of the one there is; needed unless that one is signed in. `name` is for a new login."""

    name: Name | None = None
    password: Annotated[str, Meta(min_length=1, max_length=1024)] | None = None


class AcceptedInvite(Struct, frozen=True, kw_only=True):
    """Where the invite led to."""

    company_id: int
    company_name: str
    collaborator_id: int
    user_id: int
