"""Servers of files for the questions about HTTP: `python -m benchmarks.http_servers NAME FOLDER`.

`FOLDER/files` holds the files, each named by its number. The peers check nobody's session; ours is
the whole program behind its shield, with rates so high that they are never reached.
"""

import asyncio
import json
import socket
import sys
from pathlib import Path

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from gatherum.accounts.model import Role, Visitor
from gatherum.app import open_app
from gatherum.log import configure
from gatherum.safety.serving import bound, listening
from gatherum.settings import BootSettings
from gatherum.web.app import make_web
from gatherum.web.limits import Limits
from gatherum.web.shield import shielded
from gatherum.web.site import make_site

PATH = "/api/v1/files/{id}/{what}"


async def main() -> None:
    """Serve until standard input ends."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    configure(level="info", form="json")
    with bound("127.0.0.1", 0) as place:
        if name == "gatherum":
            await _serve_ours(folder, place)
        else:
            answer = {"FileResponse": _file_response, "read+Response": _read_response}[name]
            web = Starlette(routes=[Route(PATH, answer)])
            web.state.folder = folder / "files"
            await _serve_peer(web, place)


async def _file_response(request: Request) -> Response:
    return FileResponse(request.app.state.folder / request.path_params["id"])


async def _read_response(request: Request) -> Response:
    path: Path = request.app.state.folder / request.path_params["id"]
    return Response(path.read_bytes(), media_type="image/webp")  # noqa: ASYNC240 - as people do it


async def _serve_peer(web: Starlette, place: socket.socket) -> None:
    config = uvicorn.Config(
        web, log_config=None, access_log=False, http="httptools", lifespan="off"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[place]))
    await _until_told(place.getsockname()[1], "")
    server.should_exit = True
    await serving


async def _serve_ours(folder: Path, place: socket.socket) -> None:
    settings = BootSettings(data_dir=folder / "data", port=0, _env_file=None)
    async with open_app(settings) as app:
        site = make_site(settings, place.getsockname()[1])
        web = make_web(app, site, limits=Limits(app.clock.now, ease=100_000))
        account = await app.people.accounts.create("bench", Role.VIEWER, password=None)
        here = Visitor(address="127.0.0.1")
        token = await app.people.sessions.begin(account.id, here, methods="password", full=True)
        async with listening(shielded(web, site), on=place) as port:
            await _until_told(port, f"{site.cookie}={token}")


async def _until_told(port: int, cookie: str) -> None:
    print(json.dumps({"port": port, "cookie": cookie}), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(main())
