"""Signing in and out."""

from urllib.parse import urlsplit

from admin.auth import COOKIE
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
    return {"next": _own(query.next), "ended": query.ended}


async def sign_in(ask: Visit, said: Said) -> Done:
    await sessions.begin_session(ask, said.read(SignIn))
    return Done(_own(said.text("next") or "/"))


async def sign_out(ask: Ask, said: Said) -> Done:
    await sessions.end_current_session(ask)
    ask.cookies[COOKIE] = None
    return Done("/sign-in", "You are signed out.")


def _own(address: str) -> str:
    """An address of this site, for whoever comes by a link of somebody else's."""
    parts = urlsplit(address)
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc else "/"


PAGES = (
    Page("/sign-in", "sign_in.html", show_sign_in, None, forms=(Form("sign-in", sign_in, None),)),
    Page("/sign-out", "sign_out.html", show_sign_in, "see_self", forms=(Form("sign-out", sign_out, "see_self"),)),
)
