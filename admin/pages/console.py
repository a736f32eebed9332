"""All pages of the console."""

from aiohttp import web

from admin.pages import (
    api_tokens,
    audit_log,
    buyers,
    callers,
    calls,
    campaigns,
    collaborator_permissions,
    collaborators,
    company,
    engine_keys,
    grants,
    home,
    invites,
    me,
    numbers,
    password_resets,
    permissions,
    postback_keys,
    postback_log,
    publishers,
    reports,
    sign_in,
    view_as,
)
from admin.pages.live import add_live
from admin.pages.page import Page
from admin.pages.static_files import add_static_files

PAGES: tuple[Page, ...] = (
    *sign_in.PAGES,
    *password_resets.PAGES,
    *invites.PAGES,
    *me.PAGES,
    *home.PAGES,
    *calls.PAGES,
    *postback_log.PAGES,
    *reports.PAGES,
    *callers.PAGES,
    *publishers.PAGES,
    *buyers.PAGES,
    *campaigns.PAGES,
    *numbers.PAGES,
    *grants.PAGES,
    *postback_keys.PAGES,
    *engine_keys.PAGES,
    *api_tokens.PAGES,
    *company.PAGES,
    *collaborators.PAGES,
    *collaborator_permissions.PAGES,
    *permissions.PAGES,
    *view_as.PAGES,
    *audit_log.PAGES,
)


def add_console(app: web.Application) -> None:
    add_static_files(app)
    add_live(app)  # before the page of one postback, whose path fits it, too
    for page in PAGES:
        app.router.add_route("GET", page.path, page.answer)
        if page.forms:
            app.router.add_route("POST", page.path, page.answer)
