"""Who still gets in, and which bytes are a request without doubt."""

import pytest

from shared.overload import SHED_AND_CLOSE, SHED_REPLY, Kind, Load, is_one_whole_request


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: keep-alive\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=1",
        b"POST / HTTP/1.1\r\nCONTENT-LENGTH: 0\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n\r\n\r\nab",
    ],
)
def test_a_whole_request_is_known(data: bytes) -> None:
    assert is_one_whole_request(data)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=12",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\na=1",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\na=1",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\na=1",
        b"POST / HTTP/1.1\r\nHost: x\r\nX: y\r\n Content-Length: 3\r\n\r\na=1",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding : chunked\r\n\r\na=1",
        b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: x\r\n\r\n",
        b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"",
    ],
)
def test_what_is_in_doubt_is_left_to_the_parser(data: bytes) -> None:
    assert not is_one_whole_request(data)


def test_the_less_urgent_go_first() -> None:
    load = Load([Kind("bulk", b"POST /many", 0.5), Kind("single", b"POST /", 1)], 4)
    seen = []
    for load.in_flight in range(6):
        found = [load.find_shed(head) for head in (b"POST /many HTTP", b"POST /one HTTP", b"GET /readyz HTTP")]
        seen.append([kind.name if kind else None for kind in found])
    nobody = [None, None, None]
    assert seen == [nobody, nobody, ["bulk", None, None], ["bulk", None, None], *[["bulk", "single", None]] * 2]
    assert load.first_bound == 2


@pytest.mark.parametrize("reply", [SHED_REPLY, SHED_AND_CLOSE])
def test_the_reply_is_a_problem_document_of_the_length_that_it_says(reply: bytes) -> None:
    head, _, body = reply.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nContent-Length: %d" % len(body) in head
    assert b"\r\nRetry-After: 1" in head
    assert b'"code":"unavailable"' in body
