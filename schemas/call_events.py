"""What a call routing engine says of a call; see docs/engine-api.md. Times are RFC 3339, money whole cents."""

from datetime import datetime
from typing import Annotated

import msgspec

Id = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Cents = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*\Z")]
CallUuid = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:@-]{1,128}\Z")]
HttpsUrl = Annotated[str, msgspec.Meta(max_length=2048, pattern=r"^https://[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+\Z")]
Time = Annotated[datetime, msgspec.Meta(tz=True)]


class RouteEvent(msgspec.Struct, forbid_unknown_fields=True):
    """A routing decision, with the buyer being tried if there is one."""

    buyer_id: Id | None = None


class AnswerEvent(msgspec.Struct, forbid_unknown_fields=True):
    """A buyer answered."""

    buyer_id: Id


class EndEvent(msgspec.Struct, forbid_unknown_fields=True):
    """The call ended. `answered_by` is the buyer who answered; `ended_at` is recorded and moves nothing."""

    ended_at: Time | None = None
    duration_seconds: Seconds | None = None
    disposition: Word | None = None
    answered_by: Id | None = None
    recording_url: HttpsUrl | None = None
    revenue_cents: Cents | None = None
    payout_cents: Cents | None = None
