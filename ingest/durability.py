"""What an acknowledged write survives, and what the store's configuration must be for it."""

from enum import StrEnum
from typing import Annotated

import msgspec

from shared.redis_connection import Call

Replicas = Annotated[int, msgspec.Meta(ge=1, le=10)]


class Durability(StrEnum):
    """The profiles: `durable`, on disk; `fast`, on disk a second later; `replicated`, on disk and at a replica."""

    DURABLE = "durable"
    FAST = "fast"
    REPLICATED = "replicated"


_EVERY_WRITE = (("always",), "anything less loses acknowledged tags in a power cut; the profile fast allows everysec")
_EVERY_SECOND = (("always", "everysec"), "the profile fast may lose a second, not everything since the system last wrote")


def promises_of(durability: Durability) -> dict[str, tuple[tuple[str, ...], str]]:
    """What the store's configuration must say, and why."""
    return {
        "maxmemory-policy": (("noeviction",), "an evicting store loses acknowledged tags silently"),
        "appendonly": (("yes",), "without the append-only file a restart loses everything"),
        "appendfsync": _EVERY_SECOND if durability is Durability.FAST else _EVERY_WRITE,
        "no-appendfsync-on-rewrite": (("no",), "nothing would be synced while the append-only file is rewritten"),
    }


async def find_weakness(call: Call, durability: Durability) -> str | None:
    """What the store's configuration falls short of the profile by, or None."""
    for setting, (wanted, reason) in promises_of(durability).items():
        answer = await call("CONFIG", "GET", setting)
        value = answer[1].decode() if answer else "unknown"
        if value not in wanted:
            return f"the store has {setting} {value}, and must have {' or '.join(wanted)}: {reason}"
    return None
