"""A site of video pages: plain files, streams in pieces (HLS), several on a page, and none."""

import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.testsites.media import ffmpeg, mp4, split

PLAYLIST = "application/vnd.apple.mpegurl"
# Sound and picture apart, as many sites stream them; nothing says how the sound is coded.
APART = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio1",NAME="audio",AUTOSELECT=YES,URI="{name}/heard.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=180x320,CODECS="avc1.42c00d,mp4a.40.2",AUDIO="audio1"
{name}/seen.m3u8
"""


def videos() -> Starlette:
    """Return the site."""

    async def watch(request: Request) -> Response:
        name = request.path_params["name"]
        source = f'<video controls><source src="/files/{name}.mp4" type="video/mp4"></video>'
        title = f'<title>{name} for all</title><meta name="description" content="About {name}">'
        return HTMLResponse(
            f"<!DOCTYPE html><html><head>{title}</head><body>{source}</body></html>"
        )

    async def live(request: Request) -> Response:
        name = request.path_params["name"]
        folder = "parts" if request.url.path.startswith("/apart/") else "hls"
        source = f'<source src="/{folder}/{name}.m3u8" type="application/x-mpegURL">'
        return HTMLResponse(
            f"<html><head><title>{name}</title></head><video>{source}</video></html>"
        )

    async def several(_: Request) -> Response:
        players = "".join(
            f'<video><source src="/files/{name}.mp4" type="video/mp4"></video>'
            for name in ("one", "two", "three")
        )
        return HTMLResponse(f"<html><head><title>Three</title></head><body>{players}</body></html>")

    async def file(request: Request) -> Response:
        return Response(mp4(request.path_params["name"]), media_type="video/mp4")

    async def playlist(request: Request) -> Response:
        names = [f"{request.path_params['name']}/{number}.ts" for number in range(len(pieces()))]
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1"]
        for name in names:
            lines += ["#EXTINF:1.0,", quote(name)]
        text = "\n".join([*lines, "#EXT-X-ENDLIST", ""])
        return Response(text, media_type=PLAYLIST)

    async def piece(request: Request) -> Response:
        return Response(pieces()[request.path_params["number"]], media_type="video/mp2t")

    async def empty(_: Request) -> Response:
        return HTMLResponse("<html><head><title>Nothing</title></head><p>Only words.</p></html>")

    async def login(_: Request) -> Response:
        return HTMLResponse("<form>who are you</form>", 401)

    return Starlette(
        routes=[
            Route("/watch/{name}", watch),
            Route("/live/{name}", live),
            Route("/apart/{name}", live),
            Route("/parts/{name}.m3u8", _apart),
            Route("/parts/{name}/{part}.m3u8", _track),
            Route("/parts/{name}/{part}.mp4", _part),
            Route("/several", several),
            Route("/files/{name}.mp4", file),
            Route("/hls/{name}.m3u8", playlist),
            Route("/hls/{name}/{number:int}.ts", piece),
            Route("/words", empty),
            Route("/members", login),
        ]
    )


async def _apart(request: Request) -> Response:
    return Response(APART.format(name=request.path_params["name"]), media_type=PLAYLIST)


async def _track(request: Request) -> Response:
    """Return the list of the pieces of a stream that is all in one."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-TARGETDURATION:1", "#EXTINF:1.0,"]
    lines += [f"{request.path_params['part']}.mp4", "#EXT-X-ENDLIST", ""]
    return Response("\n".join(lines), media_type=PLAYLIST)


async def _part(request: Request) -> Response:
    seen, heard = split(request.path_params["name"])
    return Response({"seen": seen, "heard": heard}[request.path_params["part"]])


@lru_cache(maxsize=1)
def pieces() -> tuple[bytes, ...]:
    """Return a three-second clip in pieces, as MPEG transport streams."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        clip.write_bytes(mp4("stream", 3.0))
        arguments = ["-v", "error", "-nostdin", "-i", str(clip), "-c", "copy", "-f", "segment"]
        arguments += ["-segment_time", "1", "-break_non_keyframes", "1"]
        subprocess.run([ffmpeg(), *arguments, f"{folder}/%d.ts"], check=True)  # noqa: S603
        made = sorted(Path(folder).glob("*.ts"), key=lambda path: int(path.stem))
        return tuple(path.read_bytes() for path in made)
