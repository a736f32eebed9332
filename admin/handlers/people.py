"""Who asks, the companies they belong to, and what people change about themselves."""

import asyncpg

from admin.errors import TotpOff, TotpOn
from admin.paging import make_page, read_id_cursor
from admin.passwords import PASSWORDS, check_password_may_be
from admin.route import Ask, Visit
from admin.sign_in import begin_session, check_holds, check_own_password, count_code_of, get_user_id, guess_of, use_code
from admin.store import companies, password_resets, people, sessions, totp
from admin.throttle import note_success
from admin.totp import is_totp_code, make_otpauth_url, new_recovery_codes, new_totp_secret, plain_code
from schemas.admin.fields import PageQuery
from schemas.admin.pages import Page
from schemas.admin.people import (
    CompanyOfMine,
    Me,
    MeChange,
    PasswordChange,
    PasswordProof,
    RecoveryCodes,
    TotpCode,
    TotpProof,
    TotpSecret,
)
from shared.errors import InvalidField
from shared.secret import hash_secret


async def show_me(ask: Ask) -> Me:
    """Who asks: whoever signed in, or the API token."""
    actor = ask.actor
    if actor.kind == "person":
        return await show_person(ask.db, actor.user_id)
    mine = await _fetch_companies(ask)
    return Me(kind="api_token", name=actor.name, api_token_id=actor.api_token_id, company_id=actor.company_id, companies=mine)


async def list_companies(ask: Ask, query: PageQuery) -> Page[CompanyOfMine]:
    """The companies that whoever asks belongs to; an API token belongs to one."""
    after_id = read_id_cursor(query)
    mine = [company for company in await _fetch_companies(ask) if company.id > after_id]
    return make_page(mine[: query.limit + 1], query, lambda company: (company.id,))


async def change_me(ask: Ask, body: MeChange) -> Me:
    """Change your name, as it is shown in the audit log from now on."""
    user_id = get_user_id(ask.actor)
    if isinstance(body.name, str):
        await people.rename(ask.db, user_id, body.name)
    return await show_person(ask.db, user_id)


async def change_password(ask: Visit, body: PasswordChange) -> None:
    """Take another password. All your sessions end; the reply sets the cookie of a new one."""
    person = await check_own_password(ask, body.old_password, field="old_password")
    check_password_may_be(body.new_password, field="new_password", not_these=(person.name, person.email))
    kept = await ask.app[PASSWORDS].hash(body.new_password)
    async with ask.database.of_nobody() as db:
        await check_holds(db, person, _not_yours("old_password"))
        await people.set_password(db, person.id, kept)
        await password_resets.remove_of(db, person.id)
        await sessions.end_all(db, person.id)
        await note_success(db, guess_of(ask, person.email))
        await begin_session(ask, db, person.id)


async def prepare_totp(ask: Visit, body: PasswordProof) -> TotpSecret:
    """Get a secret for an authenticator. Nothing changes until its first code comes."""
    person = await check_own_password(ask, body.password, field="password")
    secret = new_totp_secret()
    async with ask.database.of_nobody() as db:
        await check_holds(db, person, _not_yours("password"))
        if not await totp.set_secret(db, person.id, secret):
            raise TotpOn
        await note_success(db, guess_of(ask, person.email))
    return TotpSecret(secret=secret, otpauth_url=make_otpauth_url(secret, person.email))


async def confirm_totp(ask: Visit, body: TotpCode) -> RecoveryCodes:
    """Have codes asked for from now on, with the first of them. Your other sessions end."""
    async with ask.database.of_nobody() as db:
        person = await people.get(db, get_user_id(ask.actor))
    if person.has_totp:
        raise TotpOn
    if person.totp_secret is None:
        raise TotpOff
    await count_code_of(ask, person)
    codes = new_recovery_codes()
    async with ask.database.of_nobody() as db:
        if not is_totp_code(plain_code(body.code)) or not await use_code(db, person, body.code):
            raise InvalidField("This isn't the code of this moment.", field="code")
        await totp.set_recovery_codes(db, person.id, [hash_secret(plain_code(code)) for code in codes])
        await sessions.end_all(db, person.id, but=ask.actor.session_id)
        await note_success(db, guess_of(ask, person.email))
    return RecoveryCodes(recovery_codes=codes)


async def switch_off_totp(ask: Visit, body: TotpProof) -> None:
    """Have no codes asked for any more. Your other sessions end."""
    person = await check_own_password(ask, body.password, field="password")
    if not person.has_totp:
        raise TotpOff
    await count_code_of(ask, person)
    async with ask.database.of_nobody() as db:
        person = await check_holds(db, person, _not_yours("password"))
        if not await use_code(db, person, body.code):
            raise InvalidField("This code is wrong, or was used.", field="code")
        await totp.switch_off(db, person.id)
        await sessions.end_all(db, person.id, but=ask.actor.session_id)
        await note_success(db, guess_of(ask, person.email))


def _not_yours(field: str) -> InvalidField:
    return InvalidField("This isn't your password any more.", field=field)


async def show_person(db: asyncpg.Connection, user_id: int | None) -> Me:
    """Somebody as they see themselves."""
    person = await people.get(db, user_id)
    mine = await people.fetch_companies(db, person.id)
    return Me(kind="person", name=person.name, user_id=person.id, email=person.email, totp=person.has_totp, companies=mine)


async def _fetch_companies(ask: Ask) -> list[CompanyOfMine]:
    actor = ask.actor
    if actor.company_id is None or actor.role is None:
        return await people.fetch_companies(ask.db, actor.user_id)
    company = await companies.get(ask.db, actor.company_id)
    return [CompanyOfMine(id=company.id, name=company.name, role=actor.role, collaborator_id=actor.collaborator_id)]
