"""Sends what is in the outbox: makes a letter's link, keeps its hash, hands the letter over, and then notes that it is sent.

The steps are committed one by one. Whoever dies between two leaves the letter to be sent again, with another link: never silently not.
"""

import asyncio

import asyncpg
import structlog
from aiohttp import web

from admin.database import Database
from admin.letters import Letter, write_invite, write_password_reset
from admin.mail import Carrier, NotSent
from admin.store import mails, password_resets
from admin.store.mails import Mail
from shared.background import Background
from shared.errors import Unavailable
from shared.secret import hash_secret, new_secret

LOOK_EVERY_SECONDS = 1.0
MOST_TRIES = 28
"""With a minute before the second, two before the third, and so on up to an hour: nearly a day."""

log = structlog.get_logger()


class MailSender:
    """The loop that looks for letters, in each worker; no two take the same one at a time."""

    def __init__(self, database: Database, carrier: Carrier | None, public_url: str) -> None:
        self._database, self._carrier = database, carrier
        self._public_url = public_url.rstrip("/")
        self._looking = Background()

    async def start(self) -> None:
        if self._carrier is None:
            log.warning("mail_not_set_up", remedy="set ADMIN_SMTP_URL, or ADMIN_MAIL_DIR for files; letters wait until then")
        else:
            self._looking.start(self._keep_looking(self._carrier))

    async def stop(self) -> None:
        await self._looking.stop()

    async def _keep_looking(self, carrier: Carrier) -> None:
        while True:
            try:
                while await self.send_next(carrier):
                    pass
            except (Unavailable, asyncpg.PostgresError):
                pass  # admin/database.py says so; the letters are still there later
            except Exception:
                log.exception("mail_sender_failed")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def send_next(self, carrier: Carrier) -> bool:
        """Send the letter that is due first; False if there is none, or it couldn't be sent."""
        async with self._database.of_nobody() as db:
            mail = await mails.take(db)
        if mail is None:
            return False
        letter = await self._make_letter(mail)
        if letter is None:
            await self._note(mail, is_sent=False)
            return True
        try:
            await carrier.send(letter)
        except NotSent as reason:
            await self._put_off(mail, str(reason))
            return False
        await self._note(mail, is_sent=True)
        return True

    async def _make_letter(self, mail: Mail) -> Letter | None:
        """The letter with a link of its own, the only one that works from now on; None if it isn't wanted any more."""
        secret = new_secret("iv" if mail.collaborator_id is not None else "pr")
        if mail.company_id is not None:
            async with self._database.of_company(mail.company_id) as db:
                invite = await mails.make_invite_link(db, mail, hash_secret(secret))
            return write_invite(invite, mail.mail_id, f"{self._public_url}/invites/{secret}") if invite else None
        async with self._database.of_nobody() as db:
            reset = await mails.find_password_reset(db, mail)
            if reset:
                await password_resets.insert(db, reset.user_id, hash_secret(secret))
        return write_password_reset(reset, mail.mail_id, f"{self._public_url}/password-resets/{secret}") if reset else None

    async def _put_off(self, mail: Mail, reason: str) -> None:
        if mail.tries < MOST_TRIES:
            log.warning("mail_put_off", mail_id=mail.mail_id, tries=mail.tries, reason=reason)
            return
        await self._note(mail, is_sent=False)
        log.error("mail_given_up", mail_id=mail.mail_id, tries=mail.tries, reason=reason)

    async def _note(self, mail: Mail, *, is_sent: bool) -> None:
        company_id = mail.company_id
        async with self._database.of_nobody() if company_id is None else self._database.of_company(company_id) as db:
            await mails.note(db, mail, is_sent=is_sent)


MAIL_SENDER = web.AppKey("mail_sender", MailSender)
