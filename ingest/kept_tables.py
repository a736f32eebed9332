"""Which rows of PostgreSQL ingest and the merger keep in memory, and how each is read.

Every statement takes $1, the transaction from which on rows may have changed (0: all), and answers the columns of its Struct.
"""

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from schemas.kept_rows import BuyerRow, CampaignRow, EngineKeyRow, KeptRow, PostbackKeyRow, TrackingNumberRow

R = TypeVar("R", bound=KeptRow)


class KeptTable(msgspec.Struct, Generic[R], frozen=True):
    """A table of which a process keeps rows, and where it puts them."""

    name: str
    row_type: type[R]
    sql: str
    put: Callable[[R], None]

    def read(self, row: Any) -> R:
        """The row as its Struct; what is left of a secret's time is counted from now on, whatever PostgreSQL's clock says."""
        kept = msgspec.convert(list(row), self.row_type)
        for secret in getattr(kept, "secrets", ()):
            secret.read_at = time.time()
        return kept


_SECRETS = """
       coalesce((
         select json_agg(json_build_array(
                  replace(encode(s.secret_hash, 'base64'), E'\\n', ''),
                  extract(epoch from s.valid_until - now())::float8,
                  0))
           from {table}_secrets s
          where s.{key}_id = k.id
            and (s.valid_until is null or s.valid_until > now())
       ), '[]'::json)"""

_CHANGED_KEYS = """
 where k.id in (
         select id
           from {table}
          where changed_in >= $1::text::xid8
         union all
         select k.id
           from companies c
           join {table} k on k.company_id = c.id
          where c.changed_in >= $1::text::xid8
       )
"""


def postback_keys(put: Callable[[PostbackKeyRow], None]) -> KeptTable[PostbackKeyRow]:
    return KeptTable(
        "postback_keys",
        PostbackKeyRow,
        """
select k.id,
       greatest(k.changed_in, c.changed_in)::text::bigint,
       k.company_id,
       k.publisher_id,
       c.default_region,
       k.storage_duration_seconds::bigint * 1000,
       k.end_call_cutoff_seconds::bigint * 1000,
       k.apply_once,
       k.also_store,
       k.paused,
       k.revoked_at is not null,"""
        + _SECRETS.format(table="postback_key", key="postback_key")
        + """,
       k.allow_read_back,
       k.opaque_status,
       k.allowed_origins,
       k.allowed_networks::text[],
       k.rate_limit_per_second,
       c.rate_limit_per_second
  from postback_keys k
  join companies c on c.id = k.company_id"""
        + _CHANGED_KEYS.format(table="postback_keys"),
        put,
    )


def engine_keys(put: Callable[[EngineKeyRow], None]) -> KeptTable[EngineKeyRow]:
    return KeptTable(
        "engine_keys",
        EngineKeyRow,
        """
select k.id,
       greatest(k.changed_in, c.changed_in)::text::bigint,
       k.company_id,
       c.default_region,
       k.scopes,
       k.paused,
       k.revoked_at is not null,"""
        + _SECRETS.format(table="engine_key", key="engine_key")
        + """
  from engine_keys k
  join companies c on c.id = k.company_id"""
        + _CHANGED_KEYS.format(table="engine_keys"),
        put,
    )


def tracking_numbers(put: Callable[[TrackingNumberRow], None]) -> KeptTable[TrackingNumberRow]:
    return KeptTable(
        "tracking_numbers",
        TrackingNumberRow,
        """
select id,
       changed_in::text::bigint,
       company_id,
       number,
       campaign_id,
       publisher_id,
       removed_at is not null
  from tracking_numbers
 where changed_in >= $1::text::xid8
 order by id
""",
        put,
    )


def campaigns(put: Callable[[CampaignRow], None]) -> KeptTable[CampaignRow]:
    return KeptTable(
        "campaigns",
        CampaignRow,
        """
select id,
       changed_in::text::bigint,
       company_id,
       payout_cents,
       removed_at is not null
  from campaigns
 where changed_in >= $1::text::xid8
""",
        put,
    )


def buyers(put: Callable[[BuyerRow], None]) -> KeptTable[BuyerRow]:
    return KeptTable(
        "buyers",
        BuyerRow,
        """
select id,
       changed_in::text::bigint,
       company_id,
       price_cents,
       removed_at is not null
  from buyers
 where changed_in >= $1::text::xid8
""",
        put,
    )
