"""What the child tells of a file: what it is like, or why it cannot be shown."""

from dataclasses import dataclass

from gatherum.processing.frames import Status


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSeen:
    """Where frames lie in a scrub sheet, in the words of `facts.ScrubMap`."""

    width: int
    height: int
    columns: int
    count: int
    interval: float


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
