"""Why a postback is refused; see docs/publisher-api.md."""

from shared.errors import Refusal


class InvalidPostbackKey(Refusal):
    """There is no such postback key."""

    status, code = 401, "invalid_postback_key"


class SourceNotAllowed(Refusal):
    """This postback key may not be used from here."""

    status, code = 403, "source_not_allowed"


class ReadBackNotAllowed(Refusal):
    """This postback key may not see or cancel what waits."""

    status, code = 403, "read_back_not_allowed"


class MissingCallerNumber(Refusal):
    """Name the caller: caller_number, or call_uuid."""

    status, code = 400, "missing_caller_number"


class InvalidCallerNumber(Refusal):
    """The caller number isn't one that a call could come from."""

    status, code = 422, "invalid_caller_number"


class NoTags(Refusal):
    """There is no tag: every parameter besides key, caller_number and call_uuid is one."""

    status, code = 400, "no_tags"


class InvalidTag(Refusal):
    """A tag's name or value isn't plain text of the allowed length."""

    status, code = 422, "invalid_tag"


class TooManyTags(Refusal):
    """A postback takes at most 100 tags."""

    status, code = 422, "too_many_tags"


class CallerFull(Refusal):
    """This caller has as many tags as are kept for one caller."""

    status, code = 422, "caller_full"


class CallNotFound(Refusal):
    """There is no such call."""

    status, code = 404, "call_not_found"


class CallPastCutoff(Refusal):
    """The call ended longer ago than this key's end-call cut-off."""

    status, code = 409, "call_past_cutoff"


class IdempotencyInFlight(Refusal):
    """A request with this Idempotency-Key is being worked on."""

    status, code = 409, "idempotency_in_flight"


class RateLimited(Refusal):
    """More was sent than this key, or the keys of its company together, may send in a second; Retry-After says when there is room."""

    status, code = 429, "rate_limited"
