"""How the admin service answers whatever is sent to it, and while PostgreSQL is away."""

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from admin.app import create_app
from admin.openapi import make_document
from admin.pages import live
from admin.pages.console import PAGES
from admin.routes import ROUTES
from admin.settings import AdminSettings
from shared.embedded import EmbeddedPostgres
from shared.errors import Unavailable
from shared.postgres import open_pool, transaction
from tests.conftest import CheckFigure
from tests.integration.admin.manager import Manager
from tests.service_processes import as_admin
from tests.stalls import running_clock
from tests.waiting import wait_for
from tests.world import DoorServer

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi" / "admin.json"

BODIES_THAT_ARE_NO_JSON = [
    b"{",
    b"nope",
    b"\xff",
    b'{"name":"\xff"}',
    b'{"name":"\\ud800"}',
    b'{"name":NaN}',
    b'{"name":"x"} trailing',
    b"\xef\xbb\xbf{}",
    b"[" * 20_000,
    b"[]",
    b'"name"',
    b"null",
    b"5",
]


async def send(manager: Manager, body: bytes, **headers: str) -> tuple[int, str]:
    """Status and code of a publisher's creation with this very body."""
    headers = {"Authorization": f"Bearer {manager.token}", "Content-Type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    async with manager.door.post(f"/v1/companies/{manager.company_id}/publishers", data=body, headers=headers) as reply:
        return reply.status, (await reply.json(content_type=None)).get("code", "")


async def test_a_body_that_is_no_json_object_is_refused(manager: Manager, subtests: pytest.Subtests) -> None:
    for body in BODIES_THAT_ARE_NO_JSON:
        with subtests.test(str(body[:20])):
            assert await send(manager, body) == (400, "invalid_body")


async def test_other_content_types_and_encodings_are_refused(manager: Manager) -> None:
    body = b'{"name":"x"}'
    for content_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "",
    ):
        assert await send(manager, body, Content_Type=content_type) == (415, "unsupported_media_type"), content_type
    assert await send(manager, body, Content_Encoding="gzip") == (415, "unsupported_media_type")
    assert (await send(manager, body, Content_Type="application/json; charset=utf-8"))[0] == 201


async def test_a_body_above_256_kib_is_refused_and_one_of_256_kib_is_read(manager: Manager) -> None:
    padding = b" " * (256 * 1024 - len(b'{"name":"x"}'))
    assert (await send(manager, b'{"name":"x"}' + padding))[0] == 201
    assert await send(manager, b'{"name":"x"}' + padding + b" ") == (413, "body_too_large")


async def test_an_unknown_field_is_refused_by_name(manager: Manager, subtests: pytest.Subtests) -> None:
    for field in ("id", "company_id", "removed_at", "changed_in", "Name", "__class__", "`x`", "ñ\u202e", "", "x" * 5_000):
        with subtests.test(field[:40]):
            for method, path in (("POST", "publishers"), ("PATCH", "")):
                reply = await manager.ask(method, path, {"name": "x", field: 1})
                assert reply.problem == (422, "unknown_field", field[:128])


async def test_unknown_paths_and_methods_are_refused(manager: Manager) -> None:
    for path in ("/v2/me", "/v1", "/v1/me/", "/docs/../admin/app.py", "/docs/swagger-ui.js.map"):
        assert (await manager.ask("GET", path)).problem == (404, "not_found", None), path
    reply = await manager.ask("PUT", "/v1/me")
    assert reply.problem == (405, "method_not_allowed", None)
    assert reply.headers["Allow"] == "GET, PATCH"
    assert (await manager.ask("HEAD", "/v1/me")).status == 405


async def test_replies_are_not_to_be_sniffed_framed_or_kept(manager: Manager) -> None:
    for path, status in (("/v1/me", 200), ("/v1/nothing", 404), ("/docs", 200), ("/openapi.json", 200), ("/livez", 200)):
        reply = await manager.ask("GET", path)
        assert reply.status == status
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
        assert reply.headers["Cache-Control"] == ("no-cache" if path in {"/docs", "/openapi.json"} else "no-store")


async def test_the_docs_page_needs_nothing_from_elsewhere(manager: Manager) -> None:
    page = await manager.ask("GET", "/docs")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.text
    for name in ("docs.js", "docs.css", "swagger-ui.css", "swagger-ui-bundle.js"):
        assert f"/docs/{name}" in page.text
        assert (await manager.ask("GET", f"/docs/{name}")).status == 200
    assert "https://" not in page.text
    assert "http://" not in page.text


async def test_the_document_served_and_committed_is_the_one_that_the_code_makes(manager: Manager) -> None:
    document = make_document()
    assert (await manager.ask("GET", "/openapi.json")).body == json.loads(msgspec.json.encode(document))
    assert json.loads(COMMITTED.read_text()) == json.loads(msgspec.json.encode(document)), (
        "run `python -m admin.openapi > docs/openapi/admin.json`"
    )


def test_every_route_of_the_router_is_documented_and_nothing_else() -> None:
    app = create_app(AdminSettings(postgres_url="postgresql://127.0.0.1:1/none"))
    served = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
    documented = {(method.upper(), path) for path, operations in make_document()["paths"].items() for method in operations}
    pages = {page.path for page in PAGES} | {live.PATH}
    for_people_and_operators = {path for _, path in served if path not in pages and not path.startswith(("/v1/", "/static/"))}
    assert documented == {(method, path) for method, path in served if path.startswith("/v1/")}
    assert {path for path in for_people_and_operators if not path.startswith("/docs/")} == {
        "/livez",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/docs",
    }


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    names = [route.handler.__name__ for route in ROUTES]
    assert len(set(names)) == len(names)
    assert all((route.handler.__doc__ or "").strip() for route in ROUTES)


async def status_of(door: Any, path: str, token: str = "cs_at_any") -> int:
    async with door.get(path, headers={"Authorization": f"Bearer {token}"}) as reply:
        return int(reply.status)


@pytest.mark.prompt
async def test_it_starts_and_says_that_it_is_unavailable_while_postgresql_is_down(
    aiohttp_client: Any, check_figure: CheckFigure
) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        url = f"postgresql://127.0.0.1:{nobody_listens.getsockname()[1]}/none"
        door = await aiohttp_client(DoorServer(create_app(AdminSettings(postgres_url=url))))
        async with running_clock() as clock, door.get("/v1/me", headers={"Authorization": "Bearer x"}) as reply:
            assert reply.status == 503
            assert (await reply.json(content_type=None))["code"] == "unavailable"
            assert reply.headers["Retry-After"] == "1"
            seconds = clock.seconds
        check_figure("it is unavailable after, in s", seconds, at_most=1)
        assert await status_of(door, "/livez") == 200
        assert await status_of(door, "/readyz") == 503


@pytest.mark.prompt
async def test_it_says_so_within_a_second_while_postgresql_is_frozen_and_recovers(
    manager: Manager, postgres: EmbeddedPostgres, check_figure: CheckFigure
) -> None:
    await wait_for(lambda: status_of(manager.door, "/v1/me", manager.token), 200)
    seconds = []
    async with running_clock() as clock:

        async def ask(path: str) -> int:
            began = clock.seconds
            status = await status_of(manager.door, path, manager.token)
            seconds.append(clock.seconds - began)
            return status

        postgres.pause()
        try:
            assert await asyncio.gather(*(ask("/v1/me") for _ in range(12))) == [503] * 12
            assert await asyncio.gather(*(ask(page) for page in ("/", "/sign-in", "/companies/1"))) == [503] * 3
        finally:
            postgres.resume()
    check_figure("it is unavailable after at most, in s", max(seconds), at_most=1.2)
    await wait_for(lambda: status_of(manager.door, "/v1/me", manager.token), 200)
    await wait_for(lambda: status_of(manager.door, "/readyz"), 200)


async def test_it_is_not_ready_without_its_tables(postgres: EmbeddedPostgres, aiohttp_client: Any) -> None:
    door = await aiohttp_client(DoorServer(create_app(AdminSettings(postgres_url=postgres.url))))

    async def missing() -> str:
        async with door.get("/readyz") as reply:
            return str((await reply.json())["missing"].get("postgres", ""))

    await wait_for(missing, lambda said: "migrations" in said)


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [({}, "ADMIN_POSTGRES_URL"), ({"ADMIN_POSTGRES_URL": "x", "ADMIN_PROT": "8081"}, "ADMIN_PROT")],
)
async def test_a_wrong_setting_stops_the_start_by_name(environment: dict[str, str], complaint: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "admin",
        cwd=COMMITTED.parents[2],
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 78
    assert complaint in errors.decode()


async def test_a_company_is_made_from_the_command_line_with_a_token_that_works(manager: Manager, postgres_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "admin.new_company", "--name", "Ñandú", "--region", "GB"),
        cwd=COMMITTED.parents[2],
        env={"ADMIN_POSTGRES_URL": postgres_url, "PYTHONIOENCODING": "utf-8"},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    made = json.loads(output)
    assert made.keys() == {"company_id", "api_token"}
    reply = await manager.ask("GET", f"/v1/companies/{made['company_id']}", token=made["api_token"])
    assert (reply.body["name"], reply.body["default_region"]) == ("Ñandú", "GB")


async def test_two_that_wait_for_each_other_are_told_to_try_again_rather_than_that_something_broke(postgres_url: str) -> None:
    pool = await open_pool(as_admin(postgres_url), size=2, statement_seconds=10)
    both_hold = asyncio.Barrier(2)

    async def hold_both(first: int, second: int) -> str:
        try:
            async with transaction(pool, acquire_seconds=30) as db:
                await db.execute("select pg_advisory_xact_lock($1)", first)
                await both_hold.wait()
                await db.execute("select pg_advisory_xact_lock($1)", second)
        except Unavailable as refusal:
            return refusal.code
        return "done"

    assert sorted(await asyncio.gather(hold_both(1, 2), hold_both(2, 1))) == ["done", "unavailable"]
    await pool.close()
