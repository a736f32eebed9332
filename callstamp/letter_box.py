"""The folder with the letters that a start without a mail server writes, as their receivers would read them."""

import email
import re
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from callstamp.command_failed import CommandFailed

FOLDER = "mail"  # in the data folder
LETTER_SECONDS = 10.0
LINK = re.compile(r"^https?://\S+/(?:invites|password-resets)/([\w-]+)\r?$", re.MULTILINE)


def wait_for_link(folder: Path, address: str) -> tuple[Path, str]:
    """The newest letter to this address, and the secret of the link in it. Raises CommandFailed if none comes."""
    deadline = time.monotonic() + LETTER_SECONDS
    while True:
        if found := find_link(folder, address):
            return found
        if time.monotonic() > deadline:
            raise CommandFailed(
                f"no letter to {address} came into {folder}; with ADMIN_SMTP_URL or ADMIN_MAIL_DIR it goes elsewhere"
            )
        time.sleep(0.05)


class NewLetters:
    """Letters that have come into the folder since the last look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = set(folder.glob("*.eml"))

    def take(self) -> Iterator[tuple[str, str]]:
        """To whom each is, and the link in it."""
        for file in sorted(set(self._folder.glob("*.eml")) - self._known):
            self._known.add(file)
            letter = _read(file)
            if link := LINK.search(letter.get_content()):
                yield str(letter["To"]), link[0].strip()


def _read(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), _class=EmailMessage, policy=default)


def find_link(folder: Path, address: str) -> tuple[Path, str] | None:
    """The newest letter to this address, and the secret of the link in it; None if there is none, or not all of it yet."""
    for file in sorted(folder.glob("*.eml"), reverse=True):
        letter = _read(file)
        if (to := letter["To"]) is not None and address in [receiver.addr_spec for receiver in to.addresses]:
            link = LINK.search(letter.get_content())
            return (file, link[1]) if link else None
    return None
