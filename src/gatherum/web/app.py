"""The web application: health, until the interface arrives."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse

from gatherum.app import App
from gatherum.jobs.queue import LIVE

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Gatherum</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>body{{font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}}</style>
<h1>Gatherum is running</h1><p>{jobs} jobs are not over; {free:.1f} GB are free.</p>
<p>Use the command line for now: <code>gatherum get LINK</code>, <code>gatherum follow LINK</code>.</p>
</html>"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def make_app(app: App) -> FastAPI:
    """Return the ASGI application over an opened program."""
    web = FastAPI(title="Gatherum", docs_url=None, redoc_url=None, openapi_url=None)

    @web.get("/")
    async def home() -> HTMLResponse:
        """Say in a sentence how things stand."""
        page = await app.queue.list(states=LIVE, limit=1000)
        free, _ = app.fs.free()
        return HTMLResponse(PAGE.format(jobs=len(page.jobs), free=free / 1e9), headers=HEADERS)

    @web.get("/health/live")
    async def live() -> JSONResponse:
        """Say that the process answers."""
        return JSONResponse({"status": "ok"}, headers=HEADERS)

    @web.get("/health/ready")
    async def ready() -> JSONResponse:
        """Say that the database answers and the library can be reached."""
        await app.queue.list(limit=1)
        app.fs.free()
        return JSONResponse({"status": "ok"}, headers=HEADERS)

    return web
