"""The admin service behind a proxy, and the owner of a company."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient
from aiosmtpd.smtp import SMTP
from argon2 import PasswordHasher

from admin import passwords
from admin.app import create_app
from admin.database import DATABASE
from admin.mail import choose_carrier
from admin.mail_sender import MailSender
from admin.new_company import make_company
from admin.new_owner import Owner
from admin.settings import AdminSettings
from tests.integration.admin.browser import Browser
from tests.integration.admin.jane import EMAIL, PUBLIC_URL
from tests.integration.admin.mailbox import Mailbox
from tests.integration.admin.manager import JsonObject
from tests.service_processes import as_admin
from tests.world import DoorServer


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes hashes that take next to no time, for tests that sign in a hundred times."""
    monkeypatch.setattr(passwords, "MEMORY_KIB", 8)
    monkeypatch.setattr(passwords, "PASSES", 1)
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_OF_NOBODY", cheap.hash("nobody's"))


@pytest.fixture
async def door(postgres_url: str, aiohttp_client: Any, patience: dict[str, int]) -> TestClient[Any, Any]:
    """The service behind a proxy on this machine, for browsers that keep their cookies themselves."""
    settings = AdminSettings(
        postgres_url=as_admin(postgres_url),
        postgres_connections=4,
        trusted_proxies=("127.0.0.1",),
        public_url=PUBLIC_URL,
        **patience,
    )
    return await aiohttp_client(DoorServer(create_app(settings)), cookie_jar=aiohttp.DummyCookieJar())


@pytest.fixture
async def made(postgres_url: str, door: TestClient[Any, Any]) -> JsonObject:
    """A company whose owner is Jane."""
    return dict(await make_company(as_admin(postgres_url), "Acme", "US", Owner(email="Jane@Acme.example", name="Jane Roe")))


@pytest.fixture
def password(made: JsonObject) -> str:
    return str(made["owner_password"])


@pytest.fixture
async def jane(door: TestClient[Any, Any], password: str) -> Browser:
    """The owner's browser, signed in."""
    browser = Browser(door)
    assert (await browser.sign_in(EMAIL, password)).status == 201
    return browser


@pytest.fixture
def sender(door: TestClient[Any, Any]) -> MailSender:
    """Sends letters when a test says so: the service has no way to send any by itself."""
    return MailSender(door.app[DATABASE], None, PUBLIC_URL)  # type: ignore[index]


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, loop=loop, hostname="localhost"), "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    yield mailbox
    server.close()
    await server.wait_closed()


@pytest.fixture
def smtp(mailbox: Mailbox) -> Any:
    return choose_carrier(AdminSettings(postgres_url="", smtp_url=f"smtp://127.0.0.1:{mailbox.port}"))
