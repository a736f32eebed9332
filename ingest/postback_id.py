"""Postback ids: random UUIDs, kept in the store as 22 characters of base64 so that a waiting tag stays small."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID


def new_postback_id() -> tuple[str, str]:
    """A new id as text (`xxxxxxxx-xxxx-4xxx-…`, RFC 9562 version 4) and as it is kept in the store."""
    random = bytearray(os.urandom(16))
    random[6] = random[6] & 0x0F | 0x40
    random[8] = random[8] & 0x3F | 0x80
    text = random.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}", urlsafe_b64encode(random)[:22].decode()


def read_postback_id(kept: str) -> UUID:
    """The id that the store kept."""
    return UUID(bytes=urlsafe_b64decode(kept + "=="))
