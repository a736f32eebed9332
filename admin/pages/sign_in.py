"""Signing in and out."""

import re
from urllib.parse import urlsplit

from msgspec import UNSET

from admin.auth import COOKIE, VIEW_AS_COOKIE
from admin.handlers import sessions
from admin.pages.page import Context, Done, Form, Page
from admin.pages.said import Said
from admin.route import Ask, Visit
from schemas.admin.fields import Query
from schemas.admin.people import SignIn


class SignInQuery(Query, frozen=True, kw_only=True):
    """Where to go on from, and whether a session has ended."""

    next: str = "/"
    ended: bool = False


async def show_sign_in(ask: Ask, query: SignInQuery) -> Context:
    return {"next": find_own(query.next), "ended": query.ended}


async def sign_in(ask: Visit, said: Said) -> Done:
    """Who belongs to one company has no need to choose it."""
    person = await sessions.begin_session(ask, said.read(SignIn, code=said.text("code") or UNSET))
    ask.cookies[VIEW_AS_COOKIE] = None
    home = f"/companies/{person.companies[0].id}" if len(person.companies) == 1 else "/"
    to = find_own(said.text("next"))
    return Done(home if to == "/" else to)


async def sign_out(ask: Ask, said: Said) -> Done:
    """Sign out, and go on as nobody where that was asked for."""
    await sessions.end_current_session(ask)
    ask.cookies.update({COOKIE: None, VIEW_AS_COOKIE: None})
    return Done(find_own(said.text("next"), "/sign-in"), "You are signed out.")


def find_own(address: str, otherwise: str = "/") -> str:
    """The address, if it is surely one of this site: whoever wrote the link with it may have meant another."""
    if not address.startswith("/") or address.startswith("//") or re.search(r"[\\\x00-\x20\x7f]", address):
        return otherwise
    return otherwise if urlsplit(address).netloc else address


PAGES = (
    Page("/sign-in", "sign_in.html", show_sign_in, None, forms=(Form("sign-in", sign_in, None),)),
    Page("/sign-out", "sign_out.html", show_sign_in, "see_self", forms=(Form("sign-out", sign_out, "see_self"),)),
)
