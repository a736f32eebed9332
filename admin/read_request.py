"""From a request's path, query and body to typed values, and from msgspec's complaints to refusals that name the field."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from aiohttp import hdrs, web

from admin.errors import UnknownField
from schemas.admin.fields import SHAPES, Body, Query
from shared.errors import InvalidBody, InvalidField, NotFound, Refusal, UnsupportedMediaType

MAX_BODY_BYTES = 256 * 1024
BODY_SECONDS = 10.0
_LONGEST_FIELD_SHOWN = 128

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)

_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at `\$\.[A-Za-z0-9_.]+`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`", re.DOTALL)
_AT_PATH = re.compile(r"(.*) - at `\$\.([A-Za-z0-9_.]+)[^`]*`", re.DOTALL)


def read_path(request: web.Request, kinds: dict[str, Any]) -> dict[str, Any]:
    """The ids in the path; raises NotFound for what can't be one, as there is nothing under it."""
    try:
        return {name: msgspec.convert(request.match_info[name], kind, strict=False) for name, kind in kinds.items()}
    except msgspec.ValidationError:
        raise NotFound from None


def read_query(request: web.Request, kind: type[Q]) -> Q:
    """The query as a `kind`; raises UnknownField, or InvalidField, also for a name given twice."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name in given:
            raise InvalidField("It is given twice.", field=name[:_LONGEST_FIELD_SHOWN])
        given[name] = value
    try:
        query = msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise name_the_field(error) from None
    for field in msgspec.structs.fields(kind):
        if isinstance(time := getattr(query, field.name), datetime):
            _check_time(field.encode_name, given[field.encode_name], time)
    return query


async def read_body(request: web.Request, kind: type[B]) -> B:
    """The JSON body as a `kind`. No body is an empty object, whatever its content type claims."""
    async with asyncio.timeout(BODY_SECONDS):
        body = await request.read()
    if not body:
        body = b"{}"
    elif request.content_type != "application/json" or request.headers.get(hdrs.CONTENT_ENCODING, "identity") != "identity":
        raise UnsupportedMediaType("Only application/json is read here, not compressed.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise name_the_field(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidBody("The body isn't JSON.") from None


def name_the_field(error: msgspec.ValidationError) -> Refusal:
    """A refusal that names the field which msgspec complains of; its message is the only place where that stands."""
    message = str(error)
    if unknown := _UNKNOWN.fullmatch(message):
        return UnknownField(field=unknown[1][:_LONGEST_FIELD_SHOWN])
    if missing := _MISSING.fullmatch(message):
        return InvalidField("This field is needed.", field=missing[1])
    if located := _AT_PATH.fullmatch(message):
        return InvalidField(_in_words(located[1]), field=located[2])
    return InvalidBody("The body must be a JSON object.")


def _in_words(complaint: str) -> str:
    for pattern, words in SHAPES.items():
        if repr(pattern) in complaint:
            return f"Expected {words}."
    return complaint.replace("`", "").strip() + "."


def _check_time(name: str, spelling: str, time: datetime) -> None:
    """Refuse what msgspec takes for a time and PostgreSQL or our documents don't."""
    if spelling[4:5] != "-":
        raise InvalidField("Expected an RFC 3339 time, not a number.", field=name)
    try:
        time.astimezone(UTC)
    except OverflowError:
        raise InvalidField("Expected a time between the years 1 and 9999 UTC.", field=name) from None
