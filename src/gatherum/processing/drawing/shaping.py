"""Frames of videos as they are shown: upright, in square pixels, as large as is wanted."""

from typing import Final

import pyvips
from av.filter import Graph
from av.video.frame import VideoFrame

from gatherum.processing.drawing.videos import Video

MOST_RATIO: Final = 10  # of the edges of a pixel: more is no picture that somebody took


def shown_size(video: Video, frame: VideoFrame) -> tuple[int, int]:
    """Return the size of a frame as it is shown: upright, in square pixels."""
    ratio = float((video.stream and video.stream.sample_aspect_ratio) or 1)
    if not 1 / MOST_RATIO <= ratio <= MOST_RATIO:
        ratio = 1.0
    width, height = max(1, round(frame.width * ratio)), frame.height
    return (height, width) if frame.rotation % 180 else (width, height)


def fitted(size: tuple[int, int], edge: int, *, even: bool = False) -> tuple[int, int]:
    """Return a size in the same shape whose longest edge is at most so long."""
    shrink, step = min(1.0, edge / max(size)), 2 if even else 1
    width, height = (max(step, round(each * shrink / step) * step) for each in size)
    return width, height


def picture(video: Video, frame: VideoFrame, edge: int) -> pyvips.Image:
    """Return a frame upright in sRGB, at most so large."""
    width, height = fitted(shown_size(video, frame), edge)
    return as_picture(Shaper(width, height, "rgb24").shape(frame))


def as_picture(frame: VideoFrame) -> pyvips.Image:
    """Return the pixels of a frame in `rgb24`."""
    (plane,), width, height = frame.planes, frame.width, frame.height
    rows = pyvips.Image.new_from_memory(bytes(plane), plane.line_size, height, 1, "uchar")
    return rows.crop(0, 0, width * 3, height).bandfold(factor=3).copy(interpretation="srgb")


class Shaper:
    """Makes frames upright and as large as is wanted, in a form of pixels."""

    def __init__(self, width: int, height: int, form: str) -> None:
        self._size = width, height
        self._form = form
        self._graph: Graph | None = None
        self._fits: tuple[object, ...] = ()

    def shape(self, frame: VideoFrame) -> VideoFrame:
        """Return the frame as it is wanted, with its time."""
        fits = (frame.width, frame.height, frame.format.name, frame.rotation)
        if self._graph is None or fits != self._fits:  # videos may change in the middle
            self._graph, self._fits = self._make(frame), fits
        self._graph.vpush(frame)
        return self._graph.vpull()

    def _make(self, frame: VideoFrame) -> Graph:
        width, height = self._size
        if frame.rotation % 180:
            width, height = height, width
        turn = {90: "cclock", -90: "clock"}.get(frame.rotation)
        turns: list[tuple[str, str | None]] = [("transpose", turn)] if turn else []
        if abs(frame.rotation) == 180:
            turns = [("hflip", None), ("vflip", None)]
        graph = Graph()
        graph.threads = 1
        last = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        steps: list[tuple[str, str | None]] = [("scale", f"{width}:{height}:flags=area"), *turns]
        steps += [("setsar", "1"), ("format", f"pix_fmts={self._form}"), ("buffersink", None)]
        for name, options in steps:
            node = graph.add(name, options)
            last.link_to(node)
            last = node
        graph.configure()
        return graph
