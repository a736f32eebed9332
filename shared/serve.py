"""Runs a service on one listening socket: alone or with several workers, and with stops and rolls that fail nobody."""

import asyncio
import gc
import resource
import signal
import socket
import sys
from collections.abc import Callable

import structlog
import uvloop
from aiohttp import web

from shared.door import DoorLimits
from shared.health import find_missing
from shared.http import DRAINING
from shared.runner import DoorRunner
from shared.settings import EXIT_MISCONFIGURED, StartRefused
from shared.workers import Calling, Workers, is_worker

log = structlog.get_logger()

KEEPALIVE_SECONDS = 75.0  # longer than a usual proxy's 60, so that the proxy is the one who closes
LEAVE_SECONDS = 5.0  # a worker that is relieved waits that long for clients to ask once more and be told that it closes
LAST_SECONDS = 0.5  # at a stop, those who were accepted last have that long to ask
BACKLOG = 1024
LOOK_SECONDS = 0.02


def serve(
    create_app: Callable[[], web.Application],
    *,
    host: str,
    port: int,
    workers: int,
    stop_grace_seconds: float,
    limits: DoorLimits | None = None,
) -> None:
    """Listen on `host:port` (0: any free port) and serve until SIGTERM or SIGINT. Exits the process with 1 if the port is taken."""
    _allow_files()
    limits = limits or DoorLimits()
    if is_worker():
        calling = Calling()
        server = Server(create_app, calling.listener, stop_grace_seconds, limits)
        sys.exit(uvloop.run(server.serve_for(calling)))
    try:
        listener = _listen(host, port)
    except OSError as error:
        sys.exit(f"cannot listen on {host}:{port}: {error.strerror or error}")
    if workers > 1:
        sys.exit(uvloop.run(_be_parent(Workers(listener, workers))))
    sys.exit(uvloop.run(Server(create_app, listener, stop_grace_seconds, limits).serve_alone()))


def _allow_files() -> None:
    """As many open files as the system lets this process have: a connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


async def _be_parent(workers: Workers) -> int:
    _listen_to_signals(stop=workers.stop, roll=workers.want_roll)
    return await workers.run()


def _listen_to_signals(*, stop: Callable[[], None], roll: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, roll)


class Server:
    """One process that serves: from the start of its app to the last reply."""

    def __init__(
        self, create_app: Callable[[], web.Application], listener: socket.socket, grace_seconds: float, limits: DoorLimits
    ) -> None:
        self._create_app = create_app
        self._listener = listener
        self._grace_seconds = grace_seconds
        self._limits = limits
        self._told = asyncio.Queue[signal.Signals]()
        self._runner: DoorRunner

    async def serve_for(self, calling: Calling) -> int:
        """As one of a parent's workers: SIGTERM is the service's stop, SIGHUP means that another one has taken the place."""
        if not await self._start_app():
            return EXIT_MISCONFIGURED
        while calling.is_patient and find_missing(self._runner.app) and self._told.empty():
            await asyncio.sleep(LOOK_SECONDS)
        if not self._told.empty():
            await self._runner.cleanup()
            return 0
        await self._open(self._listener.dup())
        calling.say_ready()
        await (self._leave() if await self._told.get() == signal.SIGHUP else self._stop())
        return 0

    async def serve_alone(self) -> int:
        """Without a parent, until SIGHUP: then this process becomes one, and leaves the work to a worker."""
        if not await self._start_app():
            return EXIT_MISCONFIGURED
        await self._open(self._listener.dup())
        while await self._told.get() == signal.SIGHUP:
            workers = Workers(self._listener.dup(), 1)
            _listen_to_signals(stop=workers.stop, roll=workers.want_roll)
            log.info("roll_started")
            if await workers.relieve(0):
                log.info("roll_done")
                self._listener.close()
                _, exit_code = await asyncio.gather(self._leave(), workers.run())
                return exit_code
            self._listen_to_signals()
            if workers.is_stopping:
                await workers.run()
                break
            if workers.is_roll_wanted:
                self._told.put_nowait(signal.SIGHUP)
            workers.close()
        await self._stop()
        return 0

    async def _start_app(self) -> bool:
        """Whether the app may run as it is configured; if not, the log says why."""
        self._listen_to_signals()
        try:
            self._runner = DoorRunner(
                self._create_app(), limits=self._limits, keepalive_timeout=KEEPALIVE_SECONDS, shutdown_timeout=10
            )
            await self._runner.setup()
        except StartRefused as refused:
            log.error("start_refused", reason=str(refused))  # noqa: TRY400 - the reason is for the operator, the traceback for nobody
            return False
        return True

    def _listen_to_signals(self) -> None:
        _listen_to_signals(stop=lambda: self._told.put_nowait(signal.SIGTERM), roll=lambda: self._told.put_nowait(signal.SIGHUP))

    async def _open(self, listener: socket.socket) -> None:
        await web.SockSite(self._runner, listener, backlog=BACKLOG).start()
        _spare_the_garbage_collector()

    async def _stop(self) -> None:
        """Nobody takes the place: answer who is there and who still comes, for a moment, then who waits to be accepted; then close."""
        self._runner.app[DRAINING].append(True)
        await asyncio.sleep(self._grace_seconds)
        self._listener.listen(0)  # from now on a new connection is refused by the kernel, or waits to try again
        await asyncio.sleep(LOOK_SECONDS)  # the loop accepts those that were in the queue
        deadline = asyncio.get_running_loop().time() + LAST_SECONDS
        while _count_unaccepted(self._listener) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
        await self._close(LAST_SECONDS)

    async def _leave(self) -> None:
        """Another one has the socket: take no new connection, and let each client go with its next reply."""
        self._runner.app[DRAINING].append(True)
        await self._close(LEAVE_SECONDS)

    async def _close(self, seconds: float) -> None:
        for site in self._runner.sites:
            await site.stop()
        deadline = asyncio.get_running_loop().time() + seconds
        while self._runner.has_connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
        await self._runner.cleanup()


def _count_unaccepted(listener: socket.socket) -> int:
    """How many connections wait to be accepted; 0 where nobody can say (Linux says it in the field tcpi_unacked of a listening socket)."""
    if not sys.platform.startswith("linux"):
        return 0
    figures = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 28)
    return int.from_bytes(figures[24:28], sys.byteorder)


def _spare_the_garbage_collector() -> None:
    """Let it pass over all that lives as long as the process, and look less often: worth a twentieth of a request's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
