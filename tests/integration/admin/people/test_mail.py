"""Letters leave through the outbox: each until it is sent, and again with another link by whom died in between; and what their links do."""

import asyncio
import email
import stat
import time
from email.policy import default
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient
from structlog.testing import capture_logs

from admin.app import create_app
from admin.letters import Letter
from admin.mail import choose_carrier
from admin.mail_sender import MOST_TRIES, MailSender
from admin.new_company import make_company
from admin.settings import AdminSettings
from shared.secret import hash_secret
from tests.integration.admin.browser import Browser
from tests.integration.admin.jane import EMAIL, PUBLIC_URL
from tests.integration.admin.mailbox import Mailbox, find_secret
from tests.integration.admin.manager import JsonObject, Manager
from tests.service_processes import PATIENT_MS, as_admin
from tests.waiting import wait_for
from tests.world import DoorServer

INVITED = {"name": "Zoë Ünal", "email": "zoe@leads.example"}


@pytest.fixture
def manager(door: TestClient[Any, Any], made: JsonObject) -> Manager:
    return Manager(door, made["company_id"], made["api_token"])


async def make_due(db: asyncpg.Connection) -> None:
    """Let the next tries be now."""
    await db.execute("update mails set next_try_at = now() - interval '1 second'")


async def is_invite(db: asyncpg.Connection, secret: str) -> bool:
    return await db.fetchval("select count(*) from find_invite($1)", hash_secret(secret)) == 1


async def fates(db: asyncpg.Connection) -> list[str]:
    """What became of each letter."""
    rows = await db.fetch(
        """
        select case when sent_at is not null then 'sent' when given_up_at is not null then 'given up' else 'waiting' end as fate
        from mails
        order by id
        """
    )
    return [row["fate"] for row in rows]


# --- what is sent


async def test_an_invite_is_mailed_with_a_link_that_works(
    manager: Manager, mailbox: Mailbox, smtp: Any, sender: MailSender, db: asyncpg.Connection
) -> None:
    await manager.create("collaborators", **INVITED)
    assert [await sender.send_next(smtp), await sender.send_next(smtp)] == [True, False]
    (letter,) = mailbox.letters
    assert letter["To"] == "Zoë Ünal <zoe@leads.example>"
    assert letter["From"] == "Callstamp <callstamp@localhost>"
    assert letter["Subject"] == "Acme invites you to Callstamp"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "text/plain"
    assert "Hello Zoë Ünal," in letter.get_content()
    assert await is_invite(db, mailbox.links[0])
    assert await fates(db) == ["sent"]


async def test_whatever_a_name_looks_like_there_is_one_receiver_and_one_subject(
    manager: Manager, mailbox: Mailbox, smtp: Any, sender: MailSender
) -> None:
    name = 'A" <evil@evil.example>, B; Bcc: c@evil.example'
    refused = await manager.ask("POST", "collaborators", INVITED | {"name": "A\r\nBcc: evil@evil.example"})
    assert refused.problem == (422, "invalid_field", "name")
    await manager.create("collaborators", **INVITED | {"name": name})
    await sender.send_next(smtp)
    (letter,) = mailbox.letters
    assert [(to.display_name, to.addr_spec) for to in letter["To"].addresses] == [(name, INVITED["email"])]
    assert letter["Bcc"] is None


async def test_without_a_mail_server_letters_are_files_and_the_link_is_in_the_log(
    manager: Manager, sender: MailSender, tmp_path: Path, db: asyncpg.Connection
) -> None:
    folder = tmp_path / "mail"
    carrier = choose_carrier(AdminSettings(postgres_url="", mail_dir=str(folder)))
    assert carrier is not None
    await manager.create("collaborators", **INVITED)
    with capture_logs() as logs:
        assert await sender.send_next(carrier)
    (file,) = folder.iterdir()
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)
    secret = find_secret(email.message_from_bytes(file.read_bytes(), policy=default).get_content())  # type: ignore[attr-defined]
    assert await is_invite(db, secret)
    assert [(line["event"], line["link"]) for line in logs] == [("mail_written", f"{PUBLIC_URL}/invites/{secret}")]


async def test_with_a_mail_server_no_link_is_in_the_log_and_none_in_the_tables(
    manager: Manager, mailbox: Mailbox, smtp: Any, sender: MailSender, db: asyncpg.Connection
) -> None:
    with capture_logs() as logs:
        await manager.create("collaborators", **INVITED)
        await Browser(manager.door).ask("POST", "/v1/password-resets", {"email": EMAIL})
        mailbox.answer = "451 not now"
        assert [await sender.send_next(smtp), await sender.send_next(smtp)] == [False, False]
        await make_due(db)
        mailbox.answer = "250 kept"
        assert [await sender.send_next(smtp), await sender.send_next(smtp)] == [True, True], logs
    assert len(logs) == 2
    dump = str([await db.fetch(f"select t::text from {table} as t") for table in ("collaborators", "mails", "password_resets")])
    assert "zoe@leads.example" in dump, "the control: what is there is found"
    for secret in mailbox.links:
        assert secret not in dump
        assert secret not in str(logs)
    assert "example" not in str(logs), "nor is anybody's address"


async def test_the_service_sends_by_itself(postgres_url: str, aiohttp_client: Any, mailbox: Mailbox) -> None:
    settings = AdminSettings(
        postgres_url=as_admin(postgres_url),
        database_timeout_ms=PATIENT_MS,
        public_url=PUBLIC_URL,
        smtp_url=f"smtp://localhost:{mailbox.port}/",
    )
    door = await aiohttp_client(DoorServer(create_app(settings)))
    made: Any = await make_company(as_admin(postgres_url), "Acme", "US")
    await Manager(door, made["company_id"], made["api_token"]).create("collaborators", **INVITED)

    async def letters() -> int:
        return len(mailbox.letters)

    await wait_for(letters)


# --- until it is sent


async def test_a_dead_mail_server_is_tried_until_it_is_back(
    manager: Manager, mailbox: Mailbox, smtp: Any, sender: MailSender, db: asyncpg.Connection
) -> None:
    await manager.create("collaborators", **INVITED)
    nowhere = choose_carrier(AdminSettings(postgres_url="", smtp_url="smtp://127.0.0.1:1"))
    assert nowhere is not None
    for tries in range(1, 4):
        began = time.monotonic()
        with capture_logs() as logs:
            assert not await sender.send_next(nowhere)
        assert [(line["event"], line["tries"]) for line in logs] == [("mail_put_off", tries)]
        wait = await db.fetchval("select next_try_at - now() from mails")
        whole = 2 ** (tries - 1) * 60
        assert whole - (time.monotonic() - began) <= wait.total_seconds() <= whole
        assert not await sender.send_next(smtp), "it isn't due"
        await make_due(db)
    assert await sender.send_next(smtp)
    assert await is_invite(db, mailbox.links[0])


async def test_a_letter_is_given_up_after_a_day_and_the_log_says_so(
    manager: Manager, mailbox: Mailbox, smtp: Any, sender: MailSender, db: asyncpg.Connection
) -> None:
    await manager.create("collaborators", **INVITED)
    await db.execute("update mails set tries = $1", MOST_TRIES - 1)
    mailbox.answer = "550 no such person"
    with capture_logs() as logs:
        assert not await sender.send_next(smtp)
    assert [(line["event"], line["reason"]) for line in logs] == [("mail_given_up", "the mail server answered 550")]
    assert await fates(db) == ["given up"]


class Dying:
    """A carrier whose process dies before it handed the letter over, or after."""

    def __init__(self, carrier: Any, *, hands_over: bool) -> None:
        self._carrier, self._hands_over = carrier, hands_over

    async def send(self, letter: Letter) -> None:
        if self._hands_over:
            await self._carrier.send(letter)
        raise asyncio.CancelledError


@pytest.mark.parametrize("hands_over", [False, True])
async def test_who_dies_in_between_leaves_the_letter_to_be_sent_again_with_another_link(
    manager: Manager, mailbox: Mailbox, smtp: Any, sender: MailSender, db: asyncpg.Connection, hands_over: bool
) -> None:
    await manager.create("collaborators", **INVITED)
    with pytest.raises(asyncio.CancelledError):
        await sender.send_next(Dying(smtp, hands_over=hands_over))
    assert await fates(db) == ["waiting"]
    await make_due(db)
    assert await sender.send_next(smtp)
    assert len(set(mailbox.links)) == (2 if hands_over else 1)
    assert [await is_invite(db, secret) for secret in mailbox.links] == ([False, True] if hands_over else [True])
    assert await fates(db) == ["sent"]


async def test_of_many_who_look_one_sends_each_letter(
    manager: Manager, mailbox: Mailbox, smtp: Any, sender: MailSender, db: asyncpg.Connection
) -> None:
    for number in range(5):
        await manager.create("collaborators", name="N", email=f"person{number}@leads.example")
    sent = await asyncio.gather(*(sender.send_next(smtp) for _ in range(12)))
    assert sum(sent) == len(mailbox.letters) == 5
    assert len({letter["To"] for letter in mailbox.letters}) == 5


# --- what isn't sent


@pytest.mark.parametrize(
    "over",
    [
        "update collaborators set invite_expires_at = null where user_id is null",
        "update collaborators set invite_expires_at = now() - interval '1 second' where user_id is null",
        "update collaborators set accepted_at = now(), user_id = 1 where user_id is null",
        "update collaborators set removed_at = now() where user_id is null",
        """
        insert into mails (kind, company_id, collaborator_id, next_try_at)
        select kind, company_id, collaborator_id, now() + interval '1 day'
        from mails
        """,
    ],
    ids=["withdrawn", "expired", "accepted", "removed", "resent"],
)
async def test_an_invite_that_is_over_is_not_mailed_and_its_link_stays_as_it_is(
    manager: Manager, mailbox: Mailbox, smtp: Any, sender: MailSender, db: asyncpg.Connection, over: str
) -> None:
    await manager.create("collaborators", **INVITED)
    if "user_id = 1" in over:
        await db.execute("delete from collaborators where role = 'owner'")
    await db.execute("update collaborators set invite_hash = $1 where user_id is null", b"x" * 32)
    await db.execute(over)
    assert await sender.send_next(smtp)
    assert not await sender.send_next(smtp)
    assert mailbox.letters == []
    assert await db.fetchval("select count(*) from collaborators where invite_hash = $1", b"x" * 32) == 1
    assert (await fates(db))[0] == "given up"
