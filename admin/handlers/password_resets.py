"""A new password for who has lost the old one, by a link in a letter."""

from admin.errors import PasswordResetNotFound
from admin.passwords import PASSWORDS, check_password_may_be
from admin.route import Visit
from admin.sign_in import guess_of
from admin.store import mails, password_resets, people, sessions
from admin.throttle import count_letter, count_link, note_success
from schemas.admin.people import LinkSecret, PasswordReset, PasswordResetWish
from shared.secret import hash_secret


async def ask_for_password_reset(ask: Visit, body: PasswordResetWish) -> None:
    """Have a letter with a link sent, if somebody has this e-mail address; the answer is the same if nobody does."""
    async with ask.database.of_nobody() as db:
        too_many = await count_letter(db, guess_of(ask, body.email))
        if not too_many:
            await mails.enqueue_password_reset(db, body.email)
    if too_many:
        raise too_many


async def reset_password(ask: Visit, token: LinkSecret, body: PasswordReset) -> None:
    """Take a new password by the link of a letter, which works once and for an hour. All sessions end; codes are still asked for."""
    secret_hash = hash_secret(token)
    async with ask.database.of_nobody() as db:
        too_many = await count_link(db, guess_of(ask, ""))
        of = await password_resets.find(db, secret_hash)
    if too_many:
        raise too_many
    if of is None:
        raise PasswordResetNotFound
    check_password_may_be(body.password, field="password", not_these=(of.name, of.email))
    kept = await ask.app[PASSWORDS].hash(body.password)
    async with ask.database.of_nobody() as db:
        if not await password_resets.use(db, secret_hash):
            raise PasswordResetNotFound
        await people.set_password(db, of.user_id, kept)
        await sessions.end_all(db, of.user_id)
        await note_success(db, guess_of(ask, of.email))
