"""A page of the console: who may open it, what it shows, and what its forms do.

A page asks the very handlers that the API asks, with the same actor and in one transaction, so that nothing is decided here. What a form
refuses is shown beside the field, with all that was typed; what it did is said on the page that it leads to.
"""

import contextlib
import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import hdrs, web

from admin.auth import COOKIE, check_same_site, read_credentials
from admin.database import DATABASE
from admin.errors import InvalidApiToken
from admin.pages.render import NOTICE, render, show_seconds, take_notice
from admin.pages.said import Said, read_filters
from admin.pages.shell import make_shell
from admin.permissions import Action, Actor, check_may
from admin.read_request import read_path
from admin.route import SETTINGS, Ask, Visit, company_in, find_actor, find_visitor, open_transaction, origin_of, set_cookies
from shared.errors import InvalidField, NotFound, Refusal, Unavailable

Context = dict[str, Any]


class Done(msgspec.Struct, frozen=True):
    """What a form did: where to go from there, and what to say about it."""

    to: str
    notice: str = ""


class Shown(msgspec.Struct, frozen=True):
    """What a form answers on the spot, such as a secret that is shown this once."""

    template: str
    context: Context
    status: int = 200


class Form:
    """What a page's form does. Its handler takes what was typed as `said`, and the ids of the path; and opens transactions itself if it
    takes a Visit."""

    def __init__(self, name: str, handler: Callable[..., Awaitable[Done | Shown]], action: Action | None) -> None:
        self.name, self.handler, self.action = name, handler, action
        kinds = typing.get_type_hints(handler)
        self.has_transaction = kinds["ask"] is Ask


class Page:
    """One path and its template; `show` answers what the template needs. `action` None: it is open to anybody."""

    def __init__(
        self,
        path: str,
        template: str,
        show: Callable[..., Awaitable[Context]],
        action: Action | None,
        *,
        forms: tuple[Form, ...] = (),
    ) -> None:
        self.path, self.template, self.show, self.action = path, template, show, action
        self.forms: Mapping[str, Form] = {form.name: form for form in forms}
        kinds = typing.get_type_hints(show, include_extras=True)
        self.query: Any = kinds.get("query")
        self.has_transaction = kinds["ask"] is Ask
        self.wants_typed = "typed" in kinds
        """Whether what is shown depends on what was typed into the form that is shown again."""
        self.ids = {name: kinds[name] for name in inspect.signature(show).parameters if name not in {"ask", "query", "typed"}}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Show the page, or do what its form `?do=` says. Refusals are pages, too; who isn't signed in is asked to."""
        visit = Visit(actor=Actor(kind="visitor"), app=request.app, origin=origin_of(request), cookies={})
        try:
            visit = msgspec.structs.replace(visit, actor=await find_out(request, self.action))
            response = await (self._do(request, visit) if request.method == "POST" else self._open(request, visit))
        except InvalidApiToken:
            response = _ask_to_sign_in(request)
        except Refusal as refusal:
            response = await _show_problem(request, visit, refusal)
        set_cookies(response, visit.cookies, request.app[SETTINGS])
        return response

    async def _open(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        ids = read_path(request, self.ids)
        if self.action is not None:
            check_may(visit.actor, self.action, ids.get("company_id"))
        context = await self._context(request, visit, ids)
        return render(request, self.template, context, notice=take_notice(request, visit))

    async def _context(self, request: web.Request, visit: Visit, ids: dict[str, Any], **more: Any) -> Context:
        """What the template needs. A filter that can't be is said beside it, and nothing is filtered by it."""
        said: dict[str, Any] = {}
        errors: dict[str, str] = {}
        if self.query:
            try:
                said["query"] = read_filters(request.query, self.query)
            except InvalidField as refusal:
                errors[refusal.field or ""] = refusal.detail
                said["query"] = self.query()
        context: Context = {"errors": errors, "typed": dict(request.query), "ids": ids}
        if self.wants_typed:
            said["typed"] = more.get("typed", {})
        if self.has_transaction:
            async with open_transaction(visit) as ask:
                context |= await self._show(ask, ids | said, errors)
                context |= await make_shell(ask, request)
        else:
            context |= await self._show(visit, ids | said, errors)
            async with open_transaction(visit) as ask:
                context |= await make_shell(ask, request)
        return context | more

    async def _show(self, ask: Visit, said: dict[str, Any], errors: dict[str, str]) -> Context:
        try:
            return await self.show(ask, **said)
        except Refusal as refusal:
            if "query" not in said or refusal.field is None or isinstance(refusal, Unavailable):
                raise
            errors[refusal.field] = refusal.detail  # a filter that only the store finds to be wrong: the page without it
            return await self.show(ask, **said | {"query": self.query()})

    async def _do(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        form = self.forms.get(request.query.get("do", ""))
        if form is None:
            raise NotFound
        ids = read_path(request, self.ids)
        for action in (self.action, form.action):  # what is refused is answered by the page itself
            if action is not None:
                check_may(visit.actor, action, ids.get("company_id"), changes=True)
        said = Said(await request.post())
        try:
            done = await self._carry_out(form, visit, said, ids)
        except InvalidApiToken:
            raise
        except Refusal as refusal:
            if isinstance(refusal, (NotFound, Unavailable)) and refusal.field is None:
                raise
            return await self._show_again(request, visit, ids, form, said, refusal)
        if isinstance(done, Shown):
            async with open_transaction(visit) as ask:
                shell = await make_shell(ask, request)
            return render(
                request, done.template, {"errors": {}, "typed": {}, "ids": ids} | done.context | shell, status=done.status
            )
        if done.notice:
            visit.cookies[NOTICE] = quote(done.notice)
        return web.Response(status=303, headers={hdrs.LOCATION: done.to})

    async def _carry_out(self, form: Form, visit: Visit, said: Said, ids: dict[str, Any]) -> Done | Shown:
        if not form.has_transaction:
            return await form.handler(visit, said=said, **ids)
        async with open_transaction(visit) as ask:
            return await form.handler(ask, said=said, **ids)

    async def _show_again(
        self, request: web.Request, visit: Visit, ids: dict[str, Any], form: Form, said: Said, refusal: Refusal
    ) -> web.StreamResponse:
        """The page with what was typed, and what is wrong beside the field, or above the form where no field is to blame."""
        wait = refusal.retry_after_seconds
        detail = refusal.detail if wait is None else f"{refusal.detail} The next one may be in {show_seconds(wait)}."
        more = {"failed": form.name, "errors": {refusal.field or "": detail}, "typed": said.typed(), "code": refusal.code}
        context = await self._context(request, visit, ids, **more)
        return render(request, self.template, context, status=refusal.status, retry_after_seconds=wait)


async def find_out(request: web.Request, action: Action | None) -> Actor:
    """Who asks, by the cookie alone: pages are for people. Raises CrossSite for what another site's page sends."""
    public_url = request.app[SETTINGS].public_url
    if request.method == "POST":
        check_same_site(request, public_url)
    credentials = msgspec.structs.replace(read_credentials(request, public_url), token_hash=None)
    if action is None:
        return await find_visitor(request.app[DATABASE], credentials)
    return await find_actor(request.app[DATABASE], credentials, company_in(request))


def _ask_to_sign_in(request: web.Request) -> web.StreamResponse:
    """Where to sign in, and where to go on from there; who was signed in until now is told."""
    where = "/sign-in?next=" + quote(request.path_qs if request.method == "GET" else request.path)
    response = web.Response(status=303, headers={hdrs.LOCATION: where + ("&ended=true" if COOKIE in request.cookies else "")})
    response.del_cookie(COOKIE, path="/")
    return response


async def _show_problem(request: web.Request, visit: Visit, refusal: Refusal) -> web.StreamResponse:
    """A page that says what is the matter, with the way back."""
    context: Context = {"problem": refusal, "errors": {}, "typed": {}, "ids": {}, "shell": None}
    if not isinstance(refusal, Unavailable):  # a database that is away isn't waited for twice
        with contextlib.suppress(Unavailable):
            async with open_transaction(visit) as ask:
                context |= await make_shell(ask, request)
    return render(request, "problem.html", context, status=refusal.status, retry_after_seconds=refusal.retry_after_seconds)
