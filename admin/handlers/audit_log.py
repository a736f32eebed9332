"""The audit log."""

from admin.paging import BY_CHANGE, make_page, read_cursor
from admin.route import Ask
from admin.store import audit_log
from schemas.admin.audit_log import AuditEntry, AuditLogQuery
from schemas.admin.fields import Id
from schemas.admin.pages import Page


async def list_audit_log(ask: Ask, company_id: Id, query: AuditLogQuery) -> Page[AuditEntry]:
    """Every change in the company, newest first: who made it, what was there before, and what is there since."""
    rows = await audit_log.fetch_page(ask.db, company_id, query, before=read_cursor(query, BY_CHANGE))
    return make_page(rows, query, lambda entry: (entry.at, entry.id))
