"""Refusals that only the admin API gives."""

from shared.errors import Refusal


class InvalidApiToken(Refusal):
    """An API token is needed, as `Authorization: Bearer TOKEN`, or a session; the one given, if any, isn't valid."""

    status, code = 401, "invalid_api_token"


class SignInFailed(Refusal):
    """The e-mail address, the password or the code is wrong."""

    status, code = 401, "sign_in_failed"


class CodeNeeded(Refusal):
    """The password is right; a code of the authenticator, or a recovery code, is needed too."""

    status, code = 401, "code_needed"


class TooManyTries(Refusal):
    """There were too many tries; wait before the next one."""

    status, code = 429, "too_many_tries"


class PasswordResetNotFound(Refusal):
    """This link is unknown, was used, or is too old; ask for a new one."""

    status, code = 404, "password_reset_not_found"


class TotpOn(Refusal):
    """Codes are asked for already; switch that off first."""

    status, code = 409, "totp_on"


class TotpOff(Refusal):
    """Codes aren't asked for, or no secret was made for them yet."""

    status, code = 409, "totp_off"


class NotPermitted(Refusal):
    """This isn't among what you are permitted here; the account manager can change that."""

    status, code = 403, "not_permitted"


class CollaboratorExists(Refusal):
    """Somebody with this e-mail address is a collaborator of this company already, or is invited."""

    status, code = 409, "collaborator_exists"


class LastOwner(Refusal):
    """A company always has an owner: make somebody else one first."""

    status, code = 409, "last_owner"


class AlreadyAccepted(Refusal):
    """This invite was accepted; there is nothing to send again or to withdraw."""

    status, code = 409, "already_accepted"


class InviteNotFound(Refusal):
    """There is no such invite; a later letter may hold a newer link."""

    status, code = 404, "invite_not_found"


class InviteOver(Refusal):
    """This invite has expired, was withdrawn or was accepted already; ask for a new one."""

    status, code = 410, "invite_over"


class SignedInAsAnother(Refusal):
    """You are signed in as somebody else than who was invited; sign out first. The invite is as it was."""

    status, code = 409, "signed_in_as_another"


class SignInFirst(Refusal):
    """The address that was invited has a login: sign in there first, then accept."""

    status, code = 409, "sign_in_first"


class FieldHidden(Refusal):
    """This field is hidden from you, so nothing can be filtered, sorted or grouped by it."""

    status, code = 403, "field_hidden"


class ReadOnly(Refusal):
    """Whoever views as somebody else only looks: nothing can be changed."""

    status, code = 403, "read_only"


class CrossSite(Refusal):
    """A page of another site sent this request with your session; it isn't carried out."""

    status, code = 403, "cross_site"


class UnknownField(Refusal):
    """There is no such field here."""

    status, code = 422, "unknown_field"


class AfidTaken(Refusal):
    """Another publisher of this company has this afid."""

    status, code = 409, "afid_taken"


class NumberTaken(Refusal):
    """This company already has this tracking number."""

    status, code = 409, "number_taken"


class NumberCapReached(Refusal):
    """The publisher holds as many tracking numbers as its number cap allows; the account manager can raise it."""

    status, code = 409, "number_cap_reached"


class CampaignInUse(Refusal):
    """Tracking numbers still belong to this campaign; remove them or move them to another first."""

    status, code = 409, "campaign_in_use"


class PostbackKeyTaken(Refusal):
    """This key is in use, or was before it was revoked; a key is given out once."""

    status, code = 409, "postback_key_taken"


class ApiTokenInUse(Refusal):
    """An API token can't revoke itself, so that a company never locks itself out; use another one."""

    status, code = 409, "api_token_in_use"
