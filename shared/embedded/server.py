"""What Valkey and PostgreSQL have in common as our children: a locked data folder, a short path for the socket, a log."""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Self

from shared.uninterrupted import uninterrupted

SOCKET_PATH_ROOM = 50
"""Bytes that the parent of the socket's folder may have; the whole path of a Unix socket holds 107."""

_POLL_SECONDS = 0.005


class ServerFailed(Exception):
    """An embedded server can't run; the text is one line that says why and what to do."""


class EmbeddedServer(ABC):
    """One server process on one folder of data; start, stop and fault by hand, or use it as a context manager.

    The data stays when it stops. Start it from the main thread: a server ends with the thread that started it.
    """

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    start_seconds = 60.0
    stop_seconds = 30.0

    def __init__(self, data: Path, *, log: Path | None = None) -> None:
        self.data = data.absolute()
        self.log = log or self.data.with_name(self.data.name + ".log")
        self.process: subprocess.Popen[bytes] | None = None
        self._run_folder: Path | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients reach the running server; the same after each start on the same data."""

    @abstractmethod
    def _prepare(self, lock: int) -> None:
        """Make the data folder and whatever the process needs before it starts."""

    @abstractmethod
    def _launch(self, lock: int) -> subprocess.Popen[bytes]:
        """Start the process; like any that touches the data it is handed the lock's descriptor."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Whether the server would serve a client now."""

    @property
    def run_folder(self) -> Path:
        """The private folder with the short path where the sockets are."""
        assert self._run_folder is not None, f"{self.name} isn't running"
        return self._run_folder

    def start(self) -> None:
        """Start and wait until clients can use it. Raises ServerFailed with the reason."""
        assert threading.current_thread() is threading.main_thread()
        assert self.process is None, f"{self.name} runs already"
        try:
            self.data.parent.mkdir(parents=True, exist_ok=True)
            self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._take_lock()
            try:
                self._run_folder = make_run_folder(self.data)
                self._prepare(lock)
                with uninterrupted():
                    self.process = self._launch(lock)
            finally:
                os.close(lock)  # the server and all of its children hold it now: it is free when the last of them is gone
            self._wait_until_ready()
        except OSError as error:
            self.stop()
            raise ServerFailed(f"{self.name} can't use {error.filename or self.data}: {error.strerror}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop in good order: what was accepted is on disk. Does nothing if it doesn't run."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """SIGKILL, as a crash would; `start` finds the data again."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it with SIGSTOP: it holds its connections and answers nothing."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on."""
        self._signal_all(signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def find_end(self) -> str | None:
        """Why it ended by itself, in one line, or None if it runs or was stopped."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        return f"{self.name} ended with exit code {code}: {self.last_words()}; look into {self.log}, then start again"

    def last_words(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        return next((line.strip() for line in reversed(lines) if line.strip()), "it left no message")

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self._signal_all(signal.SIGCONT)  # a frozen process doesn't hear anything but SIGKILL
            try:
                self.process.wait(self.stop_seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
        self._remove_run_folder()

    def _signal_all(self, number: signal.Signals) -> None:
        assert self.process is not None, f"{self.name} isn't running"
        for pid in [self.process.pid, *_children(self.process.pid)]:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + self.start_seconds
        while not self._is_ready():
            if self.process.poll() is not None:
                raise ServerFailed(f"{self.name} ended while starting: {self.last_words()} (its log is {self.log})")
            if time.monotonic() > deadline:
                raise ServerFailed(f"{self.name} isn't ready after {self.start_seconds:.0f} seconds (its log is {self.log})")
            time.sleep(_POLL_SECONDS)

    def _take_lock(self) -> int:
        """Lock the data folder, waiting for servers to end whose parent is gone. Raises ServerFailed if the parent lives."""
        lock = os.open(self.data.with_name(self.data.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + self.stop_seconds
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = int(os.pread(lock, 20, 0) or 0)
                if (holder != os.getpid() and _is_running(holder)) or time.monotonic() > deadline:
                    os.close(lock)
                    raise ServerFailed(
                        f"{self.data} is in use by process {holder}: stop that first, or set CALLSTAMP_DATA_DIR to another folder"
                    ) from None
                time.sleep(_POLL_SECONDS)
            else:
                os.ftruncate(lock, 0)
                os.pwrite(lock, str(os.getpid()).encode(), 0)
                return lock

    def _remove_run_folder(self) -> None:
        if self._run_folder is not None:
            shutil.rmtree(self._run_folder, ignore_errors=True)
            self._run_folder = None


def make_run_folder(data: Path) -> Path:
    """An empty private folder with a short name that follows from `data`: URLs stay the same, a crash leaves no second one."""
    name = f"callstamp-{os.getuid()}-{hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:12]}"
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")]  # noqa: S108 - private folders in them
    for parent in candidates:
        if len(os.fsencode(parent)) > SOCKET_PATH_ROOM or not parent.is_dir() or os.statvfs(parent).f_flag & os.ST_NOEXEC:
            continue
        folder = parent / name
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid():
            shutil.rmtree(folder)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:  # somebody else's: they may keep the name
            return Path(tempfile.mkdtemp(prefix="callstamp-", dir=parent))
        return folder
    raise ServerFailed(
        f"none of {', '.join(map(str, candidates))} can hold the servers' sockets: set TMPDIR to a folder with a short path"
    )


def find_wheel(package: str) -> Path:
    """The folder of an installed package, found without importing it. Raises ServerFailed if it isn't there."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed(
            f"the package {package} isn't installed: use `python3 run.py`, or set *_REDIS_URL and *_POSTGRES_URL to real servers"
        )
    return Path(spec.submodule_search_locations[0]).resolve()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


def _children(pid: int) -> list[int]:
    """The processes that `pid` has forked (Linux; elsewhere none)."""
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(child) for child in listing.read_text().split()]
    except OSError:
        return []
