"""Caller numbers to E.164, the same for a postback, a look-up and a call hit, for every way people and switches write them."""

import functools
import re

import phonenumbers

E164 = re.compile(r"\+[1-9][0-9]{7,14}")
"""ITU-T E.164: a country code that doesn't begin with 0, at most 15 digits; fewer than 8 is nobody's full number here."""

_FILLERS = re.compile(r"[ .()\[\]\-\u00a0\u2010-\u2014]+")  # spaces, dots, dashes, brackets, as typed or pasted from a page
_NANP_NATIONAL = re.compile(r"1?([2-9][0-9]{9})")
_LONGEST_SPELLING = 64


class InvalidCallerNumber(ValueError):
    """Not a caller number that a call could come from."""


def to_e164(spelling: str, region: str) -> str:
    """The E.164 number (`+` and 8 to 15 digits) that `spelling` means to a company of `region` (ISO 3166-1, e.g. "US").

    With `+` (or `00`, in NANP regions `011`, or a leading space, which is how a raw `+` arrives from a query) the digits are taken as
    they are; without, they are a number of the region that libphonenumber finds possible. Raises InvalidCallerNumber for all else.
    """
    if E164.fullmatch(spelling):
        return spelling
    if spelling.startswith(" ") and E164.fullmatch(number := "+" + spelling[1:]):
        return number
    if len(spelling) > _LONGEST_SPELLING:
        raise InvalidCallerNumber
    digits = _FILLERS.sub("", spelling)
    if spelling.startswith(" ") and spelling.lstrip(" ")[:1].isdigit():
        digits = "+" + digits
    elif digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("011") and _is_nanp(region):
        digits = "+" + digits[3:]
    if not digits.startswith("+"):
        digits = _from_region(digits, region)
    if not E164.fullmatch(digits):
        raise InvalidCallerNumber
    return digits


def _from_region(digits: str, region: str) -> str:
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidCallerNumber
    if _is_nanp(region) and (national := _NANP_NATIONAL.fullmatch(digits)):
        return "+1" + national[1]
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        raise InvalidCallerNumber from None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise InvalidCallerNumber
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@functools.cache
def _is_nanp(region: str) -> bool:
    return phonenumbers.country_code_for_region(region) == 1
