"""Postback ids: random UUIDs, kept in the store as 22 characters of base64 so that a waiting tag stays small."""

import os
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator
from uuid import UUID

_AS_VERSION_4 = bytes(0x40 | byte & 0x0F for byte in range(256))  # RFC 9562: version 4 in byte 6, variant 10 in byte 8
_AS_VARIANT = bytes(0x80 | byte & 0x3F for byte in range(256))


def _draw_ids() -> Iterator[bytes]:
    """16 bytes at a time, of which the kernel is asked for many at once: a system call a postback is worth sparing."""
    while True:
        drawn = bytearray(os.urandom(4096))
        drawn[6::16] = drawn[6::16].translate(_AS_VERSION_4)
        drawn[8::16] = drawn[8::16].translate(_AS_VARIANT)
        whole = bytes(drawn)
        for start in range(0, 4096, 16):
            yield whole[start : start + 16]


_ids = _draw_ids()


def new_postback_id() -> tuple[str, str]:
    """A new id as text (`xxxxxxxx-xxxx-4xxx-…`, RFC 9562 version 4) and as it is kept in the store."""
    raw = next(_ids)
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}", b2a_base64(raw)[:22].decode()


def read_postback_id(kept: str) -> UUID:
    """The id that the store kept."""
    return UUID(bytes=a2b_base64(kept + "=="))


def spell_postback_id(kept: str) -> str:
    """The id that the store kept as 32 hexadecimal digits."""
    return a2b_base64(kept + "==").hex()


class BatchIds:
    """The ids of one request's postbacks: a random one, of which the last 16 bits count. A repeat of the request names the same ones.

    `batch` is the id of the first as it is kept; None draws a new one.
    """

    def __init__(self, batch: str | None = None) -> None:
        raw = bytearray(read_postback_id(batch).bytes if batch else read_postback_id(new_postback_id()[1]).bytes)
        raw[14:] = b"\0\0"
        self._raw = bytes(raw[12:14])
        self._kept = b2a_base64(raw[:12], newline=False).decode()
        self._text = str(UUID(bytes=bytes(raw)))[:-4]
        self.batch = self.kept(0)

    def kept(self, index: int) -> str:
        """The id of the item `index` (0 to 65,535) as it is kept in the store."""
        return self._kept + b2a_base64(self._raw + index.to_bytes(2, "big"), newline=False)[:6].decode()

    def text(self, index: int) -> str:
        """The same as text (RFC 9562)."""
        return f"{self._text}{index:04x}"
