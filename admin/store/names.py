"""What things are called of which a page shows the ids, and what a list can be filtered by."""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg
from msgspec import Struct

from admin.permissions import Sight

MOST_CHOICES = 100
_KINDS = ("publishers", "buyers", "campaigns", "postback_keys")

Choices = list[tuple[int, str]]


class Names(Struct, frozen=True, kw_only=True):
    """By id; what isn't here has no name that may be told."""

    publishers: Mapping[int, str] = {}
    buyers: Mapping[int, str] = {}
    campaigns: Mapping[int, str] = {}
    postback_keys: Mapping[int, str] = {}


class Offered(Struct, frozen=True, kw_only=True):
    """What there is to choose from; None: too many for a list."""

    publishers: Choices | None
    buyers: Choices | None
    campaigns: Choices | None
    postback_keys: Choices | None


async def fetch(
    db: asyncpg.Connection,
    company_id: int,
    sight: Sight,
    *,
    publishers: Iterable[int | None] = (),
    buyers: Iterable[int | None] = (),
    campaigns: Iterable[int | None] = (),
    postback_keys: Iterable[int | None] = (),
) -> Names:
    """The names of what is shown already, also of what was removed; of keys those of publishers in sight."""
    rows = await db.fetch(
        """
        select 'publishers' as kind, id, name
        from publishers
        where company_id = $1
          and id = any($2::bigint[])
        union all
        select 'buyers', id, name
        from buyers
        where company_id = $1
          and id = any($3::bigint[])
        union all
        select 'campaigns', id, name
        from campaigns
        where company_id = $1
          and id = any($4::bigint[])
        union all
        select 'postback_keys', id, name
        from postback_keys
        where company_id = $1
          and id = any($5::bigint[])
          and ($6 or publisher_id = any($7::bigint[]))
        """,
        company_id,
        *(sorted({number for number in ids if number is not None}) for ids in (publishers, buyers, campaigns, postback_keys)),
        sight.everything,
        list(sight.publisher_ids),
    )
    return Names(**{kind: dict(pairs) for kind, pairs in _by_kind(rows).items()})


async def fetch_choices(db: asyncpg.Connection, company_id: int, sight: Sight) -> Offered:
    """What isn't removed and is in sight, by name; a collaborator's campaigns are those granted to their publishers."""
    rows = await db.fetch(
        f"""
        (select 'publishers' as kind, id, name
         from publishers
         where company_id = $1
           and removed_at is null
           and ($2 or id = any($3::bigint[]))
         order by name, id
         limit {MOST_CHOICES + 1})
        union all
        (select 'buyers', id, name
         from buyers
         where company_id = $1
           and removed_at is null
           and ($2 or id = any($4::bigint[]))
         order by name, id
         limit {MOST_CHOICES + 1})
        union all
        (select 'campaigns', id, name
         from campaigns
         where company_id = $1
           and removed_at is null
           and ($2 or id in (
                  select campaign_id
                  from campaign_grants
                  where company_id = $1
                    and publisher_id = any($3::bigint[])
                    and revoked_at is null
                ))
         order by name, id
         limit {MOST_CHOICES + 1})
        union all
        (select 'postback_keys', id, name
         from postback_keys
         where company_id = $1
           and revoked_at is null
           and ($2 or publisher_id = any($3::bigint[]))
         order by name, id
         limit {MOST_CHOICES + 1})
        """,  # noqa: S608 - a number of ours
        company_id,
        sight.everything,
        list(sight.publisher_ids),
        list(sight.buyer_ids),
    )
    return Offered(**{kind: pairs if len(pairs) <= MOST_CHOICES else None for kind, pairs in _by_kind(rows).items()})


async def is_opaque_key(db: asyncpg.Connection, company_id: int, postback_key_id: int) -> bool:
    """Whether the replies to a postback key's postbacks are the same in every case."""
    found: bool | None = await db.fetchval(
        """
        select opaque_status
        from postback_keys
        where company_id = $1
          and id = $2
        """,
        company_id,
        postback_key_id,
    )
    return bool(found)


def _by_kind(rows: Iterable[Mapping[str, Any]]) -> dict[str, Choices]:
    found: dict[str, Choices] = {kind: [] for kind in _KINDS}
    for row in rows:
        found[row["kind"]].append((row["id"], row["name"]))
    return found
