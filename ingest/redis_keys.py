"""The names of all that Callstamp keeps in Redis, and the partition each lives in. lua/1_keys.lua spells the same names.

Every key of a caller bears the hash tag of the caller's partition, so that one script sees waiting tags, calls and the outgoing
stream in one slot, on a single server and on a cluster alike.
"""

from hashlib import sha1, sha256
from zlib import crc32

PARTITIONS = 256  # fixed for ever: it decides where every key lives

_TAGS = [b"{p%03d}" % number for number in range(PARTITIONS)]
ALL_PARTITIONS = tuple(_TAGS)


def partition_of(company_id: int, caller_number_or_call_uuid: str) -> bytes:
    """The hash tag under which everything of this caller lives; of a call without a caller number, under its uuid."""
    return _TAGS[crc32(b"%d:%b" % (company_id, caller_number_or_call_uuid.encode())) % PARTITIONS]


def waiting_key(company_id: int, caller_number: str) -> bytes:
    """The waiting tags of a caller."""
    return b"%bw:%d:%b" % (partition_of(company_id, caller_number), company_id, caller_number.encode())


def caller_calls_key(company_id: int, caller_number: str) -> bytes:
    """Which calls of a caller are in progress, and which ended last."""
    return b"%bc:%d:%b" % (partition_of(company_id, caller_number), company_id, caller_number.encode())


def call_key(company_id: int, caller_number: str, call_uuid: str) -> bytes:
    """One call; `caller_number` is "" when it was withheld."""
    return b"%bk:%d:%b" % (partition_of(company_id, caller_number or call_uuid), company_id, call_uuid.encode())


def call_index_key(company_id: int, call_uuid: str) -> bytes:
    """Whose call a uuid is: the caller number, "" when withheld. Lives in the uuid's own partition."""
    return b"%bu:%d:%b" % (partition_of(company_id, call_uuid), company_id, call_uuid.encode())


def parked_events_key(company_id: int, call_uuid: str) -> bytes:
    """Events of a call that hasn't been hit yet. Lives in the uuid's own partition."""
    return b"%be:%d:%b" % (partition_of(company_id, call_uuid), company_id, call_uuid.encode())


def stream_key(partition: bytes) -> bytes:
    """What happened in a partition and isn't in PostgreSQL yet."""
    return partition + b"s"


def deadlines_key(partition: bytes) -> bytes:
    """The calls in progress of a partition by the time at which they end by themselves."""
    return partition + b"d"


def marker_key(partition: bytes, marker: str) -> bytes:
    """What became of a group of postbacks, for a repeat of its request."""
    return b"%bm:%b" % (partition, marker.encode())


def erased_caller_key(company_id: int, caller_number: str) -> bytes:
    """When a caller was erased; its name doesn't say who that is."""
    digest = sha1(b"%d:%b" % (company_id, caller_number.encode()), usedforsecurity=False).hexdigest()[:32]
    return b"%bx:%d:%b" % (partition_of(company_id, caller_number), company_id, digest.encode())


def erased_call_key(company_id: int, call_uuid: str) -> bytes:
    """When the caller of a call was erased. Lives in the uuid's own partition."""
    return b"%by:%d:%b" % (partition_of(company_id, call_uuid), company_id, call_uuid.encode())


def idempotency_key(postback_key_id: int, name: str) -> bytes:
    """The record of a request with an Idempotency-Key; in a slot of its own."""
    return b"{i:%d:%b}" % (postback_key_id, sha256(name.encode()).digest()[:16].hex().encode())


def rate_key(postback_key_id: int) -> bytes:
    """How much of its rate a postback key has used. In a slot of its own."""
    return b"{r:k:%d}" % postback_key_id


def company_rate_key(company_id: int) -> bytes:
    """How much of the company's rate its keys have used together. In a slot of its own."""
    return b"{r:c:%d}" % company_id


def snapshot_key(table: str) -> bytes:
    """What ingest or the merger keep in memory of one PostgreSQL table, for a worker that starts while PostgreSQL is down."""
    return b"{keyring}:" + table.encode()
