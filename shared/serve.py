"""Runs a service: one listening socket owned by the parent, one or several workers, and a stop that fails nobody."""

import asyncio
import gc
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable

import structlog
import uvloop
from aiohttp import web
from prometheus_client.multiprocess import mark_process_dead

from shared.die_with_parent import die_with_parent
from shared.http import DRAINING, DoorRunner
from shared.settings import StartRefused

log = structlog.get_logger()

KEEPALIVE_SECONDS = 75.0  # longer than a usual proxy's 60, so that the proxy is the one who closes
RESTART_PAUSE_SECONDS = 0.5

EXIT_MISCONFIGURED = 78  # EX_CONFIG of sysexits.h: starting again won't help

_LISTENER, _PARENT = "CALLSTAMP_WORKER_LISTENER", "CALLSTAMP_WORKER_PARENT"  # what a parent tells its workers, no settings


def serve(create_app: Callable[[], web.Application], *, host: str, port: int, workers: int, stop_grace_seconds: float) -> None:
    """Listen on `host:port` (0: any free port) and serve until SIGTERM or SIGINT. Exits the process with 1 if the port is taken."""
    if _LISTENER in os.environ:
        listener = socket.socket(fileno=int(os.environ[_LISTENER]))
        die_with_parent(int(os.environ[_PARENT]))
    else:
        try:
            listener = _listen(host, port)
        except OSError as error:
            sys.exit(f"cannot listen on {host}:{port}: {error.strerror or error}")
        if workers > 1:
            _run_workers(listener, workers)
    uvloop.run(_run_worker(create_app, listener, stop_grace_seconds))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    listener.setblocking(False)
    return listener


async def _run_worker(create_app: Callable[[], web.Application], listener: socket.socket, stop_grace_seconds: float) -> None:
    """Serve until told to stop; then let keep-alive clients go with their next reply before the socket closes."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        runner = DoorRunner(create_app(), keepalive_timeout=KEEPALIVE_SECONDS, shutdown_timeout=10)
        await runner.setup()
    except StartRefused as refused:
        log.error("start_refused", reason=str(refused))  # noqa: TRY400 - the reason is for the operator, the traceback for nobody
        sys.exit(EXIT_MISCONFIGURED)
    await web.SockSite(runner, listener, backlog=1024).start()
    _spare_the_garbage_collector()
    await stop.wait()
    runner.app[DRAINING].append(True)
    await asyncio.sleep(stop_grace_seconds)
    await runner.cleanup()


def _spare_the_garbage_collector() -> None:
    """Let it pass over all that lives as long as the process, and look less often: worth a twentieth of a request's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def _run_workers(listener: socket.socket, workers: int) -> None:
    """Start the workers as processes of their own on the same socket, a new one where one died, and pass a stop on to all of them."""
    figures = tempfile.mkdtemp(prefix="callstamp-metrics-")
    running: dict[int, subprocess.Popen[bytes]] = {}
    stopping = threading.Event()
    exit_code = 0

    def stop(number: int, frame: object) -> None:
        stopping.set()
        listener.close()  # else who connects after the last worker has left would wait for nobody
        for worker in running.values():
            worker.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        while running or not stopping.is_set():
            while not stopping.is_set() and len(running) < workers:
                worker = _start_worker(listener, figures)
                running[worker.pid] = worker
            pid, status = os.wait()
            if running.pop(pid, None):
                mark_process_dead(pid, figures)
                if os.waitstatus_to_exitcode(status) == EXIT_MISCONFIGURED:
                    stop(signal.SIGTERM, None)
                    exit_code = EXIT_MISCONFIGURED
                elif not stopping.is_set():
                    log.error("worker_died", pid=pid, exit_code=os.waitstatus_to_exitcode(status))
                    stopping.wait(RESTART_PAUSE_SECONDS)
    finally:
        shutil.rmtree(figures, ignore_errors=True)
    sys.exit(exit_code)


def _start_worker(listener: socket.socket, figures: str) -> subprocess.Popen[bytes]:
    """The command that started this process once more, told by its environment that it is a worker."""
    given = {_LISTENER: str(listener.fileno()), _PARENT: str(os.getpid()), "PROMETHEUS_MULTIPROC_DIR": figures}
    return subprocess.Popen(
        [sys.executable, *sys.orig_argv[1:]], pass_fds=[listener.fileno()], env=os.environ | given, start_new_session=True
    )
