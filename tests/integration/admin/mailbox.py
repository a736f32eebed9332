"""A mail server on this machine."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import Envelope

from tests.integration.admin.jane import PUBLIC_URL


class Mailbox:
    """A mail server on this machine that keeps what it is given, or answers `answer`."""

    def __init__(self) -> None:
        self.answer = "250 kept"
        self.port = 0
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.letters.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return self.answer

    @property
    def links(self) -> list[str]:
        """The secret of each letter's link."""
        return [find_secret(letter.get_content()) for letter in self.letters]


def find_secret(text: str) -> str:
    links = re.findall(rf"^{PUBLIC_URL}/(?:invites|password-resets)/([\w-]+)\r?$", text, re.MULTILINE)
    assert len(links) == 1, text
    return str(links[0])
