"""A scrub sheet with its map, as one piece: neither is ever there without the other."""

from dataclasses import dataclass
from typing import Final

from gatherum.processing.child import is_webp
from gatherum.processing.facts import ScrubMap

SCRUB: Final = "scrub"
LONGEST_MAP: Final = 100  # bytes of its line


@dataclass(frozen=True, slots=True)
class Scrub:
    """Small frames of a video in one picture (WebP), and where each is."""

    map: ScrubMap
    sheet: bytes

    def pack(self) -> bytes:
        """Return it as bytes: the map as a line of JSON, then the sheet."""
        return self.map.model_dump_json().encode() + b"\n" + self.sheet

    @classmethod
    def unpack(cls, data: bytes) -> "Scrub":
        """Read it from bytes; `ValueError` if they are not a whole one."""
        line, _, sheet = data.partition(b"\n")
        if not is_webp(sheet):
            raise ValueError("This is no scrub sheet.")
        return cls(ScrubMap.model_validate_json(line), sheet)


def is_scrub(data: bytes) -> bool:
    """Return whether these are the bytes of a whole scrub sheet."""
    try:
        Scrub.unpack(data)
    except ValueError:
        return False
    return True
