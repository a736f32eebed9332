"""Companies, and which ids belong to one."""

import asyncpg

from schemas.admin.companies import Company, CompanyChange
from schemas.admin.fields import given, said
from schemas.admin.retention import Retention
from shared.caller_number import InvalidCallerNumber, to_e164
from shared.errors import InvalidField, NotFound


async def get(db: asyncpg.Connection, company_id: int) -> Company:
    """The company; raises NotFound."""
    row = await db.fetchrow(
        """
        select id,
               name,
               default_region,
               default_number_cap,
               default_storage_duration_seconds,
               default_end_call_cutoff_seconds,
               rate_limit_per_second,
               postback_log_days,
               calls_days,
               tags_days,
               certificate_tags_days,
               certificate_tag_names,
               legal_hold,
               created_at
        from companies
        where id = $1
        """,
        company_id,
    )
    if row is None:
        raise NotFound
    return _as_company(row)


async def take_id(db: asyncpg.Connection) -> int:
    """The id of a company that is to be made: its transaction has to be of that company before there is one."""
    company_id: int = await db.fetchval("select nextval(pg_get_serial_sequence('companies', 'id'))")
    return company_id


async def insert(db: asyncpg.Connection, company_id: int, name: str, region: str) -> None:
    """Make a company with the defaults of the tables."""
    await db.execute(
        """
        insert into companies (id, name, default_region)
        overriding system value
        values ($1, $2, $3)
        """,
        company_id,
        name,
        region,
    )


async def change(db: asyncpg.Connection, company_id: int, change: CompanyChange) -> Company:
    """The company as it is once `change` is made."""
    row = await db.fetchrow(
        """
        update companies
        set name = coalesce($2, name),
            default_region = coalesce($3, default_region),
            default_number_cap = coalesce($4, default_number_cap),
            default_storage_duration_seconds = coalesce($5, default_storage_duration_seconds),
            default_end_call_cutoff_seconds = coalesce($6, default_end_call_cutoff_seconds),
            rate_limit_per_second = case when $7 then $8 else rate_limit_per_second end
        where id = $1
        returning id,
                  name,
                  default_region,
                  default_number_cap,
                  default_storage_duration_seconds,
                  default_end_call_cutoff_seconds,
                  rate_limit_per_second,
                  postback_log_days,
                  calls_days,
                  tags_days,
                  certificate_tags_days,
                  certificate_tag_names,
                  legal_hold,
                  created_at
        """,
        company_id,
        given(change.name),
        given(change.default_region),
        given(change.default_number_cap),
        given(change.default_storage_duration_seconds),
        given(change.default_end_call_cutoff_seconds),
        *said(change.rate_limit_per_second),
    )
    if row is None:
        raise NotFound
    return _as_company(row)


def _as_company(row: asyncpg.Record) -> Company:
    kept = {name: row[name] for name in Retention.__struct_fields__}
    return Company(**{name: value for name, value in row.items() if name not in kept}, retention=Retention(**kept))


async def read_number(db: asyncpg.Connection, company_id: int, spelling: str, *, field: str) -> str:
    """The E.164 number that `spelling` means in the company's region; raises InvalidField."""
    region = await db.fetchval(
        """
        select default_region
        from companies
        where id = $1
        """,
        company_id,
    )
    try:
        return to_e164(spelling, region)
    except InvalidCallerNumber:
        raise InvalidField(f"This isn't a telephone number, in E.164 or as it is written in {region}.", field=field) from None


async def check_belong(
    db: asyncpg.Connection,
    company_id: int,
    *,
    campaign_id: int | None = None,
    publisher_id: int | None = None,
    answered_by: int | None = None,
    postback_key_id: int | None = None,
    buyer_id: int | None = None,
) -> None:
    """Raise NotFound, naming the field, for an id that isn't the company's; what was removed still is."""
    row = await db.fetchrow(
        """
        select $2::bigint is null or exists (select from campaigns where company_id = $1 and id = $2) as campaign_id,
               $3::bigint is null or exists (select from publishers where company_id = $1 and id = $3) as publisher_id,
               $4::bigint is null or exists (select from buyers where company_id = $1 and id = $4) as answered_by,
               $5::bigint is null or exists (select from postback_keys where company_id = $1 and id = $5) as postback_key_id,
               $6::bigint is null or exists (select from buyers where company_id = $1 and id = $6) as buyer_id
        """,
        company_id,
        campaign_id,
        publisher_id,
        answered_by,
        postback_key_id,
        buyer_id,
    )
    for field, belongs in row.items():
        if not belongs:
            raise NotFound("There is nothing with this id here.", field=field)
