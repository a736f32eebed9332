"""The company: its name, its defaults, and how long what is kept."""

from phonenumbers import SUPPORTED_REGIONS, country_code_for_region

from admin.handlers import companies
from admin.pages.page import Context, Done, Form, Page
from admin.pages.said import Said
from admin.route import Ask
from schemas.admin.companies import CompanyChange
from schemas.admin.fields import Id
from schemas.admin.retention import RetentionChange

REGIONS = [(region, f"{region} (+{country_code_for_region(region)})") for region in sorted(SUPPORTED_REGIONS)]
DURATIONS = ("default_storage_duration_seconds", "default_end_call_cutoff_seconds")


async def show_settings(ask: Ask, company_id: Id) -> Context:
    return {"company": await companies.show_company(ask, company_id), "regions": REGIONS}


async def change_settings(ask: Ask, said: Said, company_id: Id) -> Done:
    change = said.read(CompanyChange, **{name: said.seconds(name) for name in DURATIONS})
    await companies.change_company(ask, company_id, change)
    return Done(f"/companies/{company_id}/settings", "Saved. New postback keys start with these defaults.")


async def change_retention(ask: Ask, said: Said, company_id: Id) -> Done:
    retention = said.read(RetentionChange, certificate_tag_names=said.lines("certificate_tag_names"))
    await companies.change_company(ask, company_id, CompanyChange(retention=retention))
    return Done(f"/companies/{company_id}/settings", "Saved. What is past its time is removed within an hour.")


PAGES = (
    Page(
        "/companies/{company_id}/settings",
        "company.html",
        show_settings,
        "see_company",
        forms=(
            Form("change", change_settings, "change_company"),
            Form("retention", change_retention, "change_company"),
        ),
    ),
)
