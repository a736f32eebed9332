"""Proving who somebody is, by password and code, and the session that they get for it.

Each try is counted and committed before a password is hashed, and no connection is held meanwhile.
"""

import asyncpg

from admin.auth import COOKIE
from admin.errors import CodeNeeded, NotPermitted, SignInFailed
from admin.passwords import PASSWORDS
from admin.permissions import Actor
from admin.route import Visit
from admin.store import people, sessions, totp
from admin.store.people import Person
from admin.throttle import Guess, count_code, count_guess, make_guess, note_success
from admin.totp import find_step, is_totp_code, plain_code
from shared.errors import InvalidField, Refusal
from shared.secret import hash_secret, new_secret


async def sign_in(visit: Visit, email: str, password: str, code: str | None) -> Person:
    """Begin a session of whom these belong to. Raises TooManyTries, SignInFailed, and CodeNeeded once the password is known to be right."""
    person = await check_password(visit, email, password)
    if person.has_totp and code is not None:
        await count_code_of(visit, person)
    passwords = visit.app[PASSWORDS]
    renewed = await passwords.hash(password) if passwords.is_outdated(person.password_hash) else None
    async with visit.database.of_nobody() as db:
        person = await check_holds(db, person, SignInFailed())
        if person.has_totp and code is None:
            raise CodeNeeded
        if person.has_totp and not await use_code(db, person, code):
            raise SignInFailed
        if renewed:
            await people.set_password(db, person.id, renewed)
        await note_success(db, guess_of(visit, person.email))
        await begin_session(visit, db, person.id)
    return person


async def check_password(visit: Visit, email: str, password: str, wrong: Refusal | None = None) -> Person:
    """Whose e-mail address and password these are. Raises TooManyTries, or SignInFailed, alike and as late for nobody's address."""
    guess = guess_of(visit, email)
    async with visit.database.of_nobody() as db:
        too_many = await count_guess(db, guess)
        person = await people.find(db, email)
    if too_many:
        raise too_many
    is_right = await visit.app[PASSWORDS].check(person.password_hash if person else None, password)
    if person is None or not is_right:
        raise wrong or SignInFailed()
    return person


async def check_own_password(visit: Visit, password: str, *, field: str) -> Person:
    """The person who asks, if that is their password. Raises NotPermitted for a token, TooManyTries, and InvalidField."""
    async with visit.database.of_nobody() as db:
        person = await people.get(db, get_user_id(visit.actor))
    return await check_password(visit, person.email, password, InvalidField("This isn't your password.", field=field))


async def check_holds(db: asyncpg.Connection, person: Person, otherwise: Refusal) -> Person:
    """The person as they are by now, kept so until the transaction ends. Raises the refusal if the password was changed since."""
    held = await people.find_locked(db, person)
    if held is None:
        raise otherwise
    return held


async def count_code_of(visit: Visit, person: Person) -> None:
    """Count a try at a code, by somebody who knows the password. Raises TooManyTries."""
    async with visit.database.of_nobody() as db:
        too_many = await count_code(db, guess_of(visit, person.email))
    if too_many:
        raise too_many


async def use_code(db: asyncpg.Connection, person: Person, code: str | None) -> bool:
    """Whether it is a code of the person's authenticator, or a recovery code, that hasn't been used yet; now it has."""
    plain = plain_code(code or "")
    if not is_totp_code(plain):
        return await totp.use_recovery_code(db, person.id, hash_secret(plain))
    if person.totp_secret is None:
        return False
    step = find_step(person.totp_secret, plain, await totp.fetch_time(db))
    return step is not None and await totp.use_step(db, person.id, person.totp_secret, step)


async def begin_session(visit: Visit, db: asyncpg.Connection, user_id: int) -> None:
    """Begin a session with a secret that nobody has seen, and end the one that the request came with."""
    if visit.actor.session_id is not None:
        await sessions.end_if_there(db, visit.actor.session_id)
    secret = new_secret("se")
    lifetime = sessions.Lifetime(visit.settings.session_idle_seconds, visit.settings.session_seconds)
    origin = visit.origin
    await sessions.insert(db, user_id, hash_secret(secret), lifetime, source_ip=origin.source_ip, user_agent=origin.user_agent)
    visit.cookies[COOKIE] = secret


def get_user_id(actor: Actor) -> int:
    """The person who asks; raises NotPermitted for an API token, which has no password and no sessions."""
    if actor.user_id is None:
        raise NotPermitted("This is for people who signed in, not for API tokens.")
    return actor.user_id


def guess_of(visit: Visit, email: str) -> Guess:
    return make_guess(email, visit.origin.source_ip)
