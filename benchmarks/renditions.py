"""Goal 13: thumbnails, posters, scrub sheets and previews beside vipsthumbnail and ffmpeg.

Ours are drawn by a warm child in its sandbox, as the server has them; a peer is a process for each
file. The CPU time is that of all processes together, the least of three rounds in turns.
"""

import asyncio
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from imageio_ffmpeg._utils import get_ffmpeg_exe
from PIL import Image

from benchmarks.race import goal
from gatherum.processing.child import Child
from gatherum.processing.frames import Matter, Order, Task

ROUNDS = 3
FILES = 8  # of each kind: copies, so that no cache of a decoder helps
EDGE = 320
Measured = tuple[float, float]  # ms of CPU and of the clock, a file
Draw = Callable[[Child, Path], Awaitable[object]]
THUMBNAIL = Order((EDGE,), facts=True)
POSTER = Order((640,), facts=True, matter=Matter.VIDEO)
SCRUB = Order(task=Task.SCRUB, matter=Matter.VIDEO)
PREVIEW = Order(task=Task.PREVIEW, matter=Matter.VIDEO)


def main() -> None:
    """Race over pictures, then over videos."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_race(Path(folder)))


async def _race(folder: Path) -> None:
    ffmpeg = str(get_ffmpeg_exe())  # type: ignore[no-untyped-call]
    print("\n| work | ours, CPU ms | wall ms | peer | CPU ms | wall ms | ours / peer, CPU | wall |")
    print("|---|---|---|---|---|---|---|---|")
    if shutil.which("vipsthumbnail"):
        for name, path in _pictures(folder, ffmpeg).items():
            peer = ["vipsthumbnail", "{}", "-s", str(EDGE), "-o", f"{folder}/o.webp[Q=75,effort=2]"]
            cpu, _ = await _beside(
                f"{name}: {EDGE} px, facts", path, THUMBNAIL, "vipsthumbnail", peer
            )
            goal(f"{name}: CPU against vipsthumbnail", cpu, "<= 1.1")
    else:
        print("vipsthumbnail is not installed (Debian package libvips-tools).")
    video = _video(folder, ffmpeg)
    quiet = [ffmpeg, "-nostdin", "-v", "error", "-y", "-threads", "1"]
    out = ["-threads", "1", "-filter_threads", "1"]
    poster = [*quiet, "-ss", "3", "-i", "{}", "-frames:v", "1", "-vf", "scale=640:-2", *out]
    tiles = "fps=100/60,scale=160:-2,tile=10x10"
    sheet = [*quiet, "-skip_frame", "nokey", "-i", "{}", "-frames:v", "1", "-vf", tiles, *out]
    clip = list(quiet)
    for at in (6, 18, 30, 42, 54):
        clip += ["-ss", str(at), "-t", "1", "-i", "{}"]
    joined = "".join(f"[{number}:v]" for number in range(5)) + "concat=n=5,fps=12,scale=320:-2"
    clip += ["-filter_complex", joined, "-an", "-c:v", "libx264", "-preset", "veryfast", *out]
    for title, order, argv in (
        ("poster and facts", POSTER, [*poster, f"{folder}/o.webp"]),
        ("scrub sheet of 100", SCRUB, [*sheet, f"{folder}/o.webp"]),
        ("preview of 5 s", PREVIEW, [*clip, "-crf", "29", f"{folder}/o.mp4"]),
    ):
        cpu, _ = await _beside(f"video of 60 s, 720p: {title}", video, order, "ffmpeg", argv)
        goal(f"{title}: CPU against ffmpeg", cpu, "<= 1.1")


async def _beside(title: str, path: Path, order: Order, name: str, argv: Sequence[str]) -> Measured:
    """Print what both cost; return ours as shares of the peer's."""
    copies = [path.with_name(f"{number}-{path.name}") for number in range(FILES)]
    for copy in copies:
        shutil.copyfile(path, copy)
    child = await Child.start(niceness=0)
    try:
        await _draw(child, path, order)  # it loads its decoders once in its life
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(await _measure_ours(child, copies, order))
            theirs.append(_measure_peer(copies, argv))
    finally:
        await child.kill()
        for copy in copies:
            copy.unlink()
    mine, peer = (tuple(map(min, zip(*each, strict=True))) for each in (ours, theirs))
    cpu, wall = mine[0] / peer[0], mine[1] / peer[1]
    print(
        f"| {title} | {mine[0]:.1f} | {mine[1]:.1f} | {name} | {peer[0]:.1f} | {peer[1]:.1f}"
        f" | {cpu:.2f} | {wall:.2f} |"
    )
    return cpu, wall


async def _measure_ours(child: Child, paths: Sequence[Path], order: Order) -> Measured:
    pid = child._process.pid  # noqa: SLF001  # there is no other way to tell what it has used
    begun, used = time.perf_counter(), _cpu_of(pid) + time.process_time()
    for path in paths:
        await _draw(child, path, order)
    cpu, wall = _cpu_of(pid) + time.process_time() - used, time.perf_counter() - begun
    return cpu / len(paths) * 1000, wall / len(paths) * 1000


async def _draw(child: Child, path: Path, order: Order) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        await child.draw(fd, order, patience=120)
    finally:
        os.close(fd)


def _measure_peer(paths: Sequence[Path], argv: Sequence[str]) -> Measured:
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    for path in paths:
        words = [str(path) if word == "{}" else word for word in argv]
        environment = {**os.environ, "VIPS_CONCURRENCY": "1"}
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begun
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu / len(paths) * 1000, wall / len(paths) * 1000


def _cpu_of(pid: int) -> float:
    """Return the seconds of CPU that a process has used, all its threads together."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _pictures(folder: Path, ffmpeg: str) -> dict[str, Path]:
    """Make a picture with detail in it, in several forms."""
    source = folder / "source.png"
    wanted = "mandelbrot=s=4032x3024:start_scale=0.9,noise=alls=12:allf=t"
    command = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", wanted, "-frames:v", "1", str(source)]
    subprocess.run(command, check=True)
    whole = Image.open(source).convert("RGB")
    small = whole.resize((1632, 1224), Image.Resampling.LANCZOS)
    made = {}
    for name, picture, form, options in (
        ("JPEG of 2 MP", small, "JPEG", {"quality": 88}),
        ("WebP of 2 MP", small, "WEBP", {"quality": 85}),
        ("PNG of 2 MP", small, "PNG", {}),
        ("JPEG of 12 MP", whole, "JPEG", {"quality": 88}),
        ("progressive JPEG of 12 MP", whole, "JPEG", {"quality": 88, "progressive": True}),
        ("PNG of 12 MP", whole, "PNG", {}),
    ):
        made[name] = folder / f"{name.replace(' ', '-')}.{form.lower()}"
        picture.save(made[name], form, **options)
    return made


def _video(folder: Path, ffmpeg: str) -> Path:
    path = folder / "video.mp4"
    source = "testsrc2=s=1280x720:r=25:d=60,noise=alls=6:allf=t"
    command = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264", "-g", "125"]
    subprocess.run([*command, "-preset", "veryfast", "-pix_fmt", "yuv420p", str(path)], check=True)
    return path
