"""Accepting an invite: who may, the login that they get or have, and the session in which they join.

Passwords are hashed while no connection is held. What is refused on the way leaves the invite as it was.
"""

import asyncpg
import msgspec

from admin.errors import SignedInAsAnother, SignInFailed, SignInFirst
from admin.passwords import PASSWORDS, check_password_may_be
from admin.permissions import Actor
from admin.route import Visit
from admin.sign_in import begin_session, check_holds, check_password, guess_of
from admin.store import invites, people
from admin.store.invites import OpenInvite
from admin.store.people import Person
from admin.throttle import note_success
from schemas.admin.invites import AcceptedInvite, InviteAcceptance
from schemas.admin.people import NewPassword
from shared.errors import InvalidField


async def join_company(visit: Visit, secret_hash: bytes, said: InviteAcceptance) -> AcceptedInvite:
    """Join the company as who was invited, and begin a session.

    Raises InviteNotFound, InviteOver, SignedInAsAnother, SignInFirst, SignInFailed, TooManyTries, and InvalidField for a password.
    """
    async with visit.database.of_nobody() as db:
        invite = await invites.enter(db, secret_hash)
        login = await people.find(db, invite.email)
    password_hash = await _prove(visit, invite, login, said)
    async with visit.database.of_nobody() as db:
        if login is None:
            login = await _insert_login(db, invite, secret_hash, said.name or invite.name, password_hash)
        elif visit.actor.kind != "person":
            await _note_password(visit, db, login)
        await invites.accept(db, invite, secret_hash, Actor(kind="person", name=login.name, user_id=login.id))
        await begin_session(visit, db, login.id)
    return AcceptedInvite(
        company_id=invite.company_id, company_name=invite.company_name, collaborator_id=invite.collaborator_id, user_id=login.id
    )


async def _prove(visit: Visit, invite: OpenInvite, login: Person | None, said: InviteAcceptance) -> str:
    """Find out that whoever asks is who was invited. What it answers is kept of the password where there is no login yet."""
    if visit.actor.kind == "person":
        if login is None or visit.actor.user_id != login.id:
            raise SignedInAsAnother
        return login.password_hash
    if login is not None and login.has_totp:
        raise SignInFirst
    if said.password is None:
        raise InvalidField("This field is needed: the password of your login, or of the one that is made.", field="password")
    if login is not None:
        return (await check_password(visit, login.email, said.password)).password_hash
    try:
        msgspec.convert(said.password, NewPassword)
    except msgspec.ValidationError:
        raise InvalidField("A new password has 12 characters or more.", field="password") from None
    check_password_may_be(said.password, field="password", not_these=(said.name or invite.name, invite.email))
    return await visit.app[PASSWORDS].hash(said.password)


async def _insert_login(db: asyncpg.Connection, invite: OpenInvite, secret_hash: bytes, name: str, password_hash: str) -> Person:
    """Make a login for who was invited. Raises InviteOver, or SignInFirst, when they have got one since."""
    user_id = await people.insert(db, invite.email, name, password_hash)
    if user_id is None:
        await invites.enter(db, secret_hash)
        raise SignInFirst
    return await people.get(db, user_id)


async def _note_password(visit: Visit, db: asyncpg.Connection, login: Person) -> None:
    """Count the password as no guess. Raises SignInFailed if it was changed since, SignInFirst if codes were switched on."""
    held = await check_holds(db, login, SignInFailed())
    if held.has_totp:
        raise SignInFirst
    await note_success(db, guess_of(visit, login.email))
