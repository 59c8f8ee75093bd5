"""What we and the child that draws thumbnails say to each other, as bytes."""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

_ORDER: Final = struct.Struct("<BB3H")
_HEAD: Final = struct.Struct("<BIIB3I")
HEAD_SIZE: Final = _HEAD.size
READY: Final = b"\x06"
SIZES: Final = (320, 640, 1280)  # pixels of the longest edge


class Status(IntEnum):
    """How the drawing went."""

    DRAWN = 0
    UNKNOWN = 1  # no format that is known here
    BROKEN = 2
    TOO_LARGE = 3  # more pixels than we are willing to look at


@dataclass(frozen=True, slots=True)
class Order:
    """Which thumbnails to draw, and whether to tell what the picture is like."""

    sizes: tuple[int, ...]
    facts: bool

    def pack(self) -> bytes:
        """Return it as bytes."""
        return _ORDER.pack(len(self.sizes), self.facts, *_three(self.sizes))

    @classmethod
    def unpack(cls, word: bytes) -> "Order":
        """Read it from bytes."""
        count, facts, *sizes = _ORDER.unpack(word)
        return cls(tuple(sizes[:count]), bool(facts))


@dataclass(frozen=True, slots=True)
class Head:
    """What comes before the bytes of a thumbhash and of the thumbnails."""

    status: int
    width: int = 0  # of the original, as it is shown
    height: int = 0
    thumbhash: int = 0  # bytes
    lengths: tuple[int, ...] = ()  # bytes of each thumbnail

    def pack(self) -> bytes:
        """Return it as bytes."""
        return _HEAD.pack(
            self.status, self.width, self.height, self.thumbhash, *_three(self.lengths)
        )

    @classmethod
    def unpack(cls, data: bytes, count: int) -> "Head":
        """Read it from bytes, for so many thumbnails."""
        status, width, height, thumbhash, *lengths = _HEAD.unpack(data)
        return cls(status, width, height, thumbhash, tuple(lengths[:count]))


def _three(values: tuple[int, ...]) -> tuple[int, ...]:
    return (*values, 0, 0, 0)[:3]
