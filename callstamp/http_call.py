"""One HTTP request with a JSON body and reply, as any client of the services would send it."""

import http.client
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

BUSY = 503
PATIENCE_SECONDS = 20.0


class Reply(NamedTuple):
    """`body` is the decoded JSON, or the text if it isn't JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Unreachable(Exception):
    """Nobody answered at that address."""


def call(
    method: str,
    url: str,
    *,
    body: Mapping[str, Any] | None = None,
    bearer: str | None = None,
    cookie: str | None = None,
    timeout: float = 10,
    **more_headers: str,
) -> Reply:
    """Send the request and answer whatever the reply is; proxies of the environment are passed by. Raises Unreachable.

    `cookie` is sent as it is, `name=value`; in names of more headers `_` stands for `-`.
    """
    address = urlsplit(url)
    headers = {"Accept": "application/json"} | {name.replace("_", "-"): value for name, value in more_headers.items()}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    if cookie is not None:
        headers["Cookie"] = cookie
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout)
    try:
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        return Reply(response.status, dict(response.getheaders()), _decode(text))
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{method} {address.scheme}://{address.netloc}{address.path}: {error}") from error
    finally:
        connection.close()


def call_patiently(method: str, url: str, *, body: Mapping[str, Any] | None = None, bearer: str | None = None) -> Reply:
    """The same, once more while the service is too busy to answer: for what may be repeated. Gives up after some seconds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (reply := call(method, url, body=body, bearer=bearer)).status == BUSY and time.monotonic() < deadline:
        time.sleep(0.1)
    return reply


def _decode(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
