"""From what a page's filters say to what the API is asked, and to the address of the same list as a file."""

from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from admin.route import Ask
from schemas.admin.fields import Query

Q = TypeVar("Q", bound=Query)


def make_query(kind: type[Q], said: Query, **more: Any) -> Q:
    """A query of the API with what `said` says by the same names, and `more`."""
    names = set(kind.__struct_fields__) & set(said.__struct_fields__) - {"from_", "to"}
    return kind(**{name: getattr(said, name) for name in names} | more)


def find_file(ask: Ask, company_id: int, noun: str, query: Query, *needs: str) -> str | None:
    """The address of the list as CSV; None for who has these toggles as nobody, and for who only looks with other eyes."""
    if ask.actor.viewing_as is not None or ask.actor.sight(*needs).is_empty:
        return None
    said = msgspec.to_builtins(query)
    asked = {name: value for name, value in said.items() if name not in {"limit", "cursor", "format"}}
    return f"/v1/companies/{company_id}/{noun}?" + urlencode(asked | {"format": "csv"})
