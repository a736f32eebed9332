"""From the request's API token or session cookie to the actor it speaks for."""

from urllib.parse import urlsplit

import asyncpg
from aiohttp import hdrs, web
from msgspec import Struct

from admin.database import enter_company
from admin.errors import CrossSite, InvalidApiToken, NotPermitted
from admin.permissions import Actor
from admin.store import actors, api_tokens, sessions
from shared.errors import NotFound
from shared.http import find_bearer
from shared.secret import hash_secret

COOKIE = "callstamp_session"
VIEW_AS = "Callstamp-View-As"
VIEW_AS_COOKIE = "callstamp_view_as"
"""The same of a browser: `company_id.collaborator_id`, which counts together with its session and in that company alone."""

_READING = frozenset({"GET", "HEAD"})


class Credentials(Struct, frozen=True, kw_only=True):
    """What a request brings to show who sends it."""

    token_hash: bytes | None
    session_hash: bytes | None
    view_as: int | None
    is_view_of_browser: bool = False
    """Whether the cookie says as whom to view: of somebody who isn't there any more it says nothing."""


def read_credentials(request: web.Request, public_url: str) -> Credentials:
    """The token or, without one, the cookie.

    Raises CrossSite for a change that another site's page sends without a token, also where there is no cookie: it could sign somebody in.
    """
    token = find_bearer(request)
    cookie = request.cookies.get(COOKIE) if token is None else None
    if token is None and request.method not in _READING:
        check_same_site(request, public_url)
    asked = request.headers.get(VIEW_AS, "")
    view_of_browser = find_view_as(request) if cookie is not None and not asked else None
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise NotFound("There is no such collaborator to view as.")
    return Credentials(
        token_hash=None if token is None else hash_secret(token),
        session_hash=None if cookie is None else hash_secret(cookie),
        view_as=int(asked) if asked else view_of_browser,
        is_view_of_browser=view_of_browser is not None,
    )


def find_view_as(request: web.Request) -> int | None:
    """As whom the browser looks at the company that the path names; never where that begins and ends."""
    company_id, _, collaborator_id = request.cookies.get(VIEW_AS_COOKIE, "").partition(".")
    if company_id != request.match_info.get("company_id") or request.path.endswith("/view-as"):
        return None
    return int(collaborator_id) if collaborator_id.isascii() and collaborator_id.isdigit() and len(collaborator_id) < 19 else None


def check_same_site(request: web.Request, public_url: str) -> None:
    """Raise CrossSite for a request that a browser sends for a page of another site.

    Browsers say so in Sec-Fetch-Site, older ones in Origin (W3C Fetch Metadata; RFC 6454); who sends neither is no browser with a page.
    A page that tells nobody where it is sends `null` for its origin to its own site, too.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get(hdrs.ORIGIN)
    if site is not None and site not in ("same-origin", "none"):
        raise CrossSite
    if origin == "null" and site == "same-origin":
        return
    if origin is not None and origin != public_url and urlsplit(origin).netloc != request.host:
        raise CrossSite


async def authenticate(db: asyncpg.Connection, credentials: Credentials, company_id: int | None) -> Actor:
    """Who asks, in that company or about themselves: one InvalidApiToken for all that is unknown, revoked or over.

    Raises NotFound for a company that isn't theirs.
    """
    if credentials.token_hash is not None:
        actor = await api_tokens.find_actor(db, credentials.token_hash)
    elif credentials.session_hash is not None:
        actor = await sessions.find_actor(db, credentials.session_hash)
    else:
        actor = None
    if actor is None:
        raise InvalidApiToken
    actor = await _enter(db, actor, company_id)
    if credentials.view_as is None:
        return actor
    try:
        return await _view_as(db, actor, credentials.view_as)
    except (NotFound, NotPermitted):
        if not credentials.is_view_of_browser:
            raise
        return actor  # they have looked as somebody who was removed since, or are no manager any more


async def _enter(db: asyncpg.Connection, actor: Actor, company_id: int | None) -> Actor:
    """The actor as what they are in the company; whoever asks about themselves with a session is nowhere yet."""
    if actor.kind == "person":
        if company_id is None:
            return actor
        collaborator_id = await actors.find_id_of_user(db, actor.user_id, company_id)
    else:
        company_id, collaborator_id = actor.company_id, actor.collaborator_id
        if collaborator_id is None:
            return actor
    if collaborator_id is None or company_id is None:
        raise NotFound
    await enter_company(db, company_id, actor)
    entered = await actors.load_actor(db, actor, company_id, collaborator_id)
    if entered is None:
        raise InvalidApiToken if actor.kind == "api_token" else NotFound
    return entered


async def _view_as(db: asyncpg.Connection, actor: Actor, collaborator_id: int) -> Actor:
    """A manager with a collaborator's eyes, which the audit log tells."""
    if not actor.is_manager or actor.company_id is None:
        raise NotPermitted
    await enter_company(db, actor.company_id, actor)
    seen = await actors.load_actor(db, actor, actor.company_id, collaborator_id, viewing=True)
    if seen is None:
        raise NotFound("There is no such collaborator to view as.")
    await actors.note_view_as(db, actor, collaborator_id)
    return seen
