"""Draw the clips and photographs that the demo platform ships: `python scripts/make_demo_media.py`.

The same ffmpeg gives the same bytes; the results are committed, so that nothing is rendered at
run time.
"""

import subprocess
from pathlib import Path

import imageio_ffmpeg

TARGET = Path(__file__).parent.parent / "src" / "gatherum" / "demo" / "media"
EXACT = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")
DRAW = "gradients=d=4:speed=0.03:n=4"
LAMP = "vignette=PI/5,noise=alls=5:allf=t"
CLIPS = {  # how each is drawn, and the tone that sounds with it
    "tide": (f"{DRAW}:s=360x450:r=20:type=linear:c0=0x05263b:c1=0x0f6f8f:c2=0x8ee3ef:c3=0xf4f1de", 220),
    "ember": (f"{DRAW}:s=360x450:r=20:type=radial:c0=0x2b0b3f:c1=0x9b1d5a:c2=0xf26430:c3=0xffd23f", 294),
    "spin": (f"{DRAW}:s=360x360:r=20:type=spiral:c0=0x12355b:c1=0x420039:c2=0xd72638:c3=0xffffff", 330),
    "ripple": (f"{DRAW}:s=480x270:r=20:type=circular:c0=0x081c15:c1=0x2d6a4f:c2=0xb7e4c7:c3=0xfefae0", 392),
}  # fmt: skip
PHOTOS = {
    "dusk": f"{DRAW}:s=960x640:r=1:type=linear:x0=0:y0=0:x1=0:y1=640:c0=0x0b1d3a:c1=0x5b3a6e:c2=0xe07a5f"
            f":c3=0xf2cc8f,{LAMP}",
    "glow": f"{DRAW}:s=800x1000:r=1:type=radial:c0=0xfff3b0:c1=0xe09f3e:c2=0x9e2a2b:c3=0x210f14,{LAMP}",
    "fjord": f"{DRAW}:s=800x800:r=1:type=circular:c0=0xd8f3dc:c1=0x52b788:c2=0x1b4332:c3=0x081c15,{LAMP}",
    "fractal": "mandelbrot=s=400x500:r=1:start_scale=0.9:start_x=-0.9,hue=h=200:s=0.6",
}  # fmt: skip


def main() -> None:
    """Write every file anew."""
    TARGET.mkdir(exist_ok=True)
    for name, (picture, tone) in CLIPS.items():
        sound = f"sine=frequency={tone}:duration=4"
        arguments = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-t", "4"]
        arguments += ["-c:v", "libx264", "-preset", "veryslow", "-crf", "32", "-pix_fmt", "yuv420p"]
        arguments += ["-threads", "1", "-c:a", "aac", "-b:a", "32k", "-movflags", "+faststart"]
        _ffmpeg(*arguments, str(TARGET / f"{name}.mp4"))
    for name, picture in PHOTOS.items():
        arguments = ["-f", "lavfi", "-i", picture, "-frames:v", "1", "-q:v", "6"]
        _ffmpeg(*arguments, str(TARGET / f"{name}.jpg"))


def _ffmpeg(*arguments: str) -> None:
    before, target = arguments[:-1], arguments[-1]
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run(  # noqa: S603 - our own constants
        [program, "-v", "error", "-y", "-nostdin", *before, *EXACT, target], check=True
    )


if __name__ == "__main__":
    main()
