"""The two ways that letters take: a mail server, or files in a folder where none is set up."""

import asyncio
import functools
import os
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from admin.letters import Letter
from admin.settings import AdminSettings
from shared.settings import StartRefused

SECONDS = 15.0
_LINES = SMTP.clone(max_line_length=200)  # a link is longer than the usual 78, and is to stay in one piece
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"smtp": 587, "smtps": 465}

log = structlog.get_logger()


class NotSent(Exception):
    """The letter isn't on its way; the text says why, and names nobody."""


class Carrier(Protocol):
    """A way that letters take."""

    async def send(self, letter: Letter) -> None:
        """Returns when somebody else answers for it; raises NotSent."""


def write_message(letter: Letter, sender: Address) -> EmailMessage:
    """The letter as plain text with the usual headers."""
    message = EmailMessage(_LINES)
    message["From"] = sender
    message["To"] = Address(letter.name, addr_spec=letter.email)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


class MailServer:
    """A server that speaks SMTP: `smtps://` with TLS from the first byte, `smtp://` with STARTTLS, or in clear on this machine alone."""

    def __init__(self, url: str, sender: Address) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise StartRefused("ADMIN_SMTP_URL: expected smtp://user:password@host:port, or smtps://")
        self._sender = sender
        self._connect = functools.partial(
            aiosmtplib.SMTP,
            hostname=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            start_tls=parts.scheme == "smtp" and parts.hostname not in _THIS_MACHINE,
            timeout=SECONDS,
        )

    async def send(self, letter: Letter) -> None:
        try:
            async with asyncio.timeout(2 * SECONDS), self._connect() as server:
                await server.send_message(write_message(letter, self._sender))
        except aiosmtplib.SMTPResponseException as refusal:
            raise NotSent(f"the mail server answered {refusal.code}") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotSent(f"the mail server can't be used: {type(error).__name__}") from None


class MailFolder:
    """Files that only their owner may read, for a start without a mail server. The link is in the log, too, to be found."""

    def __init__(self, folder: Path, sender: Address) -> None:
        self._folder, self._sender = folder, sender

    async def send(self, letter: Letter) -> None:
        file = self._folder / f"{letter.at:%Y%m%dT%H%M%S%f}-{letter.mail_id}.eml"
        try:
            await asyncio.to_thread(_write_private, file, write_message(letter, self._sender).as_bytes())
        except OSError as error:
            raise NotSent(f"the mail folder can't be written: {error.strerror}") from None
        log.info("mail_written", file=str(file), link=letter.link)


def _write_private(file: Path, content: bytes) -> None:
    """Whoever reads the folder sees whole letters."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(descriptor)
    part.replace(file)


def choose_carrier(settings: AdminSettings) -> Carrier | None:
    """The mail server, else the folder, else none: then letters wait. Raises StartRefused for what can't be used."""
    name, address = parseaddr(settings.mail_from)
    try:
        sender = Address(name, addr_spec=address)
    except (ValueError, IndexError, HeaderParseError):
        # The library's parser looks at the first character of nothing: an IndexError, from Python 3.14 on a HeaderParseError.
        raise StartRefused("ADMIN_MAIL_FROM: expected an address such as Callstamp <callstamp@example.com>") from None
    if not sender.domain:
        raise StartRefused("ADMIN_MAIL_FROM: the address needs a domain")
    if settings.smtp_url:
        return MailServer(settings.smtp_url, sender)
    return MailFolder(Path(settings.mail_dir), sender) if settings.mail_dir else None
