"""Real SIP: Kamailio as the redirect server of kamailio.cfg, and SIPp as the telephone network that calls it."""

import asyncio
import os
import random
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from shared.launch import launch
from tests.waiting import WAIT_SECONDS, wait_for_sync

HERE = Path(__file__).parent
HOST = "127.0.0.1"
NEXT_HOP = "192.0.2.1:5060"  # nobody's (RFC 5737), and nobody goes there

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
_MODULES = ("/usr/lib/*/kamailio/modules", "/usr/lib64/kamailio/modules", "/usr/local/lib*/kamailio/modules")
_STAMP = re.compile(r"^-+ (\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d\.\d+Z?)\n", re.MULTILINE)  # with Z from SIPp 3.7.4 on


def find_missing() -> str | None:
    """The Debian packages that aren't there, in one sentence, or None."""
    has_http_client = any(Path("/").glob(f"{modules[1:]}/http_client.so") for modules in _MODULES)
    there = {
        "sip-tester": _find("sipp") is not None,
        "kamailio": _find("kamailio") is not None,
        "kamailio-utils-modules": has_http_client,
    }
    missing = [package for package, is_there in there.items() if not is_there]
    return f"real SIP needs the Debian packages {' '.join(missing)}" if missing else None


class Reply(NamedTuple):
    """The redirection: its headers in order, and how long after the call's first message it came."""

    headers: list[tuple[str, str]]
    seconds: float

    @property
    def tags(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.headers if name.startswith("X-Tag")]

    def get(self, name: str) -> str:
        return dict(self.headers)[name]


class Switch(NamedTuple):
    """A running redirect server; `folder` is for what SIPp writes."""

    port: int
    folder: Path

    async def call(self, caller: str, dialed: str = "+18005550100") -> Reply:
        """Call as `caller`, the user part of a SIP address."""
        port = _find_free_port()
        log = self.folder / f"messages-{port}.log"
        sipp = await asyncio.create_subprocess_exec(
            _find("sipp") or "sipp", f"{HOST}:{self.port}", "-sf", HERE / "invite.xml", "-m", "1", "-i", HOST, "-p", str(port),
            "-key", "caller", caller, "-key", "dialed", dialed, "-trace_msg", "-message_file", log, "-nostdin",
            "-timeout", f"{WAIT_SECONDS:.0f}s", "-timeout_error",
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            output, _ = await sipp.communicate()  # it ends by itself
        finally:
            if sipp.returncode is None:
                sipp.kill()
                await sipp.wait()
        assert sipp.returncode == 0, output.decode(errors="replace")[-2000:]
        return _read_reply(log.read_text())


@contextmanager
def running_switch(folder: Path, merger_url: str, engine_key: str, *, patience_seconds: int) -> Iterator[Switch]:
    """Kamailio with kamailio.cfg; ends with the test, however the test ends."""
    port = _find_free_port()
    environ = {
        "CALLSTAMP_LISTEN": f"udp:{HOST}:{port}",
        "CALLSTAMP_MERGER_URL": merger_url,
        "CALLSTAMP_ENGINE_KEY": engine_key,
        "CALLSTAMP_PATIENCE_SECONDS": str(patience_seconds),
        "CALLSTAMP_NEXT_HOP": NEXT_HOP,
    }
    arguments = ["-f", str(HERE / "kamailio.cfg"), "-DD", "-E", "-m", "16", "-M", "4", "-w", str(folder), "-Y", str(folder)]
    log = folder / "kamailio.log"
    with log.open("wb") as output:
        process = launch([_find("kamailio") or "kamailio", *arguments], output=output, environ=environ)
    try:
        _wait_until_ready(port, process, log)
        yield Switch(port, folder)
    finally:
        process.terminate()
        try:
            process.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _find_free_port() -> int:
    """Returns a UDP port that nobody has, below those that the kernel gives to clients."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free, suppress(OSError):
            free.bind((HOST, random.randrange(20_000, 30_000)))
            return int(free.getsockname()[1])


def _find(program: str) -> str | None:
    return shutil.which(program, path=_PATH)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask with OPTIONS until it answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((HOST, 0))
        client.connect((HOST, port))
        client.settimeout(0.2)
        here = f"{HOST}:{client.getsockname()[1]}"
        question = (
            f"OPTIONS sip:{HOST}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bKready\r\nFrom: <sip:{here}>;tag=1\r\n"
            f"To: <sip:{HOST}:{port}>\r\nCall-ID: ready\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )

        def reply() -> str:
            assert process.poll() is None, log.read_text()[-2000:]
            try:
                client.send(question.encode())
                return client.recv(4096).decode()
            except OSError as error:
                return f"{error}; its log: {log.read_text()[-2000:]}"

        wait_for_sync(reply, lambda text: text.startswith("SIP/2.0 200"))


def _read_reply(messages: str) -> Reply:
    """What SIPp was answered, out of its log: before each message a dashed line with the time, and which way it went."""
    parts = _STAMP.split(messages)
    stamped = list(zip(parts[1::2], parts[2::2], strict=True))
    sent = next(when for when, text in stamped if "message sent" in text and "INVITE sip:" in text)
    came, reply = next((when, text) for when, text in stamped if "message received" in text)
    head = reply[reply.index("SIP/2.0 ") :].replace("\r\n", "\n").split("\n\n")[0]
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in head.split("\n")[1:])]
    seconds = (datetime.fromisoformat(came) - datetime.fromisoformat(sent)).total_seconds()
    return Reply(headers, seconds)
