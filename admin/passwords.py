"""Passwords: which are taken, and their hashes (argon2id), made and checked beside the event loop by a few threads."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from aiohttp import web
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import InvalidField, Unavailable

MEMORY_KIB = 19 * 1024
PASSES = 2
"""The least that OWASP advises for argon2id with 19 MiB: some 20 ms of one core a guess."""

THREADS = 2
MOST_WAITING = 64
"""More would wait for longer than a person does."""

FEWEST_DIFFERENT_CHARACTERS = 5
OBVIOUS = frozenset(
    {
        "123456789012",
        "1234567890123",
        "1q2w3e4r5t6y",
        "abcdefghijkl",
        "administrator",
        "changeme1234",
        "iloveyou1234",
        "letmein12345",
        "password1234",
        "password12345",
        "passwordpassword",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopasdf",
        "welcome12345",
    }
)
_OF_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$ARngUOhG1C8cBv1A255EIw$Dvp/iOP+U0jZ8joRHo/NAOw611K5eIqBd9BUYx9nE30"
"""What a password is checked against where there is nobody to have one, so that it takes as long."""


class Passwords:
    """The threads that hash. Each holds 19 MiB while it does, and lets the interpreter go on."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
        self._threads = ThreadPoolExecutor(THREADS, "argon2")
        self._waiting = 0

    async def start(self) -> None:
        """Nothing: the threads start with the first password."""

    async def stop(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    async def hash(self, password: str) -> str:
        """What is kept of a password; raises Unavailable when too many are waiting."""
        with self._a_place():
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def check(self, kept: str | None, password: str) -> bool:
        """Whether it is the password of which that was kept; None, for nobody's, takes as long. Raises Unavailable as above."""
        with self._a_place():
            matches = await asyncio.get_running_loop().run_in_executor(self._threads, self._matches, kept or _OF_NOBODY, password)
        return matches and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether it was hashed otherwise than we do now, so that it should be again when the password comes by."""
        return self._hasher.check_needs_rehash(kept)

    @contextmanager
    def _a_place(self) -> Iterator[None]:
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Too many people sign in just now; try again.")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def check_password_may_be(password: str, *, field: str, not_these: tuple[str, ...]) -> None:
    """Raise InvalidField for a password that is among the first to be guessed, as is one of `not_these`, such as the person's name."""
    plain = password.casefold().strip()
    if plain in OBVIOUS or len(set(plain)) < FEWEST_DIFFERENT_CHARACTERS:
        raise InvalidField("This password would be guessed at once; take another one.", field=field)
    if plain in {text.casefold().strip() for text in not_these}:
        raise InvalidField("A password can't be your name or e-mail address.", field=field)


PASSWORDS = web.AppKey("passwords", Passwords)
