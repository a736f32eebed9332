"""Moves slots of a cluster from one server to another, whole or key by key, as operators do."""

import asyncio
from collections.abc import Iterable

from shared.embedded.valkey_cluster import HOST, ClusterServer, EmbeddedValkeyCluster
from shared.redis_cluster import slot_of
from tests.waiting import wait_for


def id_of(server: ClusterServer) -> str:
    """What the cluster calls it."""
    return str(server.ask("CLUSTER", "MYID").decode())


def owner_of(cluster: EmbeddedValkeyCluster, key: bytes) -> ClusterServer:
    """The primary that has the key's slot now."""
    slot = slot_of(key)
    for begin, end, (_, port, *_), *_ in cluster.primaries()[0].ask("CLUSTER", "SLOTS"):
        if begin <= slot <= end:
            return next(server for server in cluster.servers if server.port == port)
    raise AssertionError(f"nobody has slot {slot}")


def slots_of(server: ClusterServer) -> set[int]:
    """The slots that a primary has now."""
    ranges = [(begin, end) for begin, end, (_, port, *_), *_ in server.ask("CLUSTER", "SLOTS") if port == server.port]
    return {slot for begin, end in ranges for slot in range(begin, end + 1)}


def begin_move(slot: int, source: ClusterServer, target: ClusterServer) -> None:
    """From here on the source sends whoever asks for a key that it doesn't have to the target."""
    target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", id_of(source))
    source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", id_of(target))


def move_keys(slot: int, source: ClusterServer, target: ClusterServer, *, replace: bool = False) -> None:
    """Move the keys of a slot; a key that the target has too is an error, or replaced."""
    while keys := source.ask("CLUSTER", "GETKEYSINSLOT", slot, 1):
        options = ["REPLACE"] if replace else []
        source.ask("MIGRATE", HOST, target.port, "", 0, 5000, *options, "KEYS", *keys)


def end_move(slot: int, source: ClusterServer, target: ClusterServer) -> None:
    """The target has the slot."""
    for server in (target, source):
        server.ask("CLUSTER", "SETSLOT", slot, "NODE", id_of(target))


async def move_key_by_key(slots: Iterable[int], source: ClusterServer, target: ClusterServer) -> None:
    """Move slots one by one, leaving time between the steps for requests to fall into."""
    for slot in slots:
        begin_move(slot, source, target)
        await asyncio.sleep(0.02)
        move_keys(slot, source, target)
        await asyncio.sleep(0.02)
        end_move(slot, source, target)


async def move_whole(slots: Iterable[int], source: ClusterServer, target: ClusterServer) -> None:
    """Move slots as Valkey 9 does, each with all that is in it at one instant."""
    ranges = [word for slot in slots for word in ("SLOTSRANGE", slot, slot)]
    source.ask("CLUSTER", "MIGRATESLOTS", *_joined(ranges), "NODE", id_of(target))

    async def states() -> set[bytes]:
        return {state_of(move) for move in source.ask("CLUSTER", "GETSLOTMIGRATIONS")}

    await wait_for(states, {b"success"}, "states of the slot migrations")


def _joined(ranges: list[str | int]) -> list[str | int]:
    return ["SLOTSRANGE", *(word for word in ranges if word != "SLOTSRANGE")]


def state_of(move: list[bytes]) -> bytes:
    """The state of a move, from its fields by name."""
    return dict(zip(move[::2], move[1::2], strict=True))[b"state"]
