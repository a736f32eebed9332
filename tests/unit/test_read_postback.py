"""What is in a request, in every shape in which it may come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import CallNotFound, InvalidCallerNumber, InvalidTag, MissingCallerNumber, NoTags, TooManyTags
from ingest.read_postback import Form, _parse_json, check_postback, parse_pairs
from shared.errors import InvalidBody

NUMBER = {"caller_number": "+15551230000"}


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("a=1&a=2&b=3", {"a": "2", "b": "3"}),  # the last one wins, in the first one's place
        ("a", {"a": ""}),
        ("a=", {"a": ""}),
        ("a=b=c", {"a": "b=c"}),
        ("a=1;b=2", {"a": "1;b=2"}),  # a semicolon is no separator
        ("&&a=1&", {"a": "1"}),
        ("=1", {"": "1"}),
        ("a+b=c+d", {"a b": "c d"}),
        ("a%2Bb=c%2bd", {"a+b": "c+d"}),
        ("a=%zz%4", {"a": "%zz%4"}),  # what isn't an escape is itself
        ("a=S%C3%A3o", {"a": "São"}),
        ("a=%C0%AF", {"a": "\udcc0\udcaf"}),  # overlong: recognisably no UTF-8
        ("a=%ED%A0%80", {"a": "\udced\udca0\udc80"}),  # a lone surrogate
        ("", {}),
    ],
)
def test_a_query_or_form_is_read_as_browsers_write_it(query: str, pairs: dict[str, str]) -> None:
    assert parse_pairs(query) == pairs
    assert list(parse_pairs(query)) == list(pairs)


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        (b'{"a":"1"}', {"a": "1"}),
        (b'{"a":39,"b":true,"c":false,"d":null,"e":1.5}', {"a": "39", "b": "true", "c": "false", "d": "", "e": "1.5"}),
        (b'{"a":18446744073709551616}', {"a": "18446744073709551616"}),
        (b'{"a":-9223372036854775809}', {"a": "-9223372036854775809"}),
        (b'{"a":%b}' % (b"9" * 4000), {"a": "9" * 4000}),
        (b'{"a":%b,"b":"x","c":null}' % (b"9" * 5000), {"a": "9" * 5000, "b": "x", "c": ""}),
        (b'{"a":1.50,"b":0.1,"c":1e3}', {"a": "1.5", "b": "0.1", "c": "1000.0"}),
        (b'{"a":1,"a":2}', {"a": "2"}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b' {"a" : "1"}\r\n', {"a": "1"}),
        (b"{}", {}),
    ],
)
def test_a_flat_json_object_is_read_as_text(body: bytes, pairs: dict[str, str]) -> None:
    assert _parse_json(body) == pairs


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":', b"[1,2]", b"1", b"null", b'"a"', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1e999}', b'{"a":"\\ud800"}', b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}', b'{"a":1} x', b'{"a":1}{"a":2}', b"{'a':1}", b'{"a":01}', b'{"a":"\x01"}', b'{"a":' * 5000, b"[" * 60000,
        b'{"a":1,}', b'\xff\xfe{\x00}\x00',
    ],
)  # fmt: skip
def test_what_isnt_a_json_object_is_an_invalid_body(body: bytes) -> None:
    with pytest.raises(InvalidBody):
        _parse_json(body)


@pytest.mark.parametrize("body", [b'{"a":{"b":1}}', b'{"a":[]}', b'{"a":%b}' % (b"9" * 5000), b'{"a":"\\u0000"}', b'{"a":"\\n"}'])
def test_a_json_value_that_is_no_text_is_an_invalid_tag(body: bytes) -> None:
    with pytest.raises(InvalidTag):
        check_postback(Form(_parse_json(body) | NUMBER), "US")


@pytest.mark.parametrize("text", ["\x00", "\x1f", "\t", "\n", "\r\n", "\x7f", "\x80", "\x9f", "\udcff"])
def test_control_characters_and_broken_text_are_refused_in_names_and_values(text: str) -> None:
    for tag in ({"a": f"x{text}"}, {f"x{text}": "a"}):
        with pytest.raises(InvalidTag):
            check_postback(Form(tag | NUMBER), "US")


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=50))
def test_any_other_text_is_kept_as_it_is(text: str) -> None:
    assert check_postback(Form({"a": text} | NUMBER), "US").tag_values == {"a": text}


def test_names_and_values_have_their_limits() -> None:
    check_postback(Form({"n" * 128: "v" * 4096} | NUMBER), "US")
    for tag in ({"n" * 129: ""}, {"": "x"}, {"a": "v" * 4097}):
        with pytest.raises(InvalidTag):
            check_postback(Form(tag | NUMBER), "US")
    check_postback(Form({f"t{n}": "" for n in range(100)} | NUMBER), "US")
    with pytest.raises(TooManyTags):
        check_postback(Form({f"t{n}": "" for n in range(101)} | NUMBER), "US")


def test_the_identifier_is_refused_before_the_tags() -> None:
    bad_tag = {"a": "\x00"}
    with pytest.raises(MissingCallerNumber):
        check_postback(Form(bad_tag), "US")
    with pytest.raises(MissingCallerNumber):
        check_postback(Form(bad_tag | {"caller_number": "", "call_uuid": ""}), "US")
    with pytest.raises(InvalidCallerNumber):
        check_postback(Form(bad_tag | {"caller_number": "x"}), "US")
    with pytest.raises(CallNotFound):
        check_postback(Form(bad_tag | {"call_uuid": "no such thing"}), "US")
    with pytest.raises(NoTags):
        check_postback(Form({"key": "k"} | NUMBER), "US")


def test_a_call_uuid_counts_before_a_caller_number() -> None:
    postback = check_postback(Form({"a": "1", "call_uuid": "CA@1.2:3_-", "caller_number": "nonsense"}), "US")
    assert (postback.call_uuid, postback.caller_number, postback.tag_values) == ("CA@1.2:3_-", None, {"a": "1"})
