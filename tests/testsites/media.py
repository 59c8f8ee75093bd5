"""Deterministic media that really decode: JPEG by Pillow, MP4 by ffmpeg, each made once."""

import hashlib
import io
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from imageio_ffmpeg._utils import get_ffmpeg_exe
from PIL import Image, ImageDraw


@lru_cache(maxsize=4096)
def jpeg(key: str, width: int = 320, height: int = 400) -> bytes:
    """Return the picture called `key`: always the same bytes, different for every key."""
    digest = hashlib.sha256(key.encode()).digest()
    picture = Image.new("RGB", (width, height), (digest[0], digest[1], digest[2]))
    draw = ImageDraw.Draw(picture)
    for spot in range(6):
        x = digest[3 + spot] * width // 256
        y = digest[10 + spot] * height // 256
        colour = (digest[16 + spot], digest[20 + spot], digest[24 + spot])
        draw.ellipse((x - 40, y - 40, x + 40, y + 40), fill=colour)
    draw.text((8, 8), key, fill="white")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


@lru_cache(maxsize=256)
def mp4(key: str, seconds: float = 1.0) -> bytes:
    """Return the clip called `key`, with sound; ffmpeg runs once per key and machine."""
    name = hashlib.sha256(f"1 {key} {seconds}".encode()).hexdigest()
    cache = Path(tempfile.gettempdir()) / "gatherum-testsites"
    cache.mkdir(exist_ok=True)
    made = cache / f"{name}.mp4"
    if not made.exists():
        with tempfile.NamedTemporaryFile(dir=cache, suffix=".mp4") as draft:
            _encode(Path(draft.name), name, seconds)
            shutil.copyfile(draft.name, f"{draft.name}.done")
        Path(f"{draft.name}.done").replace(made)
    return made.read_bytes()


@lru_cache(maxsize=64)
def split(key: str) -> tuple[bytes, bytes]:
    """Return the picture and the sound of the clip called `key`, each in a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.mp4"
        whole.write_bytes(mp4(key))
        parts = Path(folder) / "seen.mp4", Path(folder) / "heard.m4a"
        for part, left_out in zip(parts, ("-an", "-vn"), strict=True):
            copied = ["-i", str(whole), left_out, "-c", "copy", "-movflags", "+faststart"]
            subprocess.run([ffmpeg(), "-v", "error", "-nostdin", *copied, str(part)], check=True)  # noqa: S603
        return parts[0].read_bytes(), parts[1].read_bytes()


def ffmpeg() -> str:
    """Return the path of a working ffmpeg."""
    return shutil.which("ffmpeg") or str(get_ffmpeg_exe())  # type: ignore[no-untyped-call]


def _encode(target: Path, name: str, seconds: float) -> None:
    picture = f"color=c=0x{name[:6]}:s=180x320:d={seconds}:r=10"
    sound = f"sine=frequency={300 + int(name[:2], 16)}:duration={seconds}"
    arguments = ["-v", "error", "-y", "-nostdin", "-f", "lavfi", "-i", picture, "-f", "lavfi"]
    arguments += ["-i", sound, "-c:a", "aac", "-shortest", "-c:v", "libx264"]
    arguments += ["-preset", "ultrafast", "-pix_fmt", "yuv420p", "-fflags", "+bitexact"]
    arguments += ["-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart"]
    subprocess.run([ffmpeg(), *arguments, str(target)], check=True)  # noqa: S603
