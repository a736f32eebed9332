"""Why a postback is refused; see docs/publisher-api.md."""

from shared.errors import Refusal


class InvalidPostbackKey(Refusal):
    """There is no such postback key."""

    status, code = 401, "invalid_postback_key"


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
