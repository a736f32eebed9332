"""All pages of the console."""

from aiohttp import web

from admin.pages import callers, calls, home, postback_log, reports, sign_in
from admin.pages.live import add_live
from admin.pages.page import Page
from admin.pages.static_files import add_static_files

PAGES: tuple[Page, ...] = (
    *sign_in.PAGES,
    *home.PAGES,
    *calls.PAGES,
    *postback_log.PAGES,
    *reports.PAGES,
    *callers.PAGES,
)


def add_console(app: web.Application) -> None:
    add_static_files(app)
    add_live(app)  # before the page of one postback, whose path fits it, too
    for page in PAGES:
        app.router.add_route("GET", page.path, page.answer)
        if page.forms:
            app.router.add_route("POST", page.path, page.answer)
