"""A service that can't run as it is configured says why in one line and ends with 78; starting it again wouldn't help."""

import asyncio

import pytest

from shared.embedded import EmbeddedValkey
from tests.service_processes import ServiceProcesses
from tests.waiting import WAIT_SECONDS


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"INGEST_REDIS_URL": "redis+cluster://a,b/1"}, "a cluster has no numbered databases"),
        ({"INGEST_REDIS_URL": "nonsense"}, "address"),
        ({"INGEST_REDIS_URL": "WITH A PASSWORD"}, "refuses"),
        ({"INGEST_TRUSTED_PROXIES": "10.0.0.1/8"}, "trusted proxies"),
        ({"INGEST_PORT": "99999"}, "INGEST_PORT"),
        ({"INGEST_WORKERS": "0"}, "INGEST_WORKERS"),
        ({"INGEST_WORKERS": "2", "INGEST_TRUSTED_PROXIES": "nowhere"}, "trusted proxies"),
        ({"INGEST_STORE_TIMEOUT_MS": "-1"}, "INGEST_STORE_TIMEOUT_MS"),
        ({"INGEST_PROT": "1"}, "INGEST_PROT: there is no such setting"),
    ],
)
async def test_a_setting_that_cant_be_ends_the_start_in_one_line(
    services: ServiceProcesses, valkey: EmbeddedValkey, settings: dict[str, str], said: str
) -> None:
    if settings.get("INGEST_REDIS_URL") == "WITH A PASSWORD":
        settings = {"INGEST_REDIS_URL": valkey.url.replace("unix://", "unix://:secret-nobody-set@")}
    process = services.start("ingest", until_ready=False, **settings)
    assert await asyncio.to_thread(process.process.wait, WAIT_SECONDS) == 78
    log = process.log.read_text()
    assert said in log
    assert "Traceback" not in log
    assert "secret-nobody-set" not in log
