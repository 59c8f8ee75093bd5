"""What the format modules share: the bytes they read from, and what they find."""

from collections.abc import Callable
from dataclasses import dataclass

from gatherum.errors import Corrupt
from gatherum.model import MediaKind

Read = Callable[[int, int], bytes]  # (size, offset)

SMALL = 1 << 20  # a file up to here is read at once
WINDOW = 8 << 10  # what a look into a larger file brings in
MAX_PIECES = 2_000_000  # boxes, chunks, pages: no honest file has more, and hostile ones must end


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a file is, by its bytes alone.

    `structure_checked` says that the format tells where it ends and that this end is there.
    """

    mime: str
    extension: str
    kind: MediaKind
    width: int | None = None
    height: int | None = None
    duration: float | None = None  # seconds, where the headers tell
    structure_checked: bool = True


class Source:
    """A file's bytes by position. Whatever lies beyond its end is `Corrupt`, never short."""

    def __init__(self, read: Read, size: int, name: str = "file") -> None:
        self.size = size
        self.name = name  # what messages call it: "JPEG image"
        self._read = read
        self._start = 0
        self._window = b""

    def at(self, offset: int, count: int) -> bytes:
        """Return exactly `count` bytes from `offset`."""
        if offset + count > self.size:
            raise self.cut_short()
        start = offset - self._start
        if start < 0 or start + count > len(self._window):
            self._load(offset, count)
            start = offset - self._start
        return self._window[start : start + count]

    def chunk(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset`: shorter only at the end."""
        return self.at(offset, min(count, self.size - offset))

    def number(self, offset: int, count: int) -> int:
        """Return a big-endian number of `count` bytes."""
        return int.from_bytes(self.at(offset, count), "big")

    def little(self, offset: int, count: int) -> int:
        """Return a little-endian number of `count` bytes."""
        return int.from_bytes(self.at(offset, count), "little")

    def tail(self, count: int) -> bytes:
        """Return the last `count` bytes, or all."""
        count = min(count, self.size)
        return self.at(self.size - count, count)

    def cut_short(self) -> Corrupt:
        """Return the error for a missing end."""
        return Corrupt(f"The {self.name} is cut short.")

    def damaged(self) -> Corrupt:
        """Return the error for a broken structure."""
        return Corrupt(f"The {self.name} is damaged.")

    def _load(self, offset: int, count: int) -> None:
        if self.size <= SMALL:
            offset, count = 0, self.size
        self._start = offset
        self._window = self._read(min(max(count, WINDOW), self.size - offset), offset)
        if len(self._window) < count:
            raise self.cut_short()
