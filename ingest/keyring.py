"""The postback keys in memory: whose a postback is, decided without asking anybody."""

import time

from ingest.errors import InvalidPostbackKey
from schemas.kept_rows import PostbackKeyRow
from shared.errors import Unavailable
from shared.secret import hash_secret

_UUID_LENGTH = 36


class Keyring:
    """Holds every postback key by the hash of its secrets; keyring_sync keeps it in step with PostgreSQL."""

    def __init__(self) -> None:
        self._by_secret: dict[bytes, tuple[PostbackKeyRow, float | None]] = {}
        self._secrets_of: dict[int, list[bytes]] = {}
        self.is_current = False
        """Whether a key that isn't here doesn't exist; False while PostgreSQL is out of reach."""

    def __len__(self) -> int:
        return len(self._secrets_of)

    def get(self, secret: str) -> PostbackKeyRow:
        """The key that may write with this secret. Raises InvalidPostbackKey for unknown, paused and revoked ones alike, and
        Unavailable for an unknown one while PostgreSQL can't say that there is none."""
        key = self.find(secret)
        if key is None and not self.is_current:
            raise Unavailable("Keys can't be checked just now; try again.")
        if key is None or key.paused or key.revoked:
            raise InvalidPostbackKey
        return key

    def find(self, secret: str) -> PostbackKeyRow | None:
        """The key that this secret is or was, paused and revoked ones too."""
        if len(secret) == _UUID_LENGTH:
            secret = secret.lower()  # keys brought along are UUIDs, which people write in either case
        key, valid_until = self._by_secret.get(hash_secret(secret), (None, None))
        return None if valid_until is not None and time.monotonic() >= valid_until else key

    def put(self, row: PostbackKeyRow) -> None:
        """Take a new or changed key."""
        for secret_hash in self._secrets_of.get(row.id, ()):
            self._by_secret.pop(secret_hash, None)
        self._secrets_of[row.id] = []
        for secret in row.secrets:
            self._by_secret[secret.hash] = (row, secret.expiry(time.monotonic(), time.time()))
            self._secrets_of[row.id].append(secret.hash)
