"""Caller numbers to E.164, for every spelling that publishers and switches use."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.caller_number import E164, InvalidCallerNumber, to_e164


@pytest.mark.parametrize(
    ("spelling", "region", "number"),
    [
        ("+15551230000", "US", "+15551230000"),
        ("+10123456789", "US", "+10123456789"),  # published as an example; possible, not valid
        ("+3569878933094", "US", "+3569878933094"),  # published; too long for libphonenumber
        (" 15551230000", "US", "+15551230000"),  # a raw + in a query
        (" 442079460006", "US", "+442079460006"),
        ("5551230000", "US", "+15551230000"),
        ("15551230000", "US", "+15551230000"),
        ("(555) 123-0000", "US", "+15551230000"),
        ("[555] 123.0000", "US", "+15551230000"),
        ("555\u2011123\u20110000", "US", "+15551230000"),  # as pasted from a page
        ("+1 (555) 123-0000", "GB", "+15551230000"),
        ("00442079460006", "US", "+442079460006"),
        ("00442079460006", "DE", "+442079460006"),
        ("011442079460006", "US", "+442079460006"),
        ("011 44 20 7946 0006", "CA", "+442079460006"),
        ("020 7946 0006", "GB", "+442079460006"),
        ("0123 456789", "GB", "+44123456789"),
        ("06 12345678", "IT", "+390612345678"),  # Italy keeps its leading nought
        ("8765550000", "JM", "+18765550000"),
    ],
)
def test_a_spelling_means_one_number(spelling: str, region: str, number: str) -> None:
    assert to_e164(spelling, region) == number


@pytest.mark.parametrize(
    "spelling",
    [
        "", " ", "+", "123", "1230000", "anonymous", "Anonymous", "restricted", "unavailable", "private", "unknown",
        "1-800-CALLNOW", "+1555123000a", "5551230000x12", "5551230000 ext. 12", "+1 555 123 0000;phone-context=us",
        "tel:+15551230000", "+15551230000\n", "\t5551230000", "+1555\x001230000",
        "\uff15\uff15\uff15\uff11\uff12\uff13\uff10\uff10\uff10\uff10",
        "\u0665\u0665\u0665\u0661\u0662\u0663\u0660\u0660\u0660\u0660", "+1555123000\uff10",
        "++15551230000", "1+5551230000", "+0044207946000", "+1234567", "+1234567890123456", "5" * 300, "+" + "1" * 300,
        "555/123/0000", "555_123_0000", "\udcff5551230000",
    ],
)  # fmt: skip
def test_what_is_no_full_number_is_refused(spelling: str) -> None:
    with pytest.raises(InvalidCallerNumber):
        to_e164(spelling, "US")


@given(st.from_regex(r"[01]?[0-9]{10}", fullmatch=True), st.sampled_from(["US", "CA", "JM"]))
def test_the_quick_pattern_agrees_with_libphonenumber(digits: str, region: str) -> None:
    try:
        ours: str | None = to_e164(digits, region)
    except InvalidCallerNumber:
        ours = None
    if digits.startswith(("00", "011")):
        return  # an international prefix, which libphonenumber doesn't take for one in every region
    parsed = phonenumbers.parse(digits, region)
    possible = phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    assert ours == (phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if possible else None)


@given(st.text(max_size=70), st.sampled_from(["US", "GB", "DE", "MT", "NU"]))
def test_whatever_comes_is_one_number_or_refused(spelling: str, region: str) -> None:
    try:
        number = to_e164(spelling, region)
    except InvalidCallerNumber:
        return
    assert E164.fullmatch(number)
    assert to_e164(number, region) == number
