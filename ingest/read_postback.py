"""Reads a postback out of whatever a publisher sends: path, query, form or JSON, mixed as they like; then checks what it says.

Reading looks at shape alone. What is wrong with a single value is found by check_postback, after the key is known, because that is the
order in which refusals are decided.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from aiohttp import web

from ingest.errors import CallNotFound, InvalidCallerNumber, InvalidTag, MissingCallerNumber, NoTags, TooManyTags
from shared import caller_number
from shared.errors import BadRequest, BodyTooLarge, InvalidBody, RequestTimeout, UnsupportedMediaType
from shared.http import find_bearer

MAX_TAGS = 100
MAX_NAME_CHARACTERS = 128
MAX_VALUE_CHARACTERS = 4096
MAX_BODY_BYTES = 64 * 1024
BODY_SECONDS = 10.0

CALL_UUID = re.compile(r"[A-Za-z0-9._:@-]{1,128}")
_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # control characters, and what stands for invalid UTF-8
_NOT_A_VALUE = "\x00"  # stands for a JSON array or object: a tag refuses it, and no key or number is spelt like it


class Form(msgspec.Struct):
    """What was sent: every parameter by name, the last one of a name in a place counting, body over query over path."""

    parameters: dict[str, str]

    @property
    def key(self) -> str:
        return self.parameters.get("key", "")


class Postback(msgspec.Struct):
    """What a publisher says about a caller, checked. One of caller_number (E.164) and call_uuid is set."""

    tag_values: dict[str, str]
    caller_number: str | None = None
    call_uuid: str | None = None


def read_address(request: web.Request) -> Form:
    """The parameters in path and query, and the key from the Authorization header, which wins."""
    path = request.match_info
    parameters = dict(path) | read_query(request) if path else read_query(request)
    return Form(_with_bearer(request, parameters))


def read_query(request: web.Request) -> dict[str, str]:
    """The parameters in the query; unlike aiohttp's own, what isn't UTF-8 stays recognisable."""
    _, _, query = request.raw_path.partition("?")
    return parse_pairs(query.partition("#")[0]) if query else {}


async def read_body(request: web.Request, form: Form) -> None:
    """Add the parameters in the body. Raises UnsupportedMediaType, InvalidBody, BodyTooLarge, RequestTimeout, BadRequest."""
    content_type = request.headers.get("Content-Type")
    if content_type is None and not request.body_exists:
        return
    parse = _parser_for(content_type.partition(";")[0].strip().lower()) if content_type else _parse_form
    if request.body_exists and (body := await read_raw_body(request)):
        form.parameters.update(parse(body))
        _with_bearer(request, form.parameters)


async def read_raw_body(request: web.Request) -> bytes:
    """The body, bounded in size and time. Raises UnsupportedMediaType, BodyTooLarge, RequestTimeout, BadRequest."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body as it is, without a content encoding.")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise RequestTimeout from None
    except web.HTTPRequestEntityTooLarge:
        raise BodyTooLarge from None
    except web.RequestPayloadError:
        raise BadRequest from None


def check_postback(form: Form, region: str) -> Postback:
    """What the form says, to a company of `region`. Refuses the identifier first, then the tags."""
    parameters = form.parameters
    return check_item(parameters.get("call_uuid"), parameters.get("caller_number"), tags_of(form), region)


def check_item(call_uuid: str | None, spelling: str | None, tag_values: dict[str, str], region: str) -> Postback:
    """A postback of these parts. Refuses the identifier first, then the tags."""
    postback = Postback(tag_values)
    if call_uuid:
        if not CALL_UUID.fullmatch(call_uuid):
            raise CallNotFound
        postback.call_uuid = call_uuid
    elif spelling:
        try:
            postback.caller_number = caller_number.to_e164(spelling, region)
        except caller_number.InvalidCallerNumber:
            raise InvalidCallerNumber from None
    else:
        raise MissingCallerNumber
    check_tags(tag_values)
    return postback


def tags_of(form: Form) -> dict[str, str]:
    """Every parameter that is a tag."""
    tag_values = form.parameters.copy()
    for name in ("key", "caller_number", "call_uuid"):
        tag_values.pop(name, None)
    return tag_values


def check_tags(tag_values: dict[str, str]) -> None:
    """Refuse tags that can't be kept: NoTags, TooManyTags, InvalidTag."""
    if not tag_values:
        raise NoTags
    if len(tag_values) > MAX_TAGS:
        raise TooManyTags
    text = "".join(tag_values) + "".join(tag_values.values())
    if len(text) <= MAX_NAME_CHARACTERS and text.isprintable() and "" not in tag_values:
        return  # the usual few short ones, at one look
    for name, value in tag_values.items():
        if not 0 < len(name) <= MAX_NAME_CHARACTERS:
            raise InvalidTag(f"A tag's name has 1 to {MAX_NAME_CHARACTERS} characters.")
        if len(value) > MAX_VALUE_CHARACTERS:
            raise InvalidTag(f"A tag's value has at most {MAX_VALUE_CHARACTERS} characters.")
        if not (name + value).isprintable() and _NOT_TEXT.search(
            name + value
        ):  # the first test is quick and nearly always enough
            raise InvalidTag("Control characters, arrays, objects and what isn't UTF-8 can't be kept.")


def _with_bearer(request: web.Request, parameters: dict[str, str]) -> dict[str, str]:
    if (key := find_bearer(request)) is not None:
        parameters["key"] = key
    return parameters


def _parser_for(content_type: str) -> Callable[[bytes], dict[str, str]]:
    if content_type == "application/x-www-form-urlencoded":
        return _parse_form
    if content_type == "application/json" or (content_type.startswith("application/") and content_type.endswith("+json")):
        return _parse_json
    raise UnsupportedMediaType("Send a form, JSON, or no body.")


def parse_pairs(text: str) -> dict[str, str]:
    """`a=1&b=2`, percent-encoded (the URL standard's application/x-www-form-urlencoded); what isn't UTF-8 stays recognisable."""
    pairs = {}
    for part in text.replace("+", " ").split("&"):
        name, _, value = part.partition("=")
        if "%" in part:
            pairs[_decode(name)] = _decode(value)
        elif part:
            pairs[name] = value
    return pairs


def _decode(text: str) -> str:
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def _parse_form(raw: bytes) -> dict[str, str]:
    return parse_pairs(raw.decode("utf-8", "surrogateescape"))


def _parse_json(raw: bytes) -> dict[str, str]:
    """A flat JSON object, its values as text. Raises InvalidBody for whatever isn't one."""
    return {name: text_of(item) for name, item in decode_json_object(raw).items()}


def decode_json_object(raw: bytes) -> dict[str, Any]:
    """A JSON object. Raises InvalidBody for whatever isn't one (RFC 8259; NaN and lone surrogates aren't)."""
    try:
        value = msgspec.json.decode(raw)
    except msgspec.ValidationError as error:
        if not str(error).startswith("Integer value out of range"):
            raise InvalidBody from None
        value = _decode_long_integers(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidBody("What was sent isn't JSON.") from None
    if not isinstance(value, dict):
        raise InvalidBody("What was sent isn't a JSON object.")
    return value


def text_of(value: Any) -> str:
    """A JSON value as the text of a tag; an array or object as something that a tag refuses."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)  # the shortest text that reads back as the same number
        case _:
            return _NOT_A_VALUE


def _decode_long_integers(raw: bytes) -> dict[str, Any]:
    """The same for an object with an integer too long to be a number here: its digits are kept, for the length limit to judge."""
    try:
        return {name: _decode_value(bytes(item)) for name, item in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items()}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidBody from None


def _decode_value(raw: bytes) -> Any:
    text = raw.strip().decode()
    if text.lstrip("-").isdigit():
        return text
    return _decode_long_integers(raw) if text.startswith("{") else msgspec.json.decode(text)
