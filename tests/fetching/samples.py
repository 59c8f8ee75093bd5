"""Small whole files of many formats, made anew for a test run."""

import functools
import io
import random
import subprocess
import tempfile
import zipfile
from pathlib import Path

from PIL import Image

from tests.testsites.media import ffmpeg

PICTURES = [
    "baseline.jpg",
    "progressive.jpg",
    "restarts.jpg",
    "many.mpo",
    "plain.png",
    "palette.png",
    "moving.png",
    "still.gif",
    "moving.gif",
    "lossy.webp",
    "lossless.webp",
    "moving.webp",
    "still.avif",
    "plain.bmp",
]
FILMS: dict[str, str] = {
    "h264.mp4": "-c:v libx264 -c:a aac",
    "front.mp4": "-c:v libx264 -c:a aac -movflags +faststart",
    "pieces.mp4": "-c:v libx264 -g 5 -an -movflags frag_keyframe+empty_moov+global_sidx",
    "quick.mov": "-c:v libx264 -c:a pcm_s16le",
    "vp8.webm": "-c:v libvpx -c:a libopus -cluster_time_limit 200",
    "h264.mkv": "-c:v libx264 -c:a flac",
    "mpeg4.avi": "-c:v mpeg4 -c:a libmp3lame",
    "flash.flv": "-c:v flv -an",
    "media.wmv": "-c:v wmv2 -c:a wmav1",
    "theora.ogv": "-c:v libtheora -c:a libvorbis",
}
SOUNDS: dict[str, str] = {
    "constant.mp3": "-c:a libmp3lame -b:a 64k",
    "variable.mp3": "-c:a libmp3lame -q:a 4 -id3v2_version 0",
    "alac.m4a": "-c:a alac",
    "sound.flac": "-c:a flac",
    "vorbis.ogg": "-c:a libvorbis",
    "opus.opus": "-c:a libopus",
    "pcm.wav": "-c:a pcm_s16le",
    "pcm.aiff": "-c:a pcm_s16be",
    "stream.aac": "-c:a aac",
}
NAMES = (*PICTURES, *FILMS, *SOUNDS, "page.pdf", "book.zip", "drawing.svg")


@functools.cache
def sample(name: str) -> bytes:
    """Return a whole file by its name in NAMES."""
    if name in PICTURES:
        return _picture(name)
    if name in FILMS:
        return _film(name, FILMS[name])
    if name in SOUNDS:
        return _sound(name, SOUNDS[name])
    return {
        "page.pdf": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n",
        "drawing.svg": b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>\n',
        "book.zip": _archive(),
    }[name]


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    """Return a picture that does not compress to nothing."""
    return Image.frombytes(
        "RGB",
        (width, height),
        random.Random(seed).randbytes(width * height * 3),  # noqa: S311
    )


def _picture(name: str) -> bytes:
    out = io.BytesIO()
    more = {"save_all": True, "append_images": [noise(48, 32, seed) for seed in (1, 2)]}
    options: dict[str, dict[str, object]] = {
        "baseline.jpg": {"comment": b"\xff\xd9 is not the end"},
        "progressive.jpg": {"progressive": True},
        "restarts.jpg": {"restart_marker_blocks": 1},
        "lossless.webp": {"lossless": True},
    }
    picture = noise(48, 32)
    if name == "palette.png":
        picture = picture.quantize(16)
    extension = name.rpartition(".")[2]
    made = more if name.startswith(("moving", "many")) else options.get(name, {})
    picture.save(out, {"jpg": "jpeg"}.get(extension, extension), **made)
    return out.getvalue()


def _film(name: str, options: str) -> bytes:
    sources = "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -f lavfi -i sine=d=1:f=300"
    return _ffmpeg(name, f"{sources} {options} -pix_fmt yuv420p")


def _sound(name: str, options: str) -> bytes:
    return _ffmpeg(name, f"-f lavfi -i anoisesrc=d=0.4:r=44100:seed=1 {options}")


def _ffmpeg(name: str, options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        command = [
            ffmpeg(),
            "-nostdin",
            "-loglevel",
            "error",
            *options.split(),
            str(path),
        ]
        subprocess.run(command, check=True)  # noqa: S603 - our own words
        return path.read_bytes()


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hello" * 20)
    return out.getvalue()
