"""A Redis Cluster as all requests of a process share it: a link to each primary, and a map that says whose slot a key is in.

The map is read again when a server says that a slot has moved, when a link is lost, and every few seconds; until a replica has taken
over from a primary that died, the slots of that one are away and all others go on.
"""

import asyncio
from binascii import crc_hqx
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import structlog

from shared.background import Background
from shared.redis_address import Server
from shared.redis_connection import Moved, Moving, NotSent, StoreAway
from shared.redis_link import LinkRules, RedisLink, ask_once

log = structlog.get_logger()

SLOTS = 16_384
LOOK_SECONDS = 5.0
LOOK_PAUSE_SECONDS = 0.1  # between two looks however many requests ask for one

_QUESTIONS = (("CLUSTER", "INFO"), ("CLUSTER", "SLOTS"))


def slot_of(key: bytes) -> int:
    """The slot of a key: CRC-16 (XMODEM) of its hash tag, or of all of it if it has none, as the cluster specification says."""
    start = key.find(b"{")
    if start >= 0 and (end := key.find(b"}", start + 1)) > start + 1:
        key = key[start + 1 : end]
    return crc_hqx(key, 0) % SLOTS


class SlotMap(NamedTuple):
    """The cluster as one of its servers sees it: whose each range of slots is, and every server it knows."""

    is_whole: bool
    epoch: int
    ranges: tuple[tuple[int, int, str], ...]
    servers: frozenset[str]


class RedisCluster:
    """Links to the primaries of a cluster; see RedisLink for what the rules are."""

    def __init__(self, seeds: Sequence[Server], rules: LinkRules) -> None:
        self._seeds = seeds
        self._rules = rules
        self._known: set[str] = {seed.name for seed in seeds}
        self._links: dict[str, RedisLink] = {}
        self._slots: list[RedisLink | None] = [None] * SLOTS
        self._stale = asyncio.Event()
        self._looked = asyncio.Event()
        self._keeper = Background()
        self._retiring: set[asyncio.Task[None]] = set()

    # --- what requests ask

    def at(self, key: bytes) -> RedisLink:
        """The link to the server that has this key. Raises NotSent if nobody has."""
        link = self._slots[slot_of(key)]
        if link is None:
            raise NotSent("no server has the slot")
        return link

    def group_of(self, partition: bytes) -> bytes:
        """Which partitions one script call may touch together: each only itself."""
        return partition

    def links(self) -> Iterable[RedisLink]:
        """Every primary known now."""
        return tuple(self._links.values())

    def away(self) -> list[str]:
        """The primaries that can't be reached."""
        if not self._links:
            return [seed.name for seed in self._seeds]
        return [link.name for link in self._links.values() if not link.is_up]

    @property
    def is_up(self) -> bool:
        """Whether any primary can be reached."""
        return any(link.is_up for link in self._links.values())

    def notice(self, failure: StoreAway) -> None:
        """A server couldn't do what it was asked: perhaps another one has its slots now."""
        self._stale.set()

    async def follow(self, moved: Moved, command: bytes) -> Any:
        """Run a command where it was told to go. Raises StoreAway, NotRun.

        A script can't follow to a server to which its slot is still moving: it would meet keys that aren't there yet.
        """
        self._stale.set()
        link = self._links.get(moved.address)
        if isinstance(moved, Moving):
            if link is None:
                raise NotSent("the slot is being moved")
            return await link.send_asking(command)
        if link is None or not link.is_up:
            await self._look_awaited()
            link = self._links.get(moved.address, self._slots[moved.slot])
            if link is None:
                raise NotSent("no server has the slot")
        self._slots[moved.slot] = link
        return await link.send(command)

    async def _look_awaited(self) -> None:
        """Wait for the next look at the map, within the time-out."""
        self._looked.clear()
        self._stale.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rules.timeout_seconds):
                await self._looked.wait()

    # --- how the map stays true

    async def start(self) -> None:
        """Read the map and connect to every primary; raises what `prepare` does."""
        try:
            await self._look(first=True)
        except (StoreAway, OSError, TimeoutError) as error:
            for seed in self._seeds:
                log.warning("store_away", server=seed.name, reason=str(error) or type(error).__name__)
            self._stale.set()
        self._keeper.start(self._stay_current())

    async def stop(self) -> None:
        await self._keeper.stop()
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, *(link.stop() for link in self._links.values()), return_exceptions=True)

    async def _stay_current(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._stale.wait()
            self._stale.clear()
            try:
                await self._look()
            except Exception as error:
                log.debug("store_still_away", server="cluster", reason=str(error) or type(error).__name__)
                self._stale.set()
            await asyncio.sleep(LOOK_PAUSE_SECONDS)
            if self.away():
                self._stale.set()

    async def _look(self, *, first: bool = False) -> None:
        """Read the map from the primaries, or from every server there is if those don't have all of it, and go by who knows most."""
        views = await self._views([link.name for link in self._links.values() if link.is_up])
        if not any(view.is_whole for view in views):
            self._known |= {seed.name for seed in self._seeds}
            views += await self._views(self._known)
        if not views:
            raise StoreAway("no server of the cluster answers")
        best = max(views, key=lambda view: (view.is_whole, view.epoch))
        if best.ranges:
            await self._adopt(best, first=first)
        self._looked.set()

    async def _views(self, addresses: Iterable[str]) -> list[SlotMap]:
        views = await asyncio.gather(*(self._view_of(address) for address in addresses), return_exceptions=True)
        return [view for view in views if isinstance(view, SlotMap)]

    async def _view_of(self, address: str) -> SlotMap:
        server = self._seeds[0].at(address)
        link = self._links.get(address)
        if link is not None and link.is_up:
            about, ranges = await asyncio.gather(*(link.call(*question) for question in _QUESTIONS))
        else:
            about, ranges = await ask_once(server, *_QUESTIONS)
        return read_slot_map(server, about, ranges)

    async def _adopt(self, view: SlotMap, *, first: bool) -> None:
        """Have a link to each primary of the map, and to no other."""
        wanted = {address for _, _, address in view.ranges}
        fresh = [RedisLink(self._seeds[0].at(address), self._rules) for address in wanted - self._links.keys()]
        self._links |= {link.name: link for link in fresh}  # before they start, so that `stop` ends them whenever it comes
        started = await asyncio.gather(*(link.start() for link in fresh), return_exceptions=True)
        if first and (refused := next((answer for answer in started if isinstance(answer, BaseException)), None)):
            raise refused
        self._known = set(view.servers)
        slots: list[RedisLink | None] = [None] * SLOTS
        for begin, end, address in view.ranges:
            slots[begin : end + 1] = [self._links[address]] * (end + 1 - begin)
        self._slots = slots
        for address in self._links.keys() - wanted:
            task = asyncio.create_task(self._retire(self._links.pop(address)))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)
        self._rules.on_change()

    async def _retire(self, link: RedisLink) -> None:
        """Let what it still has be answered, then close it."""
        try:
            await asyncio.sleep(self._rules.timeout_seconds)
        finally:
            await link.stop()


def read_slot_map(server: Server, about: bytes, ranges: list[Any]) -> SlotMap:
    """What CLUSTER INFO and CLUSTER SLOTS say; a server that doesn't know its own address is the one that was asked."""
    facts = dict(line.split(":", 1) for line in about.decode().split("\r\n") if ":" in line)

    def address(place: list[Any]) -> str:
        host = (place[0] or b"").decode()
        return f"{host if host not in ('', '?') else server.host}:{place[1]}"

    owned = tuple(sorted((begin, end, address(places[0])) for begin, end, *places in ranges))
    servers = frozenset({server.name} | {address(place) for _, _, *places in ranges for place in places})
    return SlotMap(facts.get("cluster_state") == "ok", int(facts.get("cluster_current_epoch", 0)), owned, servers)
