"""Where a key may be used from: its networks, and the origins of the pages it stands in; and what lets such a page read the reply."""

from collections.abc import Mapping

from aiohttp import web

from ingest.errors import SourceNotAllowed
from schemas.kept_rows import PostbackKeyRow
from shared.source_address import is_in, parse_networks

_READABLE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Callstamp-Postback-Id, Callstamp-Outcome, Callstamp-Expires-At, Callstamp-Replayed, RateLimit-Policy, RateLimit, Retry-After"
    ),
}


def check_source(key: PostbackKeyRow, request: web.Request, source_ip: str | None) -> None:
    """Refuse a request from outside the key's networks or origins. Raises SourceNotAllowed.

    A request without an Origin isn't a page's, or hides whose it is: it proves nothing, so a key that stands in pages refuses it.
    A source that isn't known, as on a Unix socket, is in no network.
    """
    if key.allowed_networks is not None and not (source_ip and is_in(source_ip, parse_networks(key.allowed_networks))):
        raise SourceNotAllowed("This postback key may not be used from this network.")
    if key.allowed_origins is not None and request.headers.get("Origin") not in key.allowed_origins:
        raise SourceNotAllowed("This postback key is for pages of other origins.")


def headers_for_page(request: web.Request, key: PostbackKeyRow | None = None) -> Mapping[str, str]:
    """What lets the page that asked read the reply (Fetch standard, CORS); nothing if it was no page.

    A refusal, which is given before it is known whose key it is, may be read by any page.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        return {}
    if key is None or key.allowed_origins is None:
        return _READABLE
    return {**_READABLE, "Access-Control-Allow-Origin": origin, "Vary": "Origin"}
