"""The preview of a video: some seconds of it, small and silent, as MP4 with H.264."""

import io
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
from av.video.frame import VideoFrame

from gatherum.processing.drawing.seen import Made, NotSeenError
from gatherum.processing.drawing.shaping import Shaper, fitted, shown_size
from gatherum.processing.drawing.videos import Video
from gatherum.processing.frames import Status

EDGE: Final = 320  # pixels of the longest edge
RATE: Final = 12  # frames a second
PARTS: Final = 5
PART_S: Final = 1.0
_OPTIONS: Final = {"crf": "29", "preset": "veryfast", "profile": "main", "x264-params": "threads=1"}


def encode(video: Video) -> Made:
    """Return the preview: five seconds from all over the video, or all of a short one."""
    frames = _chosen(video)
    first = next(frames, None)
    if first is None:
        raise NotSeenError(Status.BROKEN)
    width, height = fitted(shown_size(video, first), EDGE, even=True)
    shaper = Shaper(width, height, "yuv420p")
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE, options=dict(_OPTIONS))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = RATE * int(PARTS * PART_S)
        stream.codec_context.time_base = Fraction(1, RATE)
        for number, frame in enumerate(_behind(first, frames)):
            small = shaper.shape(frame)
            small.pts, small.time_base = number, Fraction(1, RATE)
            small.pict_type = 0  # as the encoder likes it, not as it was
            container.mux(stream.encode(small))
        container.mux(stream.encode(None))
    return Made([out.getvalue()])


def _chosen(video: Video) -> Iterator[VideoFrame]:
    duration = video.duration or 0.0
    if duration <= PARTS * PART_S * 1.5:
        yield from _part(video, 0.0, PARTS * PART_S)
        return
    end = -1.0
    for number in range(PARTS):
        at = duration * (number + 0.5) / PARTS
        for frame in _part(video, at, PART_S, behind=end):
            end = video.time_of(frame)
            yield frame


def _part(video: Video, at: float, length: float, *, behind: float = -1.0) -> Iterator[VideoFrame]:
    """Yield frames from the last key frame before a time on, at the rate of the preview.

    What is not later than `behind` was shown already: of a video with few key frames.
    """
    video.seek(at)
    due: float | None = None
    start = 0.0
    for frame in video.frames():
        time = video.time_of(frame)
        if time <= behind:
            continue
        if due is None:
            start = due = time
        if time >= start + length - 1e-3:
            return
        if time >= due - 1e-3:
            due += 1 / RATE
            yield frame


def _behind(first: VideoFrame, rest: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    yield first
    yield from rest
