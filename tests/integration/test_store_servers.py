"""What the doctor looks at when the store is more than one server."""

import pytest

from callstamp.store_servers import find_servers
from shared.embedded.valkey_cluster import EmbeddedValkeyCluster


async def test_one_server_is_looked_at_as_it_is_named() -> None:
    assert await find_servers("rediss://user:secret@a:7000/1?ssl_cert_reqs=none") == {
        "": "rediss://user:secret@a:7000/1?ssl_cert_reqs=none"
    }


async def test_every_primary_of_a_cluster_is_looked_at(cluster: EmbeddedValkeyCluster) -> None:
    named = f"redis+cluster://127.0.0.1:9,{cluster.servers[0].address}?client_name=doctor"  # the first of them is away
    primaries = sorted(server.address for server in cluster.primaries())
    assert await find_servers(named) == {address: f"redis://{address}?client_name=doctor" for address in primaries}


async def test_a_store_that_nobody_answers_for_is_said_so() -> None:
    with pytest.raises(Exception, match="9"):
        await find_servers("redis+cluster://127.0.0.1:9")
    with pytest.raises(Exception, match="9"):
        await find_servers("redis+sentinel://127.0.0.1:9/callstamp")
