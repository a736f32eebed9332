"""Why a call routing engine is refused; see docs/engine-api.md."""

from shared.errors import Refusal


class InvalidEngineKey(Refusal):
    """There is no such engine key."""

    status, code = 401, "invalid_engine_key"


class ScopeMissing(Refusal):
    """This engine key may not do that."""

    status, code = 403, "scope_missing"


class UnknownField(Refusal):
    """There is no such field here."""

    status, code = 422, "unknown_field"


class InvalidMergerSecret(Refusal):
    """This door is for the admin service alone, with the secret that both were given."""

    status, code = 401, "invalid_merger_secret"


class CallMismatch(Refusal):
    """This call_uuid is the call of another caller."""

    status, code = 409, "call_mismatch"
