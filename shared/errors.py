"""Refusals as classes: a stable code, a status, and a docstring that is the message. One middleware turns them into problem+json."""

from collections.abc import Mapping
from typing import ClassVar


class Refusal(Exception):
    """What was asked for can't be done."""

    status: ClassVar[int]
    code: ClassVar[str]

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int | None = None, field: str | None = None) -> None:
        super().__init__(detail or self.__class__.__doc__)
        self.retry_after_seconds = retry_after_seconds
        self.field = field
        self.headers: Mapping[str, str] = {}

    @property
    def detail(self) -> str:
        return str(self.args[0])


class BadRequest(Refusal):
    """The request isn't well-formed HTTP."""

    status, code = 400, "bad_request"


class InvalidBody(Refusal):
    """The body can't be read as what its content type says."""

    status, code = 400, "invalid_body"


class NotFound(Refusal):
    """There is nothing here."""

    status, code = 404, "not_found"


class MethodNotAllowed(Refusal):
    """This address doesn't take that method."""

    status, code = 405, "method_not_allowed"

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(f"Allowed here: {', '.join(allowed)}.")
        self.allowed = allowed


class RequestTimeout(Refusal):
    """The request didn't arrive in time."""

    status, code = 408, "request_timeout"


class BodyTooLarge(Refusal):
    """The body is larger than allowed."""

    status, code = 413, "body_too_large"


class UriTooLong(Refusal):
    """The address is longer than allowed."""

    status, code = 414, "uri_too_long"


class UnsupportedMediaType(Refusal):
    """The body's content type isn't one that is read here."""

    status, code = 415, "unsupported_media_type"


class HeadersTooLarge(Refusal):
    """The headers are larger than allowed."""

    status, code = 431, "headers_too_large"


class InvalidField(Refusal):
    """A field has a value it can't have."""

    status, code = 422, "invalid_field"


class IdempotencyMismatch(Refusal):
    """This Idempotency-Key came with another request before."""

    status, code = 422, "idempotency_mismatch"


class Unavailable(Refusal):
    """The service can't do this just now; the request is safe to repeat."""

    status, code = 503, "unavailable"

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail, retry_after_seconds=retry_after_seconds)
