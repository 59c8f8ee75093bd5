"""The numbers that Instagram gives to what the world publishes: they carry the time, as the real ones do."""

from datetime import UTC, datetime

from tests.testsites.world import Entry, Item

EPOCH_MS = (
    1_314_220_021_721  # Instagram counts from here; 41 bits of time, 13 of shard, 10 of count
)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
USERS = 25_025_320


def post_pk(entry: Entry) -> str:
    """Return the number of a post; one with a single file has its file's."""
    several = len(entry.items) > 1
    return _pk(entry.at, entry.id + 9 if several else entry.items[0].id)


def item_pk(entry: Entry, item: Item) -> str:
    """Return the number of one file of a post."""
    return _pk(entry.at, item.id)


def user_pk(index: int) -> str:
    """Return the number of the person who came as this one, from 0."""
    return str(USERS + index)


def shortcode(pk: str) -> str:
    """Return a number as links write it."""
    number, text = int(pk), ""
    while number:
        number, digit = divmod(number, 64)
        text = ALPHABET[digit] + text
    return text


def pk_of(code: str) -> str:
    """Return the number that a link writes; '0' for what is none."""
    number = 0
    for letter in code:
        number = number * 64 + max(0, ALPHABET.find(letter))
    return str(number)


def moment_of(pk: str) -> datetime:
    """Return the time in a number."""
    return datetime.fromtimestamp(((int(pk) >> 23) + EPOCH_MS) / 1000, UTC)


def _pk(at: datetime, number: int) -> str:
    return str(((int(at.timestamp() * 1000) - EPOCH_MS) << 23) | (number & 0x7FFFFF))
