"""Keys in memory: whose a request is, decided without asking anybody."""

import time
from typing import Generic, TypeVar

from schemas.kept_rows import EngineKeyRow, PostbackKeyRow
from shared.errors import Refusal, Unavailable
from shared.secret import hash_secret

_UUID_LENGTH = 36

Row = TypeVar("Row", PostbackKeyRow, EngineKeyRow)


class Keyring(Generic[Row]):
    """Holds every key by the hash of its secrets; keyring_sync keeps it in step with PostgreSQL. `refusal` is what a wrong key meets."""

    def __init__(self, refusal: type[Refusal]) -> None:
        self._refusal = refusal
        self._by_secret: dict[bytes, tuple[Row, float | None]] = {}
        self._secrets_of: dict[int, list[bytes]] = {}
        self.is_current = False
        """Whether a key that isn't here doesn't exist; False while PostgreSQL is out of reach."""

    def __len__(self) -> int:
        return len(self._secrets_of)

    def get(self, secret: str) -> Row:
        """The key that may be used with this secret.

        Refuses unknown, paused and revoked ones alike; raises Unavailable for an unknown one while PostgreSQL can't say that there is
        none.
        """
        key = self.find(secret)
        if key is None and not self.is_current:
            raise Unavailable("Keys can't be checked just now; try again.")
        if key is None or key.paused or key.revoked:
            raise self._refusal
        return key

    def find(self, secret: str) -> Row | None:
        """The key that this secret is or was, paused and revoked ones too."""
        if len(secret) == _UUID_LENGTH:
            secret = secret.lower()  # keys brought along are UUIDs, which people write in either case
        if (held := self._by_secret.get(hash_secret(secret))) is None:
            return None
        key, valid_until = held
        return None if valid_until is not None and time.monotonic() >= valid_until else key

    def put(self, row: Row) -> None:
        """Take a new or changed key."""
        for secret_hash in self._secrets_of.get(row.id, ()):
            self._by_secret.pop(secret_hash, None)
        self._secrets_of[row.id] = []
        for secret in row.secrets:
            self._by_secret[secret.hash] = (row, secret.expiry(time.monotonic(), time.time()))
            self._secrets_of[row.id].append(secret.hash)
