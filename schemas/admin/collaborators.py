"""Collaborators: the people of a company, whatever their role."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from schemas.admin.fields import Body, Email, Id, Name, SearchQuery, Time

Role = Annotated[
    Literal["owner", "superuser", "collaborator"],
    Meta(description="Superusers do everything but removing an owner; a collaborator acts as publishers and buyers."),
]
CollaboratorStatus = Annotated[
    Literal["invited", "no_permissions", "connected"],
    Meta(description="`no_permissions`: acts as no buyer, and as no publisher with a granted campaign or number."),
]
ActsAs = Annotated[list[Id], Meta(max_length=1000)]


class Collaborator(Struct, frozen=True, kw_only=True):
    """A person of the company. An `invite_expires_at` of null: the invite was withdrawn, or never sent by mail."""

    id: int
    name: str
    email: str
    role: Role
    publisher_ids: Annotated[list[int], Meta(description="Acts as these; those that were removed are left out.")]
    buyer_ids: Annotated[list[int], Meta(description="Acts as these; those that were removed are left out.")]
    status: CollaboratorStatus
    invited_at: Time
    invite_expires_at: Time | None
    accepted_at: Time | None
    created_at: Time


class NewCollaborator(Body, frozen=True, kw_only=True):
    """Somebody to be invited. Only an owner makes owners."""

    name: Name
    email: Email
    role: Role = "collaborator"
    publisher_ids: ActsAs = field(default_factory=list)
    buyer_ids: ActsAs = field(default_factory=list)


class CollaboratorChange(Body, frozen=True, kw_only=True):
    """Only what is named changes; the e-mail address can't: remove the collaborator and invite another."""

    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    publisher_ids: ActsAs | UnsetType = UNSET
    buyer_ids: ActsAs | UnsetType = UNSET


class CollaboratorsQuery(SearchQuery, frozen=True, kw_only=True):
    """Which collaborators are wanted: who act as this publisher or buyer, in this role, of this status; with this in name or address."""

    publisher_id: Id | UnsetType = UNSET
    buyer_id: Id | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    status: CollaboratorStatus | UnsetType = UNSET
