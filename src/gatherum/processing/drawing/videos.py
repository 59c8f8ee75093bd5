"""Videos and sounds, by FFmpeg's libraries: what the file tells, and its frames, upright."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal, NoReturn

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from gatherum.processing.drawing.exif import Exif, is_of_whole_minutes
from gatherum.processing.drawing.seen import NotSeenError, Seen
from gatherum.processing.frames import LONGEST_S, Status

MOST_PIXELS: Final = 70_000_000  # of a frame: 8K and twice that; a decoder holds some of them
GUARDS: Final = MappingProxyType({"protocol_whitelist": "data"})  # for what opens files by itself
_BLOCK: Final = 1 << 16
_OF_WEBM: Final = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})
Skip = Literal["DEFAULT", "NONREF"]


@dataclass(frozen=True, slots=True)
class Video:
    """An open video or sound; `stream` is the stream that is seen, None if there is none."""

    container: InputContainer
    stream: VideoStream | None
    duration: float | None

    @property
    def effort(self) -> float:
        """How many pixels there are to decode in all, roughly."""
        stream = self._seen()
        rate = float(stream.average_rate or 30)
        return stream.width * stream.height * rate * (self.duration or 0.0)

    def frame_at(self, seconds: float) -> VideoFrame | None:
        """Return the last frame before a time that can be decoded by itself; None if there is none.

        Each call decodes one frame, wherever it is in the file.
        """
        packet = self._key_packet(seconds)
        return None if packet is None else self._decoded(packet)

    def frames_at(self, times: Sequence[float]) -> Iterator[VideoFrame | None]:
        """Yield `frame_at` of each time, in their order; the same frame is decoded once."""
        place, frame = None, None
        for seconds in times:
            packet = self._key_packet(seconds)
            if packet is not None and (place is None or packet.pts != place):
                place, frame = packet.pts, self._decoded(packet) or frame
            yield frame

    def frames(self, *, skip: Skip = "DEFAULT") -> Iterator[VideoFrame]:
        """Yield the frames behind the present place; what is broken is passed over."""
        stream = self._seen()
        stream.codec_context.skip_frame = skip
        for packet in self.container.demux(stream):
            with suppress(av.InvalidDataError):
                yield from packet.decode()

    def seek(self, seconds: float) -> None:
        """Go to the last key frame before a time."""
        stream = self._seen()
        at = int(seconds / _base(stream)) + (stream.start_time or 0)
        self.container.seek(at, stream=stream)

    def time_of(self, frame: VideoFrame) -> float:
        """Return when a frame is shown, from the beginning of the video."""
        stream = self._seen()
        return float(((frame.pts or 0) - (stream.start_time or 0)) * _base(stream))

    def _key_packet(self, seconds: float) -> "av.Packet[VideoStream] | None":
        stream = self._seen()
        with suppress(av.FFmpegError):  # formats without an index are read from the beginning
            self.seek(seconds)
        for packet in self.container.demux(stream):
            if packet.is_keyframe and packet.size:
                return packet
        return None

    def _decoded(self, packet: "av.Packet[VideoStream]") -> VideoFrame | None:
        context = self._seen().codec_context
        context.skip_frame = "DEFAULT"
        context.flush_buffers()
        try:
            # Told that nothing follows, a decoder gives what it would hold back.
            found = context.decode(packet) or context.decode(None)
        except av.FFmpegError:
            found = []
        context.flush_buffers()
        return found[0] if found else None

    def _seen(self) -> VideoStream:
        if self.stream is None:
            raise NotSeenError(Status.NOTHING)
        if self.stream.width * self.stream.height > MOST_PIXELS:
            raise NotSeenError(Status.TOO_LARGE)
        return self.stream


@contextmanager
def opened(fd: int) -> Iterator[Video]:
    """Open a video or a sound; nothing but this one file is ever read."""
    os.lseek(fd, 0, os.SEEK_SET)
    with os.fdopen(os.dup(fd), "rb", buffering=0) as file:
        try:
            container = av.open(
                file,
                "r",
                metadata_errors="replace",
                buffer_size=_BLOCK,
                io_open=refuse,
                options=dict(GUARDS),
            )
        except (av.FFmpegError, ValueError) as error:
            raise NotSeenError(Status.UNKNOWN) from error
        with container:
            stream = next((each for each in container.streams.video if _is_seen(each)), None)
            if stream is not None:
                stream.codec_context.thread_count = 1
                stream.codec_context.thread_type = "NONE"
            try:
                yield Video(container, stream, _duration(container, stream))
            except (av.FFmpegError, ValueError, MemoryError) as error:
                raise NotSeenError(Status.BROKEN) from error


def look(video: Video) -> Seen:
    """Return what the head of a video or sound tells; nothing is decoded."""
    stream, container = video.stream, video.container
    sound = next(iter(container.streams.audio), None)
    codecs = [each.codec_context.name for each in (stream, sound) if each is not None]
    said = container.metadata
    camera = Exif(
        maker=said.get("com.apple.quicktime.make", ""),
        model=said.get("com.apple.quicktime.model", ""),
    )
    seen = Seen(
        duration=video.duration,
        container=_container(container, codecs),
        audio_codec=_word(sound.codec_context.name) if sound else None,
        taken=_taken(said),
        camera=camera.camera,
    )
    if stream is None:
        return seen
    rate = stream.average_rate or stream.guessed_rate
    return replace(
        seen,
        width=stream.width or None,
        height=stream.height or None,
        video_codec=_word(stream.codec_context.name),
        frame_rate=round(float(rate), 3) if rate and 0 < rate < 1000 else None,
    )


def _container(container: InputContainer, codecs: list[str]) -> str | None:
    names = container.format.name.split(",")
    if "mp4" in names:
        return "mov" if container.metadata.get("major_brand", "").startswith("qt") else "mp4"
    if "webm" in names:
        return "webm" if _OF_WEBM.issuperset(codecs) else "matroska"
    return _word(names[0])


def _word(name: str) -> str | None:
    name = {"libdav1d": "av1"}.get(name, name).lower()
    return name if name and len(name) <= 40 and name.replace("_", "a").isalnum() else None


def _taken(said: Mapping[str, str]) -> str | None:
    """Return when a video was taken: by the phone's own clock and zone, if it tells them."""
    for name in ("com.apple.quicktime.creationdate", "creation_time"):
        with suppress(ValueError, KeyError):
            time = datetime.fromisoformat(said[name])
            is_meant = time.year > 1970 and time.tzinfo is not None  # QuickTime counts from 1904
            if is_meant and is_of_whole_minutes(time):
                return time.replace(microsecond=0).isoformat()
    return None


def _duration(container: InputContainer, stream: VideoStream | None) -> float | None:
    duration = 0.0
    if container.duration and container.duration > 0:
        duration = float(container.duration) / av.time_base
    elif stream is not None and stream.duration:
        duration = float(stream.duration * _base(stream))
    return duration if 0 < duration <= LONGEST_S else None


def _is_seen(stream: VideoStream) -> bool:
    """Return whether a stream is the video, and not a picture that was put to it."""
    return not stream.disposition & av.stream.Disposition.attached_pic


def refuse(*_: object) -> NoReturn:
    """Open nothing: a video is one file."""
    raise OSError("A video may not open other files.")


def _base(stream: VideoStream) -> Fraction:
    """Return the seconds of a tick of a stream's clock."""
    return stream.time_base or Fraction(1, av.time_base)
