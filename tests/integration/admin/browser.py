"""Somebody's browser at the admin API: it keeps the cookie that it is given, and comes from an address of its own."""

from typing import Any

from aiohttp.test_utils import TestClient

from tests.integration.admin.manager import JsonObject, Reply

COOKIE = "callstamp_session"


class Browser:
    """Asks as a page of the service's own site does; `cookie` is what it would send."""

    def __init__(self, door: TestClient[Any, Any], source_ip: str = "198.51.100.7") -> None:
        self.door, self.source_ip, self.cookie = door, source_ip, ""

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send a request, and keep or drop the cookie as the reply says."""
        sent = {"X-Forwarded-For": self.source_ip, "Sec-Fetch-Site": "same-origin", "User-Agent": "A browser"}
        sent |= {"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.door.request(method, path, json=body, headers=sent) as reply:
            if COOKIE in reply.cookies:
                self.cookie = reply.cookies[COOKIE].value
            return Reply(reply.status, reply.headers, await reply.text())

    async def sign_in(self, email: str, password: str, **more: str) -> Reply:
        return await self.ask("POST", "/v1/sessions", {"email": email, "password": password} | more)

    async def me(self) -> JsonObject:
        reply = await self.ask("GET", "/v1/me")
        assert reply.status == 200, reply
        return dict(reply.body)

    async def is_signed_in(self) -> bool:
        reply = await self.ask("GET", "/v1/me")
        assert reply.status in (200, 401), reply
        return reply.status == 200
