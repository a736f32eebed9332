"""Where one comes in: the companies of somebody, and a company's first page."""

from admin.pages.page import Context, Page
from admin.route import Ask
from schemas.admin.fields import Id


async def show_companies(ask: Ask) -> Context:
    return {}


async def show_home(ask: Ask, company_id: Id) -> Context:
    return {}


PAGES = (
    Page("/", "companies.html", show_companies, "see_self"),
    Page("/companies/{company_id}", "home.html", show_home, "see_self"),
)
