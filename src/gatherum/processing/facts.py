"""What the child says about a file, believed as far as it has the form that it must have."""

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gatherum.processing.frames import LONGEST_S, LONGEST_SIDE, MOST_RATE

VERSION: Final = 1  # of what is learned: another number, and all files are looked into anew
LONGEST: Final = 1000  # bytes of what is said of one file: with all at its longest they are 920

Pixels = Annotated[int, Field(ge=1, le=LONGEST_SIDE)]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_S)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,40}$")]


def _hash(value: object) -> object:
    return bytes.fromhex(value) if isinstance(value, str) else value


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Facts(_Said):
    """What a file is like. The size is that of what is seen: upright, in square pixels."""

    thumbhash: Annotated[bytes, BeforeValidator(_hash), Field(max_length=64)] | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    duration: Seconds | None = None
    frames: Annotated[int, Field(ge=1, le=LONGEST_SIDE)] | None = None  # of an animation
    frame_rate: Annotated[float, Field(gt=0, le=MOST_RATE)] | None = None
    container: Word | None = None
    video_codec: Word | None = None
    audio_codec: Word | None = None
    # As the camera's clock said it: without a zone, unless the file tells the zone.
    taken: (
        Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT[\d:.]{8,15}([+-]\d\d:\d\d|Z)?$")] | None
    ) = None
    orientation: Annotated[int, Field(ge=1, le=8)] | None = None  # as EXIF counts
    camera: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None


class ScrubMap(_Said):
    """Where the frames of a video lie in its scrub sheet: row by row, one for each interval.

    Frame `n` is the one to show from `n * interval` seconds on.
    """

    width: Annotated[int, Field(ge=1, le=1000)]  # of one frame
    height: Annotated[int, Field(ge=1, le=1000)]
    columns: Annotated[int, Field(ge=1, le=100)]
    count: Annotated[int, Field(ge=1, le=1000)]
    interval: Annotated[float, Field(gt=0, le=1_000_000)]  # seconds
