"""Pictures that libvips does not know, as PNG, by ffmpeg in a sandbox that is handed the open file alone.

JPEG XL needs it, which no library of the child decodes; bitmaps, Photoshop and JPEG 2000 come with it.
"""

import os
from typing import Final

from imageio_ffmpeg._utils import get_ffmpeg_exe

from gatherum.processing.child import TooLongError
from gatherum.processing.frames import SIZES
from gatherum.safety.sandbox import Limits, run_tool

LIMITS: Final = Limits(memory=1536 << 20, cpu_s=60, file_size=0, open_files=64)
LARGEST: Final = 16 << 20  # bytes of the picture
_EDGE: Final = max(SIZES)
# In square pixels first, then as large as the largest thumbnail, but no larger than it is.
_SCALE: Final = f"scale=iw*sar:ih,scale='min({_EDGE},iw)':'min({_EDGE},ih)':force_original_aspect_ratio=decrease"


class NotConvertedError(Exception):
    """ffmpeg does not know the format either, or finds no whole picture."""


class NoConverterError(Exception):
    """ffmpeg cannot be started, whatever the file is."""


async def convert(fd: int, *, patience: float = 30.0) -> bytes:
    """Return an open picture as PNG, no larger than it need be; the descriptor stays open."""
    os.lseek(fd, 0, os.SEEK_SET)
    try:
        done = await run_tool(
            _command(fd),
            timeout_s=patience,
            limits=LIMITS,
            pass_fds=[fd],
            output_limit=LARGEST,
        )
    except TimeoutError as error:
        raise TooLongError from error
    except (OSError, RuntimeError) as error:  # RuntimeError: its package has none for this machine
        raise NoConverterError from error
    if done.cut or not done.out.startswith(b"\x89PNG"):
        raise NotConvertedError
    return done.out


def _command(fd: int) -> list[str]:
    # The one that came with us: an older one of the system cannot be handed a descriptor.
    program = str(get_ffmpeg_exe())  # type: ignore[no-untyped-call]
    return [
        *(program, "-nostdin", "-hide_banner", "-loglevel", "error"),
        *("-threads", "1", "-protocol_whitelist", "fd"),
        *("-fd", str(fd), "-i", "fd:"),
        *("-map", "0:V:0", "-frames:v", "1", "-vf", _SCALE, "-threads", "1"),
        *("-f", "image2pipe", "-c:v", "png", "-compression_level", "1", "pipe:1"),
    ]
