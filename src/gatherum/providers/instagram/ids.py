"""Instagram's numbers: a media's number (pk) and the shortcode that links write are the same thing."""

import re
from datetime import UTC, datetime

EPOCH_MS = 1_314_220_021_721  # numbers count the time from here, above 23 bits of other things
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SHORTCODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
SECRET = 28  # characters that follow the shortcode of a post whose author is private


def pk_of(shortcode: str) -> str:
    """Return the number that a shortcode stands for.

    What a private author's links write behind it is left out. Raises `ValueError` for what is none.
    """
    if not SHORTCODE.fullmatch(shortcode):
        raise ValueError("This is no shortcode.")
    number = 0
    for letter in bare(shortcode):
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    return str(number)


def shortcode_of(pk: str) -> str:
    """Return the shortcode of a number; raises `ValueError` for what is none."""
    if not (pk.isascii() and pk.isdecimal()):
        raise ValueError("This is no number of a media.")
    number, code = int(pk), ""
    while number:
        number, digit = divmod(number, len(ALPHABET))
        code = ALPHABET[digit] + code
    return code or ALPHABET[0]


def moment_of(pk: str) -> datetime:
    """Return when a media was made, which its number tells."""
    return datetime.fromtimestamp(((int(pk) >> 23) + EPOCH_MS) / 1000, UTC)


def bare(shortcode: str) -> str:
    """Return a shortcode without what a private author's links write behind it."""
    return shortcode[:-SECRET] if len(shortcode) > SECRET else shortcode
