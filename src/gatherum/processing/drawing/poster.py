"""Thumbnails of a video, which are made of one frame, and the facts."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

import av
import pyvips
from av.video.frame import VideoFrame

from gatherum.processing.drawing import pictures
from gatherum.processing.drawing.seen import Made, NotSeenError
from gatherum.processing.drawing.shaping import picture, shown_size
from gatherum.processing.drawing.videos import Video, look
from gatherum.processing.frames import SIZES, Status

AT_S: Final = 3.0  # many videos begin in the dark


def draw(video: Video, sizes: Sequence[int], *, facts: bool) -> Made:
    """Return the facts, and thumbnails of the last whole frame before the third second."""
    seen = look(video)
    if not sizes:
        return Made([], seen)
    try:
        frame = video.frame_at(AT_S) or video.frame_at(0) or _any_frame(video)
        if frame is None:
            raise NotSeenError(Status.BROKEN)  # noqa: TRY301 - told below with what was seen
        width, height = shown_size(video, frame)
        seen = replace(seen, width=width, height=height)
        return pictures.shown(picture(video, frame, max(SIZES)), sizes, seen, facts=facts)
    except NotSeenError as error:
        raise NotSeenError(error.status, seen) from error
    except (av.FFmpegError, pyvips.Error) as error:
        raise NotSeenError(Status.BROKEN, seen) from error


def _any_frame(video: Video) -> VideoFrame | None:
    """Return the first frame that comes, of a video that says of none that it stands by itself."""
    with suppress(av.FFmpegError):
        video.container.seek(0)
    return next(video.frames(), None)
