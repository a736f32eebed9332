"""How often somebody may be guessed at: counted before anything else is done, in a transaction of its own that outlasts the refusal.

Nobody is locked out by others' guesses: they are counted by where they come from, and those at one e-mail address from all over the
world don't concern places from where its owner signed in before.
"""

import hashlib
from ipaddress import IPv6Address, ip_address

import asyncpg
from msgspec import Struct

from admin.errors import TooManyTries
from admin.store import sign_in_tries

SECONDS = 15 * 60
FROM_ONE_PLACE_AT_ONE_PERSON = 10
FROM_ONE_PLACE = 100
AT_ONE_PERSON = 100
CODES_OF_ONE_PERSON = 10
"""Who guesses codes knows the password already, and there are only a million."""

LETTERS_TO_ONE_PERSON = 5
LETTERS_FROM_ONE_PLACE = 20
PLACES_SECONDS = 90 * 86_400


class Guess(Struct, frozen=True):
    """A try at somebody's password or code, and from where it comes."""

    email: str
    place: str

    def subject(self, kind: str, *, person: bool = True, place: bool = True) -> bytes:
        """What a count is kept under: a hash, so that it has one size. It says nothing that the tables of people and sessions don't."""
        parts = (kind, self.email if person else "", self.place if place else "")
        return hashlib.sha256("\0".join(parts).encode()).digest()

    @property
    def both(self) -> bytes:
        return self.subject("password")

    @property
    def from_there(self) -> bytes:
        return self.subject("password", person=False)

    @property
    def at_them(self) -> bytes:
        return self.subject("password", place=False)

    @property
    def known_place(self) -> bytes:
        return self.subject("signed in")


def make_guess(email: str, source_ip: str | None) -> Guess:
    """A try at whom `email` names. An IPv6 address counts by its first half, as its holder has all of the second."""
    if source_ip is None:
        return Guess(email.lower(), "")
    address = ip_address(source_ip)
    if isinstance(address, IPv6Address):
        return Guess(email.lower(), str(IPv6Address(int(address) >> 64 << 64)))
    return Guess(email.lower(), str(address))


async def count_guess(db: asyncpg.Connection, guess: Guess) -> TooManyTries | None:
    """Count a try at a password; the refusal, if it is one too many, is to be raised once that is committed.

    Each count is locked until then, in this order. What is refused for where it comes from doesn't count against the person.
    """
    for subject, most in ((guess.both, FROM_ONE_PLACE_AT_ONE_PERSON), (guess.from_there, FROM_ONE_PLACE)):
        tries = await sign_in_tries.count_one(db, subject, SECONDS)
        if tries.count > most:
            return TooManyTries(retry_after_seconds=tries.seconds_left)
    return await _count_at(db, guess, guess.at_them, AT_ONE_PERSON)


async def count_code(db: asyncpg.Connection, guess: Guess) -> TooManyTries | None:
    """Count a try at a code, by somebody who knows the password, in the same way."""
    return await _count_at(db, guess, guess.subject("code", place=False), CODES_OF_ONE_PERSON)


async def count_letter(db: asyncpg.Connection, guess: Guess) -> TooManyTries | None:
    """Count a wish for a letter to somebody, in the same way."""
    for subject, most in (
        (guess.subject("letter", person=False), LETTERS_FROM_ONE_PLACE),
        (guess.subject("letter", place=False), LETTERS_TO_ONE_PERSON),
    ):
        tries = await sign_in_tries.count_one(db, subject, SECONDS)
        if tries.count > most:
            return TooManyTries(retry_after_seconds=tries.seconds_left)
    return None


async def count_link(db: asyncpg.Connection, guess: Guess) -> TooManyTries | None:
    """Count a try at a letter's link, which nobody guesses: it keeps the hashing of passwords from being asked for in vain."""
    tries = await sign_in_tries.count_one(db, guess.subject("link", person=False), SECONDS)
    return TooManyTries(retry_after_seconds=tries.seconds_left) if tries.count > FROM_ONE_PLACE else None


async def note_success(db: asyncpg.Connection, guess: Guess) -> None:
    """Take back what was counted, as it was no guess, and remember the place as the person's."""
    await sign_in_tries.forget(db, guess.both)
    await sign_in_tries.take_one_back(db, guess.from_there)
    await sign_in_tries.take_one_back(db, guess.at_them)
    await sign_in_tries.forget(db, guess.subject("code", place=False))
    await sign_in_tries.note_place(db, guess.known_place)


async def _count_at(db: asyncpg.Connection, guess: Guess, subject: bytes, most: int) -> TooManyTries | None:
    tries = await sign_in_tries.count_one(db, subject, SECONDS)
    if tries.count > most and not await sign_in_tries.is_known_place(db, guess.known_place):
        return TooManyTries(retry_after_seconds=tries.seconds_left)
    return None
