"""The buckets of rates as the store has them: read, filled and made older. A test moves what is kept, never the clock."""

import redis.asyncio

_READ = """
local held = redis.call('GET', KEYS[1])
if not held then return false end
local level, at = cmsgpack.unpack(held)
return {string.format('%.17g', level), string.format('%.0f', at)}
"""
_AGE = """
local held = redis.call('GET', KEYS[1])
if not held then return end
local level, at = cmsgpack.unpack(held)
redis.call('SET', KEYS[1], cmsgpack.pack(level, at - ARGV[1]))
"""
_FREEZE = """
local now = redis.call('TIME')
redis.call('SET', KEYS[1], cmsgpack.pack(tonumber(ARGV[1]), (now[1] + 3600) * 1000000))
"""


async def read_bucket(store: redis.asyncio.Redis, key: bytes) -> tuple[float, int] | None:
    """How full it was, and when (store's clock, microseconds); None: it is empty."""
    held = await store.eval(_READ, 1, key)
    return None if held is None else (float(held[0]), int(held[1]))


async def age_bucket(store: redis.asyncio.Redis, key: bytes, microseconds: int) -> None:
    """Let that much more time have gone by, which changes nothing for an empty one."""
    await store.eval(_AGE, 1, key, microseconds)


async def freeze_bucket(store: redis.asyncio.Redis, key: bytes, level: float) -> None:
    """Fill it, as of a time to come: until the next request for it, nothing leaks, however slow the machine."""
    await store.eval(_FREEZE, 1, key, level)
