"""Tags in the forms that switches read: JSON, key-value, XML, and header lines for a SIP message."""

import re
from collections.abc import Callable
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

MAX_HEADER_LINES_BYTES = 1024
_NOT_IN_A_HEADER_NAME = re.compile(r"[^A-Za-z0-9!#$%&'*+.^_`|~-]")  # RFC 9110 §5.6.2, token
_READABLE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
_NOT_IN_XML = re.compile("[\ufffe\uffff]")  # XML 1.0 §2.2, Char; control characters are no part of a tag anyway


def to_kv(tags: dict[str, str]) -> str:
    """`a=1&b=2`, percent-encoded, as Asterisk's CURLOPT(hashcompat) reads it."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in tags.items())


def to_xml(tags: dict[str, str]) -> str:
    """`<tags><tag name="a">1</tag></tags>`."""
    items = (f"<tag name={quoteattr(_for_xml(name))}>{escape(_for_xml(value))}</tag>" for name, value in tags.items())
    return f"<tags>{''.join(items)}</tags>"


def _for_xml(text: str) -> str:
    return _NOT_IN_XML.sub("?", text)


def to_header_lines(tags: dict[str, str]) -> tuple[str, int]:
    """`X-Tag-a: 1` a line, each ended by CRLF, in name order, and how many tags found no room.

    At most 1,024 bytes in whole lines, so that a switch can put them into a message as they are; where some are left out, the last line
    says how many.
    """
    lines = [_header_line(name, tags[name]) for name in sorted(tags)]
    if sum(map(len, lines)) <= MAX_HEADER_LINES_BYTES:
        return "".join(lines), 0
    room = MAX_HEADER_LINES_BYTES - len(f"X-Tags-Dropped: {len(lines)}\r\n")
    kept = []
    for line in lines:
        if len(line) <= room:
            kept.append(line)
            room -= len(line)
    dropped = len(lines) - len(kept)
    return f"{''.join(kept)}X-Tags-Dropped: {dropped}\r\n", dropped


def _header_line(name: str, value: str) -> str:
    """One line; the value is percent-encoded where it isn't plain ASCII, and at its ends, where a reader would trim it."""
    encoded = quote(value, safe=_READABLE)
    inner = encoded.strip(" ")
    start = encoded.index(inner) if inner else len(encoded)
    padded = "%20" * start + inner + "%20" * (len(encoded) - start - len(inner))
    return f"X-Tag-{_NOT_IN_A_HEADER_NAME.sub('-', name)}: {padded}\r\n"


FORMATS: dict[str, tuple[str, Callable[[dict[str, str]], str]]] = {
    "kv": ("text/plain", to_kv),
    "xml": ("application/xml", to_xml),
}
