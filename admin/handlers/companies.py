"""A company and its defaults."""

from phonenumbers import SUPPORTED_REGIONS

from admin.route import Ask
from admin.store import companies, retention
from schemas.admin.companies import Company, CompanyChange
from schemas.admin.fields import Id
from schemas.admin.retention import RetentionChange
from shared.errors import InvalidField


async def show_company(ask: Ask, company_id: Id) -> Company:
    """A company and its defaults."""
    return await companies.get(ask.db, company_id)


async def change_company(ask: Ask, company_id: Id, body: CompanyChange) -> Company:
    """Change a company's name or defaults.

    New defaults apply to postback keys made from then on, the region to every number without a country code.
    """
    if isinstance(body.default_region, str) and body.default_region not in SUPPORTED_REGIONS:
        raise InvalidField("This isn't a region with telephone numbers.", field="default_region")
    if isinstance(body.retention, RetentionChange):
        await retention.change(ask.db, company_id, body.retention)
    return await companies.change(ask.db, company_id, body)
