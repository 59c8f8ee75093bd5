"""The scrub sheet of a video: small frames from its beginning to its end, in one picture."""

from collections.abc import Iterator
from math import ceil
from typing import Final

import pyvips
from av.video.frame import VideoFrame

from gatherum.processing.drawing import pictures
from gatherum.processing.drawing.seen import Made, NotSeenError, SheetSeen
from gatherum.processing.drawing.shaping import Shaper, as_picture, fitted, shown_size
from gatherum.processing.drawing.videos import Video
from gatherum.processing.frames import Status

EDGE: Final = 160  # pixels of the longest edge of a frame
MOST: Final = 100  # frames
COLUMNS: Final = 10
SHORTEST_S: Final = 0.5  # between two frames
WHOLE_S: Final = 30.0  # a video this short is decoded: it may have one key frame
MOST_EFFORT: Final = 3e9  # pixels: some ten seconds of a core


def draw(video: Video) -> Made:
    """Return where the frames lie, and the sheet as WebP."""
    duration = video.duration
    if not duration:
        raise NotSeenError(Status.NOTHING)
    count = min(MOST, max(1, ceil(duration / SHORTEST_S)))
    interval = duration / count
    times = [(number + 0.5) * interval for number in range(count)]
    is_short = duration <= WHOLE_S and video.effort <= MOST_EFFORT
    found = _decoded(video, times) if is_short else video.frames_at(times)
    tiles = _tiles(video, found)
    if not tiles:
        raise NotSeenError(Status.BROKEN)
    tiles += tiles[-1:] * (count - len(tiles))
    sheet = pyvips.Image.arrayjoin(tiles, across=min(COLUMNS, count))
    seen = SheetSeen(
        width=tiles[0].width,
        height=tiles[0].height,
        columns=min(COLUMNS, count),
        count=count,
        interval=interval,
    )
    return Made([pictures.webp(sheet)], seen)


def _decoded(video: Video, times: list[float]) -> Iterator[VideoFrame | None]:
    """Yield the frame that is seen at each time, of a video that is decoded from its beginning."""
    video.seek(0)
    frames = video.frames(skip="NONREF")  # a frame that no other needs is not missed here
    shown, coming = None, next(frames, None)
    for time in times:
        while coming is not None and (shown is None or video.time_of(coming) <= time):
            shown, coming = coming, next(frames, None)
        yield shown


def _tiles(video: Video, frames: Iterator[VideoFrame | None]) -> list[pyvips.Image]:
    tiles: list[pyvips.Image] = []
    shaper: Shaper | None = None
    last: VideoFrame | None = None
    for frame in frames:
        if frame is None or frame is last:
            tiles += tiles[-1:]
            continue
        last = frame
        if shaper is None:
            shaper = Shaper(*fitted(shown_size(video, frame), EDGE), "rgb24")
        tiles.append(as_picture(shaper.shape(frame)))
    return tiles
