"""Where things live in Redis never changes: a moved key would be a lost tag."""

from uuid import UUID

from redis.crc import key_slot

from ingest import redis_keys
from ingest.postback_id import new_postback_id, read_postback_id


def test_the_partition_of_a_caller_is_fixed_for_ever() -> None:
    assert redis_keys.partition_of(1, "+15551230000") == b"{p166}"
    assert redis_keys.partition_of(2, "+15551230000") == b"{p125}"


def test_all_of_a_caller_shares_one_slot() -> None:
    caller, partition = "+15551230000", redis_keys.partition_of(7, "+15551230000")
    keys = [
        redis_keys.waiting_key(7, caller),
        redis_keys.caller_calls_key(7, caller),
        redis_keys.call_key(7, caller, "any-uuid"),
        redis_keys.stream_key(partition),
        redis_keys.deadlines_key(partition),
    ]
    assert len({key_slot(key) for key in keys}) == 1


def test_a_postback_id_is_a_random_uuid_that_reads_back() -> None:
    text, kept = new_postback_id()
    assert UUID(text) == read_postback_id(kept)
    assert (UUID(text).version, UUID(text).variant) == (4, "specified in RFC 4122")
    assert len(kept) == 22
