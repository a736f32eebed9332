"""`ready.json` in the data folder: where everything is, while everything runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from callstamp.data_folder import find_json, write_private

NAME = "ready.json"


class ReadyFile(msgspec.Struct, frozen=True, kw_only=True):
    """With real servers configured there is no demo company, and all but the three addresses is null."""

    ingest_url: str
    admin_url: str
    merger_url: str
    company_id: int | None = None
    campaign_id: int | None = None
    publisher_id: int | None = None
    buyer_id: int | None = None
    tracking_number: str | None = None
    postback_key: str | None = None
    engine_key: str | None = None
    api_token: str | None = None
    owner_email: str | None = None
    owner_password: str | None = None
    redis_url: str | None = None
    postgres_url: str | None = None

    def of_demo_company(self, facts: Mapping[str, Any], redis_url: str, postgres_url: str) -> "ReadyFile":
        """The same with the demo company's ids and secrets, and the embedded servers' addresses."""
        company = {field: facts[field] for field in self.__struct_fields__ if field in facts}
        return msgspec.structs.replace(self, redis_url=redis_url, postgres_url=postgres_url, **company)


def write_ready_file(data: Path, ready: ReadyFile) -> None:
    write_private(data / NAME, msgspec.structs.asdict(ready))


def remove_ready_file(data: Path) -> None:
    (data / NAME).unlink(missing_ok=True)


def find_ready_file(data: Path) -> ReadyFile | None:
    """What the running Callstamp on that data folder says of itself, or None if none runs."""
    content: dict[str, Any] | None = find_json(data / NAME)
    return msgspec.convert(content, ReadyFile) if content is not None else None
