"""One frame of a video, as a picture: ffmpeg in a sandbox, which is handed the open file alone."""

import os
from typing import Final

from imageio_ffmpeg._utils import get_ffmpeg_exe

from gatherum.processing.frames import SIZES
from gatherum.safety.sandbox import Limits, run_tool

LIMITS: Final = Limits(memory=1536 << 20, cpu_s=60, file_size=0, open_files=64)
LARGEST: Final = 16 << 20  # bytes of the picture
_EDGE: Final = max(SIZES)
# In square pixels first, then as large as the largest thumbnail, but no larger than it is.
_SCALE: Final = f"scale=iw*sar:ih,scale='min({_EDGE},iw)':'min({_EDGE},ih)':force_original_aspect_ratio=decrease"


class NoPosterError(Exception):
    """There is no frame that can be shown in the file."""


async def draw_poster(fd: int, *, patience: float = 30.0) -> bytes:
    """Return a frame from the beginning of an open video as PNG; the descriptor stays open.

    It is the last whole frame before the third second, since many videos begin in the dark.
    """
    for at in ("3", "0"):  # a shorter one has nothing there
        os.lseek(fd, 0, os.SEEK_SET)
        try:
            done = await run_tool(
                _command(fd, at),
                timeout_s=patience,
                limits=LIMITS,
                pass_fds=[fd],
                output_limit=LARGEST,
            )
        except TimeoutError as error:
            raise NoPosterError from error
        if done.out.startswith(b"\x89PNG") and not done.cut:
            return done.out
    raise NoPosterError


def _command(fd: int, at: str) -> list[str]:
    # The one that came with us: an older one of the system cannot be handed a descriptor.
    program = str(get_ffmpeg_exe())  # type: ignore[no-untyped-call]
    return [
        *(program, "-nostdin", "-hide_banner", "-loglevel", "error"),
        *("-threads", "1", "-protocol_whitelist", "fd"),
        *("-noaccurate_seek", "-ss", at, "-skip_frame", "nokey", "-fd", str(fd), "-i", "fd:"),
        *("-map", "0:V:0", "-frames:v", "1", "-vf", _SCALE, "-threads", "1"),
        *("-f", "image2pipe", "-c:v", "png", "-compression_level", "1", "pipe:1"),
    ]
