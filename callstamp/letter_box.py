"""The folder with the letters that a start without a mail server writes, as their receivers would read them."""

import email
import re
import time
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from callstamp.command_failed import CommandFailed

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


def find_link(folder: Path, address: str) -> tuple[Path, str] | None:
    """The newest letter to this address, and the secret of the link in it; None if there is none, or not all of it yet."""
    for file in sorted(folder.glob("*.eml"), reverse=True):
        letter = email.message_from_bytes(file.read_bytes(), _class=EmailMessage, policy=default)
        if (to := letter["To"]) is not None and address in [receiver.addr_spec for receiver in to.addresses]:
            link = LINK.search(letter.get_content())
            return (file, link[1]) if link else None
    return None
