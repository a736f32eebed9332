"""The address that takes many postbacks at once, for one who posts a file: every batch is taken in the end, or it is said why not."""

import gzip
import http.client
import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from callstamp.command_failed import CommandFailed

REPLY_SECONDS = 120.0
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 15.0
LATER = {408, 425, 429, 500, 502, 503, 504}


class GaveUp(Exception):
    """The batch couldn't be posted for a long time; posting it later, with the same idempotency key, is safe."""


class Trouble(NamedTuple):
    """Why a batch must be posted again, and how long the server asks to wait at least."""

    reason: str
    wait_seconds: float = 0.0
    is_rate: bool = False


class BulkDoor:
    """Posts batches one after the other on one connection; `on_trouble` hears why it waits and how long."""

    def __init__(
        self, url: str, key: str, content_type: str, compression: str | None, on_trouble: Callable[[str, float], None]
    ) -> None:
        self._address = urlsplit(url)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type, "Accept": "application/json"}
        self._compress = COMPRESSIONS[compression] if compression else None
        if compression:
            self._headers["Content-Encoding"] = compression
        self._on_trouble = on_trouble
        self._connection: http.client.HTTPConnection | None = None

    def prepare(self, body: bytes) -> bytes:
        """The body as it goes over the wire."""
        return self._compress(body) if self._compress else body

    def post(self, sent: bytes, idempotency_key: str, give_up_seconds: float) -> Any:
        """Post until it is answered, always under the same key; answers the reply's JSON. Raises GaveUp, CommandFailed."""
        deadline, pause = time.monotonic() + give_up_seconds, FIRST_PAUSE_SECONDS
        while True:
            answer = self._try(sent, idempotency_key)
            if not isinstance(answer, Trouble):
                return answer
            wait = max(answer.wait_seconds, pause * random.uniform(0.5, 1))  # noqa: S311 - so that many don't come back at once
            if answer.is_rate:  # however long it says: that is the pace at which this key may post
                deadline += wait
            if time.monotonic() + wait > deadline:
                raise GaveUp(answer.reason)
            self._on_trouble(answer.reason, wait)
            time.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _try(self, sent: bytes, idempotency_key: str) -> Any:
        try:
            connection = self._connection = self._connection or self._connect()
            path = f"{self._address.path.rstrip('/')}/v1/postbacks"
            connection.request("POST", path, sent, self._headers | {"Idempotency-Key": idempotency_key})
            reply = connection.getresponse()
            text = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Trouble(f"{self._address.netloc} doesn't answer ({error or type(error).__name__})")
        if reply.status == 200:
            return json.loads(text)
        problem = _read_problem(text)
        code = problem.get("code", "no code")
        if reply.status in LATER or code == "idempotency_in_flight":
            return Trouble(f"answered {reply.status} {code}", _seconds(reply.headers.get("Retry-After")), reply.status == 429)
        raise CommandFailed(f"refused with {reply.status} {code}: {problem.get('detail', 'it gave no reason')}")

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._address.scheme == "https" else http.client.HTTPConnection
        return kind(self._address.hostname or "", self._address.port, timeout=REPLY_SECONDS)


def _compress_gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=1)


def _compress_zstd(body: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.compress(body, level=1)


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {"gzip": _compress_gzip, "zstd": _compress_zstd}


def _read_problem(text: bytes) -> dict[str, Any]:
    try:
        problem = json.loads(text)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
