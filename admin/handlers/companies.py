"""Who asks, and their company."""

from phonenumbers import SUPPORTED_REGIONS

from admin.paging import make_page, read_id_cursor
from admin.route import Ask
from admin.store import companies
from schemas.admin.companies import Company, CompanyChange, Me
from schemas.admin.fields import Id, PageQuery
from schemas.admin.pages import Page
from shared.errors import InvalidField


async def show_me(ask: Ask) -> Me:
    """Who the API token speaks for."""
    return Me(company_id=ask.actor.company_id, api_token_id=ask.actor.api_token_id, name=ask.actor.name)


async def list_companies(ask: Ask, query: PageQuery) -> Page[Company]:
    """The companies that the API token may see: its own."""
    company_id = ask.actor.company_id
    mine = [company_id] if company_id and company_id > read_id_cursor(query) else []
    return make_page([await companies.get(ask.db, own) for own in mine], query, lambda company: (company.id,))


async def show_company(ask: Ask, company_id: Id) -> Company:
    """A company and its defaults."""
    return await companies.get(ask.db, company_id)


async def change_company(ask: Ask, company_id: Id, body: CompanyChange) -> Company:
    """Change a company's name or defaults.

    New defaults apply to postback keys made from then on, the region to every number without a country code.
    """
    if isinstance(body.default_region, str) and body.default_region not in SUPPORTED_REGIONS:
        raise InvalidField("This isn't a region with telephone numbers.", field="default_region")
    return await companies.change(ask.db, company_id, body)
