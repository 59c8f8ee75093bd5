"""What we and the child that draws say to each other, as bytes."""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

_ORDER: Final = struct.Struct("<BBB3H")
_HEAD: Final = struct.Struct("<BH3I")
HEAD_SIZE: Final = _HEAD.size
READY: Final = b"\x06"
SIZES: Final = (320, 640, 1280)  # pixels of the longest edge
# What is beyond these is a fault of a head, and is told of no file.
LONGEST_SIDE: Final = 10_000_000  # pixels, frames
LONGEST_S: Final = 100_000_000
MOST_RATE: Final = 10_000  # frames a second


class Task(IntEnum):
    """What is to be done with a file."""

    THUMBNAILS = 1  # and, if asked, the facts
    SCRUB = 2  # a sheet of frames
    PREVIEW = 3  # a short silent clip


class Matter(IntEnum):
    """What kind of file it is, as its check has found: that chooses the decoder."""

    IMAGE = 1
    VIDEO = 2
    AUDIO = 3


class Status(IntEnum):
    """How it went."""

    DRAWN = 0
    UNKNOWN = 1  # no format that is known here
    BROKEN = 2
    TOO_LARGE = 3  # more pixels than we are willing to look at
    NOTHING = 4  # there is nothing to be seen in it


@dataclass(frozen=True, slots=True)
class Order:
    """What to do with a file. `sizes`: of thumbnails. `facts`: whether to tell what it is like."""

    sizes: tuple[int, ...] = ()
    facts: bool = False
    task: Task = Task.THUMBNAILS
    matter: Matter = Matter.IMAGE

    @property
    def pieces(self) -> int:
        """How many pieces of data answer it."""
        return len(self.sizes) if self.task is Task.THUMBNAILS else 1

    def pack(self) -> bytes:
        """Return it as bytes."""
        kind = self.task << 4 | self.matter
        return _ORDER.pack(kind, len(self.sizes), self.facts, *_three(self.sizes))

    @classmethod
    def unpack(cls, word: bytes) -> "Order":
        """Read it from bytes."""
        kind, count, facts, *sizes = _ORDER.unpack(word)
        return cls(tuple(sizes[:count]), bool(facts), Task(kind >> 4), Matter(kind & 15))


@dataclass(frozen=True, slots=True)
class Head:
    """What comes before what was learned and the pieces: how many bytes they have."""

    status: int
    facts: int = 0
    lengths: tuple[int, ...] = ()

    def pack(self) -> bytes:
        """Return it as bytes."""
        return _HEAD.pack(self.status, self.facts, *_three(self.lengths))

    @classmethod
    def unpack(cls, data: bytes, count: int) -> "Head":
        """Read it from bytes, for so many pieces."""
        status, facts, *lengths = _HEAD.unpack(data)
        return cls(status, facts, tuple(lengths[:count]))


def _three(values: tuple[int, ...]) -> tuple[int, ...]:
    return (*values, 0, 0, 0)[:3]
