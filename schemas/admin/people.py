"""Who signs in and how: sessions, passwords, codes, and the companies that somebody belongs to."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from schemas.admin.fields import TEXT_SHAPE, Body, Email, Name, Time

FEWEST_CHARACTERS = 12

Password = Annotated[str, Meta(min_length=1, max_length=1024)]
NewPassword = Annotated[
    str,
    Meta(
        min_length=FEWEST_CHARACTERS,
        max_length=1024,
        description="Any characters; not one that is guessed first, nor the name or e-mail.",
    ),
]
EmailSpelling = Annotated[str, Meta(min_length=1, max_length=254, pattern=TEXT_SHAPE)]
Code = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=TEXT_SHAPE, description="Of the authenticator, or a recovery code.")
]
LinkSecret = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]
Role = Literal["owner", "superuser", "collaborator"]


class CompanyOfMine(Struct, frozen=True, kw_only=True):
    """A company that whoever asks belongs to, and as what. `collaborator_id` is null for a token of the company's own."""

    id: int
    name: str
    role: Role
    collaborator_id: int | None


class Me(Struct, frozen=True, kw_only=True):
    """Who asks: a person, or an API token with the company it belongs to. `totp`: a code is asked for at sign-in."""

    kind: Literal["person", "api_token"]
    name: str
    user_id: int | None = None
    email: str | None = None
    totp: bool | None = None
    api_token_id: int | None = None
    company_id: int | None = None
    companies: list[CompanyOfMine]


class MeChange(Body, frozen=True, kw_only=True):
    """Only what is named changes."""

    name: Name | UnsetType = UNSET


class SignIn(Body, frozen=True, kw_only=True):
    """Who signs in. The code is asked for, with `code_needed`, where the person switched that on."""

    email: EmailSpelling
    password: Password
    code: Code | UnsetType = UNSET


class PersonSession(Struct, frozen=True, kw_only=True):
    """A browser that somebody signed in with. `seen_at` is true to the minute; `is_current`: it is the one that asks."""

    id: int
    created_at: Time
    seen_at: Time
    source_ip: str | None
    user_agent: str | None
    is_current: bool


class PasswordChange(Body, frozen=True, kw_only=True):
    """From one password to another."""

    old_password: Password
    new_password: NewPassword


class PasswordProof(Body, frozen=True, kw_only=True):
    """That it is the person themselves who asks."""

    password: Password


class TotpProof(PasswordProof, frozen=True, kw_only=True):
    """That it is the person themselves, with their authenticator."""

    code: Code


class TotpSecret(Struct, frozen=True, kw_only=True):
    """A secret for an authenticator, shown this once; it is in force with the first code."""

    secret: str
    otpauth_url: str


class TotpCode(Body, frozen=True, kw_only=True):
    """The first code of the authenticator."""

    code: Code


class RecoveryCodes(Struct, frozen=True, kw_only=True):
    """Each is taken once where a code is asked for; shown this once."""

    recovery_codes: list[str]


class PasswordResetWish(Body, frozen=True, kw_only=True):
    """To whom the letter with the link goes, if they have a login."""

    email: Email


class PasswordReset(Body, frozen=True, kw_only=True):
    """The password from now on."""

    password: NewPassword
