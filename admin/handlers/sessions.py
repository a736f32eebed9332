"""Signing in and out."""

from admin.auth import COOKIE
from admin.handlers.people import show_person
from admin.paging import make_page, read_id_cursor
from admin.route import Ask, Visit
from admin.sign_in import get_user_id, sign_in
from admin.store import sessions
from schemas.admin.fields import Id, PageQuery, given
from schemas.admin.pages import Page
from schemas.admin.people import Me, PersonSession, SignIn


async def begin_session(ask: Visit, body: SignIn) -> Me:
    """Sign in: the reply sets the cookie of a new session, and one that the request came with ends.

    Whatever is wrong is answered alike. After too many tries it is 429 until some time has passed.
    """
    person = await sign_in(ask, body.email, body.password, given(body.code))
    async with ask.database.of_nobody() as db:
        return await show_person(db, person.id)


async def list_sessions(ask: Ask, query: PageQuery) -> Page[PersonSession]:
    """Where you are signed in, oldest first."""
    user_id, after_id = get_user_id(ask.actor), read_id_cursor(query)
    rows = await sessions.fetch_page(ask.db, user_id, current_id=ask.actor.session_id, after_id=after_id, limit=query.limit)
    return make_page(rows, query, lambda session: (session.id,))


async def end_current_session(ask: Ask) -> None:
    """Sign out."""
    await sessions.end(ask.db, get_user_id(ask.actor), ask.actor.session_id)
    ask.cookies[COOKIE] = None


async def end_session(ask: Ask, session_id: Id) -> None:
    """Sign out another browser, or this one."""
    await sessions.end(ask.db, get_user_id(ask.actor), session_id)
    if session_id == ask.actor.session_id:
        ask.cookies[COOKIE] = None
