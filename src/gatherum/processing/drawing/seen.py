"""What the child tells of a file: what it is like, or why it cannot be shown."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from gatherum.processing.frames import LONGEST_S, LONGEST_SIDE, MOST_RATE, Status

Telling = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a file is like, in the words of `facts.Facts`."""

    thumbhash: str | None = None  # hexadecimal
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    frames: int | None = None
    frame_rate: float | None = None
    container: str | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    taken: str | None = None
    orientation: int | None = None
    camera: str | None = None

    def told(self) -> Telling:
        """Return what is known and makes sense: one odd number must not cost the picture."""
        known: Telling = {name: value for name, value in asdict(self).items() if value is not None}
        return {name: value for name, value in known.items() if _makes_sense(name, value)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSeen:
    """Where frames lie in a scrub sheet, in the words of `facts.ScrubMap`."""

    width: int
    height: int
    columns: int
    count: int
    interval: float

    def told(self) -> Telling:
        """Return all of it."""
        return asdict(self)


class NotSeenError(Exception):
    """The file cannot be shown; `seen` is what was learned of it nevertheless."""

    def __init__(self, status: Status, seen: Seen | None = None) -> None:
        super().__init__(status.name)
        self.status = status
        self.seen = seen


@dataclass(frozen=True, slots=True)
class Made:
    """What comes of an order: what was seen, if it was asked for, and the pieces."""

    pieces: list[bytes]
    seen: Seen | SheetSeen | None = None


def _makes_sense(name: str, value: str | float) -> bool:
    if isinstance(value, str):
        return value != ""
    match name:
        case "width" | "height" | "frames":
            return 1 <= value <= LONGEST_SIDE
        case "duration":
            return 0 <= value <= LONGEST_S
        case "frame_rate":
            return 0 < value <= MOST_RATE
        case _:
            return math.isfinite(value)
