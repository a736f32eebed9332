"""What ingest does for a postback besides HTTP and talking to the store, for peers to do the same: read, check, pack, answer."""

import hashlib
import os
import re
import uuid
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import redis.asyncio

SCRIPT = Path(__file__).with_name("same_work.lua").read_text()
CONNECTIONS = 64

_STORAGE_MS = 172_800_000
_CALLER = re.compile(r"\+[1-9][0-9]{7,14}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_pack = msgspec.msgpack.Encoder().encode
_KEYRING = {hashlib.sha256(os.environ.get("POSTBACK_KEY", "").encode()).digest(): (1, 1)}


class Postback(NamedTuple):
    """A postback that may be written: the keys and arguments of the script, and what the reply says of it."""

    keys: tuple[bytes, bytes, bytes]
    args: tuple[int, bytes, bytes]
    postback_id: str
    caller: str
    tag_values: dict[str, str]


class Refused(Exception):
    """The request isn't a postback of a known key; no peer is asked for more in a comparison."""


def read_postback(query: Mapping[str, str], source_ip: str | None) -> Postback:
    """What the request says, checked and packed. Raises Refused."""
    tag_values = dict(query)
    known = _KEYRING.get(hashlib.sha256(tag_values.pop("key", "").encode()).digest())
    caller = tag_values.pop("caller_number", "").strip()
    caller = caller if caller.startswith("+") else "+" + caller
    if known is None or not _CALLER.fullmatch(caller) or not 0 < len(tag_values) <= 100:
        raise Refused
    flat: list[str] = []
    for name, value in tag_values.items():
        if not 0 < len(name) <= 128 or len(value) > 4096 or _CONTROL.search(name) or _CONTROL.search(value):
            raise Refused
        flat += (name, value)
    postback_id = str(uuid.uuid4())
    tail = _pack((*known, postback_id, 0, flat))
    log_tail = _pack((1, caller, source_ip, None, 1))
    partition = b"{p%03d}" % (zlib.crc32(f"1:{caller}".encode()) % 256)
    named = f"1:{caller}".encode()
    keys = (partition + b"C:" + named, partition + b"W:" + named, partition + b"S")  # large letters: not those of ingest
    return Postback(keys, (_STORAGE_MS, tail, log_tail), postback_id, caller, tag_values)


def body_of(postback: Postback) -> bytes:
    """The published reply."""
    said = {"tag_values": postback.tag_values, "caller_number": postback.caller, "status": "call not found, tags stored"}
    return msgspec.json.encode(said)


def headers_of(postback: Postback, expires_at: int) -> dict[str, str]:
    """The extra facts of the reply."""
    moment = datetime.fromtimestamp(expires_at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "Callstamp-Postback-Id": postback.postback_id,
        "Callstamp-Outcome": "stored",
        "Callstamp-Expires-At": moment,
    }


class PooledStore:
    """The store as one usually has it: redis-py with a pool, a connection for each request in flight."""

    def __init__(self, url: str) -> None:
        pool = redis.asyncio.BlockingConnectionPool.from_url(url, max_connections=CONNECTIONS, timeout=5, protocol=2)
        self._client: redis.asyncio.Redis = redis.asyncio.Redis(connection_pool=pool)
        self._sha = ""

    async def start(self) -> None:
        self._sha = await self._client.script_load(SCRIPT)

    async def write(self, postback: Postback) -> int:
        """Write it; answers when the tags expire."""
        answer = await self._client.evalsha(self._sha, 3, *postback.keys, *postback.args)
        return int(answer[1])

    async def stop(self) -> None:
        await self._client.aclose()
