"""The keyring's snapshot is read by the version before and the version after."""

import msgspec

from schemas.kept_rows import KeptSecret, PostbackKeyRow

BEFORE_LIMITS = [9, 1, 1, 3, "US", 60_000, 60_000, False, True, False, False, [[b"hash", None, 0.0]]]


def test_a_row_from_before_there_were_limits_has_none() -> None:
    row = msgspec.msgpack.decode(msgspec.msgpack.encode(BEFORE_LIMITS), type=PostbackKeyRow)
    assert row == PostbackKeyRow(9, 1, 1, 3, "US", 60_000, 60_000, False, True, False, False, [KeptSecret(b"hash", None, 0.0)])
    assert (row.allowed_origins, row.allowed_networks, row.rate_limit, row.company_rate_limit) == (None, None, None, None)
    assert not row.allow_read_back
    assert not row.opaque_status


def test_a_row_with_limits_comes_back_as_it_was_and_begins_as_before() -> None:
    """The version before reads as many fields as it knows."""
    row = PostbackKeyRow(
        9, 1, 1, 3, "US", 60_000, 60_000, False, True, False, False, [KeptSecret(b"hash", None, 0.0)],
        True, True, ("https://example.com",), ("10.0.0.0/8",), 5, 50,
    )  # fmt: skip
    packed = msgspec.msgpack.encode(row)
    assert msgspec.msgpack.decode(packed, type=PostbackKeyRow) == row
    assert msgspec.msgpack.decode(packed)[: len(BEFORE_LIMITS)] == BEFORE_LIMITS
