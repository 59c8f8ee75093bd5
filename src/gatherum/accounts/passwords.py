"""Passwords: which are good enough, and how they are hashed."""

import asyncio
import base64
import gzip
import re
import secrets
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gatherum.errors import InvalidInput, TooManyRequests

R = TypeVar("R")
SHORTEST: Final = 12
LONGEST: Final = 256
LEFT: Final = 8  # characters beside the account's name or ours
VARIETY: Final = 5  # different characters
NAME: Final = 3  # characters that a name has before it can be told in a password
AT_ONCE: Final = 2  # a hash takes 19 MiB and a core
WAITING: Final = 32
HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's floor
LEET: Final = str.maketrans("@4310$57!", "aaeiosstl")
LEET_ONE: Final = str.maketrans("@4310$57!", "aaelosstl")


class Passwords:
    """Hashes and checks passwords, two at once, off the event loop.

    Checking one against no account takes as long as against one: the time tells no name.
    """

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        self._hasher = hasher
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobodys = _nobodys(hasher)

    async def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        return await self._in_turn(lambda: self._hasher.hash(_bytes(password)))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Return whether a password is the one of `kept`; None is nobody's, and never right."""

        def check() -> bool:
            try:
                self._hasher.verify(kept or self._nobodys, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False
            return kept is not None

        return await self._in_turn(check)

    def is_outdated(self, kept: str) -> bool:
        """Return whether a password was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    async def _in_turn(self, work: Callable[[], R]) -> R:
        if self._waiting >= WAITING:
            raise TooManyRequests("Too many people sign in just now.", retry_after=2)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def check_password(password: str, *, name: str) -> None:
    """Raise `InvalidInput` with what is wrong with a new password of the account `name`.

    Its length counts, not its mixture; it is never cut nor changed.
    """
    if len(password) < SHORTEST:
        raise InvalidInput(f"A password has at least {SHORTEST} characters. A few words make one.")
    if len(password) > LONGEST:
        raise InvalidInput(f"A password has at most {LONGEST} characters.")
    lowered = password.casefold()
    for word in (name.strip().casefold(), "gatherum"):
        if len(word) >= NAME and word in lowered and _is_little_more(lowered, word):
            raise InvalidInput("This password is little more than a name: choose another one.")
    if len(set(lowered)) < VARIETY or _is_row(lowered) or _is_common(lowered):
        raise InvalidInput(
            "This password is among the first that an attacker tries: choose another one."
        )


def _is_little_more(password: str, word: str) -> bool:
    return len(password.replace(word, "")) < LEFT or _undress(password) == word


def _is_common(password: str) -> bool:
    """Return whether a well-known password is all there is: dressed up, repeated, or as it stands."""
    unit = _unit(password)
    dressed = {password, unit, *(_undress(text) for text in (password, unit))}
    spelled = {text.translate(table) for text in dressed for table in (LEET, LEET_ONE)}
    return not (dressed | spelled).isdisjoint(_common())


def _undress(text: str) -> str:
    """Return a text without the digits and signs round it: where people hang them."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _unit(text: str) -> str:
    """Return what a text repeats, or the text."""
    # A text that repeats occurs in its double before the double's middle.
    return text[: (text + text).index(text, 1)]


def _is_row(text: str) -> bool:
    """Return whether each character follows the one before, as in abcdefgh or 87654321."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    wrapped = {step + 10 if step == -9 else step - 10 if step == 9 else step for step in steps}
    return wrapped <= {1} or wrapped <= {-1}


@cache
def _common() -> frozenset[str]:
    packed = (files("gatherum.accounts") / "data" / "common-passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())


def _bytes(password: str) -> bytes:
    return password.encode(errors="surrogatepass")


def _nobodys(hasher: PasswordHasher) -> str:
    """Return the hash of a password that nobody knows, not even we: its bytes are chance."""
    salt, told = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${told}"
