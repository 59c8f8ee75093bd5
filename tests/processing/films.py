"""Videos whose every frame tells its time, made by ffmpeg, and what can be read off the results."""

import functools
import io
import subprocess
import tempfile
from pathlib import Path

import av
from PIL import Image

from tests.testsites.media import ffmpeg

STEP = 3  # of brightness a second
DARK = 40


@functools.cache
def ramp(seconds: int, *, keys: int = 10, options: str = "") -> bytes:
    """Return a video that gets brighter by the second, with a key frame every `keys` frames of 5 a second."""
    light = f"color=black:s=160x90:r=5:d={seconds},geq=lum='{DARK}+{STEP}*floor(T)':cb=128:cr=128"
    return encode(f"-f lavfi -i {light} -c:v libx264 -preset veryfast -g {keys} {options}")


def encode(options: str, name: str = "video.mp4", *, program: str | None = None) -> bytes:
    """Return what ffmpeg makes of its options."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        command = [program or ffmpeg(), "-nostdin", "-v", "error", *options.split(), str(path)]
        subprocess.run(command, check=True)  # noqa: S603 - our own words
        return path.read_bytes()


def turned(data: bytes, degrees: int) -> bytes:
    """Return a video that says that it is to be shown turned."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        Path(file.name).write_bytes(data)
        return encode(f"-display_rotation {degrees} -i {file.name} -c copy")


def second_of(picture: Image.Image) -> float:
    """Return the second at which a ramp is as bright as this."""
    grey = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(grey, tuple)
    luma = 16 + grey[1] * 219 / 255  # as it is stored
    return (luma - DARK) / STEP


def tiles(sheet: bytes, width: int, height: int, count: int, columns: int) -> list[Image.Image]:
    """Return the frames of a scrub sheet."""
    whole = Image.open(io.BytesIO(sheet))
    assert whole.size == (min(columns, count) * width, -(-count // columns) * height)
    places = ((n % columns * width, n // columns * height) for n in range(count))
    return [whole.crop((x, y, x + width, y + height)) for x, y in places]


def frames(clip: bytes) -> list[Image.Image]:
    """Return the frames of a clip."""
    with av.open(io.BytesIO(clip), "r") as container:
        return [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]
