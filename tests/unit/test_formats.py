"""Tags in the forms that switches read."""

from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from ingest.merger.formats import MAX_HEADER_LINES_BYTES, to_header_lines, to_kv, to_xml

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40)
TAGS = st.dictionaries(TEXT.filter(bool), TEXT, max_size=30)


def test_key_values_are_what_asterisk_reads() -> None:
    assert to_kv({"a": "1", "b c": "x&y=z", "d": "São"}) == "a=1&b%20c=x%26y%3Dz&d=S%C3%A3o"


@given(TAGS)
def test_key_values_read_back(tags: dict[str, str]) -> None:
    assert dict(parse_qsl(to_kv(tags), keep_blank_values=True, strict_parsing=bool(tags))) == tags


def test_xml_is_as_published() -> None:
    assert to_xml({"a": "1"}) == '<tags><tag name="a">1</tag></tags>'
    assert to_xml({}) == "<tags></tags>"


@given(TAGS)
def test_xml_is_well_formed_and_reads_back(tags: dict[str, str]) -> None:
    def plain(text: str) -> str:
        return text.replace("\ufffe", "?").replace("\uffff", "?")

    read = {tag.get("name", ""): tag.text or "" for tag in ET.fromstring(to_xml(tags))}  # noqa: S314 - our own text
    assert read == {plain(name): plain(value) for name, value in tags.items()}


def test_header_lines_are_in_name_order_and_each_is_ended() -> None:
    assert to_header_lines({"b": "2", "a": "1"}) == ("X-Tag-a: 1\r\nX-Tag-b: 2\r\n", 0)
    assert to_header_lines({}) == ("", 0)


def test_what_a_header_cant_have_is_replaced_in_names_and_encoded_in_values() -> None:
    assert to_header_lines({"a b:ç": "São 100% \u200f"})[0] == "X-Tag-a-b--: S%C3%A3o 100%25 %E2%80%8F\r\n"
    assert to_header_lines({"a": " x "})[0] == "X-Tag-a: %20x%20\r\n"
    assert to_header_lines({"a": "  "})[0] == "X-Tag-a: %20%20\r\n"


def test_what_doesnt_fit_is_counted() -> None:
    lines, dropped = to_header_lines({f"t{n:02}": "x" * 100 for n in range(20)} | {"z": "short"})
    assert dropped == 12
    assert lines.endswith(f"X-Tag-z: short\r\nX-Tags-Dropped: {dropped}\r\n")


@given(st.dictionaries(TEXT.filter(bool), st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=400), max_size=40))
def test_header_lines_are_whole_and_bounded_and_read_back(tags: dict[str, str]) -> None:
    text, dropped = to_header_lines(tags)
    assert len(text.encode("ascii")) <= MAX_HEADER_LINES_BYTES
    lines = [line for line in text.split("\r\n")[:-1] if line.startswith("X-Tag-")]
    assert len(lines) + dropped == len(tags)
    values = [unquote(line.partition(": ")[2]) for line in lines]
    assert not [value for value in values if value not in tags.values()]
