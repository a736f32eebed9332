"""Postback ids: random UUIDs, kept in the store as 22 characters of base64 so that a waiting tag stays small."""

import os
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator
from uuid import UUID

_RANDOM_BITS = ~(0xF << 76 | 0x3 << 62)
_VERSION_4 = 0x4 << 76 | 0x2 << 62  # RFC 9562: version 4, variant 10


def _draw_randomness() -> Iterator[bytes]:
    """16 random bytes at a time, of which the kernel is asked for many at once: a system call a postback is worth sparing."""
    while True:
        drawn = os.urandom(4096)
        for start in range(0, len(drawn), 16):
            yield drawn[start : start + 16]


_randomness = _draw_randomness()


def new_postback_id() -> tuple[str, str]:
    """A new id as text (`xxxxxxxx-xxxx-4xxx-…`, RFC 9562 version 4) and as it is kept in the store."""
    raw = (int.from_bytes(next(_randomness), "big") & _RANDOM_BITS | _VERSION_4).to_bytes(16, "big")
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}", b2a_base64(raw, newline=False)[:22].decode()


def read_postback_id(kept: str) -> UUID:
    """The id that the store kept."""
    return UUID(bytes=a2b_base64(kept + "=="))
