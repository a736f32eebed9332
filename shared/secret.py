"""Keys and tokens: made of randomness, shown once, kept as a hash."""

import hashlib
import secrets


def new_secret(kind: str) -> str:
    """A secret of 192 random bits that names its kind, e.g. `cs_pk_…` for a postback key, so that leak scanners can find it."""
    return f"cs_{kind}_{secrets.token_urlsafe(24)}"


def hash_secret(secret: str) -> bytes:
    """The 32 bytes under which a secret is kept. Plain SHA-256 will do: at least 122 random bits leave nothing to guess or to salt."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
