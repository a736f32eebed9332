"""Letters leave by a mail server, encrypted, or as files; settings that can't be stop the start."""

from datetime import UTC, datetime
from typing import Any

import pytest

from admin.letters import Letter
from admin.mail import MailServer, NotSent, choose_carrier
from admin.settings import AdminSettings
from shared.settings import StartRefused
from tests.integration.admin.mailbox import Mailbox
from tests.integration.admin.manager import JsonObject

INVITED = {"name": "Zoë Ünal", "email": "zoe@leads.example"}


@pytest.mark.parametrize(
    "settings",
    [
        {"smtp_url": "http://mail.example"},
        {"smtp_url": "smtp://"},
        {"smtp_url": "smtp://u:secret@mail.example/path"},
        {"mail_from": "nobody"},
        {"mail_from": ""},
        {"mail_from": "a@b@c"},
    ],
)
def test_mail_settings_that_cannot_be_stop_the_start(settings: dict[str, str]) -> None:
    with pytest.raises(StartRefused, match=r"^ADMIN_(SMTP_URL|MAIL_FROM): ") as refused:
        choose_carrier(AdminSettings(postgres_url="", **settings))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "smtp://u%40x:p%3Aw@mail.example",
            {"port": 587, "use_tls": False, "start_tls": True, "username": "u@x", "password": "p:w"},
        ),
        ("smtps://mail.example", {"port": 465, "use_tls": True, "start_tls": False, "username": None}),
        ("smtp://localhost:25", {"port": 25, "use_tls": False, "start_tls": False}),
    ],
)
def test_mail_leaves_this_machine_encrypted_or_not_at_all(url: str, expected: JsonObject) -> None:
    server = choose_carrier(AdminSettings(postgres_url="", smtp_url=url))
    assert isinstance(server, MailServer)
    assert server._connect.keywords | expected == server._connect.keywords


async def test_a_server_that_offers_no_encryption_is_not_told_anything(mailbox: Mailbox, smtp: Any) -> None:
    smtp._connect.keywords["start_tls"] = True
    with pytest.raises(NotSent):
        await smtp.send(make_letter())
    assert mailbox.letters == []
    smtp._connect.keywords["start_tls"] = False
    await smtp.send(make_letter())
    assert len(mailbox.letters) == 1


def make_letter() -> Letter:
    now = datetime.now(UTC)
    return Letter(mail_id=1, name="N", email="n@x.example", subject="S", text="T", link="L", at=now)


def test_without_any_way_letters_wait() -> None:
    assert choose_carrier(AdminSettings(postgres_url="")) is None
