"""Reads what an engine sends: JSON or a form. A call hit is read leniently, for a call is never refused; the other events strictly."""

import re
import uuid
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from ingest.merger.directory import Directory
from ingest.merger.errors import UnknownField
from ingest.read_postback import CALL_UUID, parse_pairs, read_query, read_raw_body
from schemas.call_events import Time
from schemas.kept_rows import EngineKeyRow
from shared.caller_number import InvalidCallerNumber, to_e164
from shared.errors import InvalidBody, InvalidField, UnsupportedMediaType

LAST_MILLISECOND = 253_402_300_800_000  # 10000-01-01

E = TypeVar("E", bound=msgspec.Struct)


class Hit(msgspec.Struct):
    """A call hit, as far as it could be understood. `caller_number` is "" when withheld or malformed."""

    call_uuid: str
    caller_number: str
    said: dict[str, Any]


async def read_parameters(request: web.Request) -> dict[str, Any]:
    """The body's fields and the query's, the body's winning. Raises InvalidBody and what read_raw_body raises."""
    fields: dict[str, Any] = {name: value for name, value in read_query(request).items() if name != "format"}
    if request.body_exists and (body := await read_raw_body(request)):
        fields.update(_parse(body, request.headers.get("Content-Type", "").partition(";")[0].strip().lower()))
    return fields


def _parse(body: bytes, content_type: str) -> dict[str, Any]:
    if content_type in ("", "application/x-www-form-urlencoded"):
        return {name: value for name, value in parse_pairs(body.decode("utf-8", "surrogateescape")).items() if value}
    if content_type != "application/json":
        raise UnsupportedMediaType("Send JSON or a form.")
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise InvalidBody("The body must be a JSON object.") from None


def check_event(fields: dict[str, Any], kind: type[E]) -> E:
    """The event, or InvalidField with the name of the field that is wrong."""
    try:
        return msgspec.convert(
            {name: value for name, value in fields.items() if name != "key" and value is not None}, kind, strict=False
        )
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        if unknown := re.search(r"unknown field `(.*)`", reason):
            raise UnknownField(field=unknown[1]) from None
        if "matching regex" in reason:
            reason = "This value has characters that it can't have."
        raise InvalidField(reason, field=place.rstrip("`") or None) from None


def to_milliseconds(time: datetime, field: str) -> int:
    """A time of the engine in Unix milliseconds. Raises InvalidField for one that no call was made at."""
    milliseconds = int(time.timestamp() * 1000)
    if not 0 <= milliseconds < LAST_MILLISECOND:
        raise InvalidField("Expected a time between the years 1970 and 9999.", field=field)
    return milliseconds


def check_hit(fields: dict[str, Any], key: EngineKeyRow, directory: Directory) -> Hit:
    """The call hit: whose call it is, by the dialed number before the campaign named. Refuses only a call_uuid that can't be one."""
    call_uuid = str(fields.get("call_uuid") or uuid.uuid4())
    if not CALL_UUID.fullmatch(call_uuid):
        raise InvalidField("A call_uuid has 1 to 128 of the characters A-Z a-z 0-9 . _ : @ -", field="call_uuid")
    said: dict[str, Any] = {}
    if dialed := read_number(fields.get("dialed_number"), key.region):
        said["dialed_number"] = dialed
    if number := directory.find_number(key.company_id, dialed):
        said["campaign_id"] = number.campaign_id
        said["publisher_id"] = number.publisher_id
    elif campaign := directory.find_campaign(key.company_id, _read(fields.get("campaign_id"), int) or 0):
        said["campaign_id"] = campaign.id
    if campaign := directory.find_campaign(key.company_id, said.get("campaign_id", 0)):
        said["campaign_payout_cents"] = campaign.payout_cents
    if started_at := _read(fields.get("started_at"), Time):
        with suppress(InvalidField):
            said["started_at"] = to_milliseconds(started_at, "started_at")
    said = {name: value for name, value in said.items() if value is not None}
    return Hit(call_uuid, read_number(fields.get("caller_number"), key.region), said)


def read_number(spelling: Any, region: str) -> str:
    """The E.164 number, or "" for one that is withheld, malformed or absent."""
    if not isinstance(spelling, str | int):
        return ""
    try:
        return to_e164(str(spelling), region)
    except InvalidCallerNumber:
        return ""


def _read(value: Any, kind: Any) -> Any:
    try:
        return None if value is None else msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError:
        return None
