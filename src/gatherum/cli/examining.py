"""`gatherum doctor`: is everything there that the program stands on?"""

from dataclasses import dataclass
from pathlib import Path

import typer

from gatherum.app import App, open_app, open_engines
from gatherum.cli.output import Exit, print_json
from gatherum.errors import GatherumError
from gatherum.fetching.browser.found import browser_status
from gatherum.fetching.workers.engine import find_ffmpeg
from gatherum.safety.root import openat2_status
from gatherum.safety.sandbox import sandbox_status
from gatherum.settings import BootSettings, is_loopback


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


async def doctor(settings: BootSettings, *, as_json: bool) -> Exit:
    """Print what was found; exit with FAILED if something does not work."""
    guards = (openat2_status(), sandbox_status())
    looks = [Look(guard.name, ok=guard.ok, detail=guard.detail) for guard in guards]
    try:
        async with open_app(settings) as app:
            looks += await _inside(app)
    except GatherumError as error:
        looks.append(Look("data folder", ok=False, detail=str(error)))
    for look in looks:
        if as_json:
            print_json({"type": "look", "name": look.name, "ok": look.ok, "detail": look.detail})
        else:
            typer.echo(f"{'ok ' if look.ok else 'NO '} {look.name}: {look.detail}")
    return Exit.OK if all(look.ok for look in looks) else Exit.FAILED


async def _inside(app: App) -> list[Look]:
    free, total = app.fs.free()
    kind = "SQLite" if app.database.is_sqlite else "PostgreSQL"
    looks = [
        Look("data folder", ok=True, detail="can be written to"),
        Look("database", ok=True, detail=f"{kind}, migrated"),
        Look(
            "disk", ok=free > total // 50, detail=f"{free / 1e9:.1f} of {total / 1e9:.1f} GB free"
        ),
    ]
    browser = browser_status()
    # Without one, the ways that need it say so; all others work.
    looks.append(Look(browser.name, ok=True, detail=browser.detail))
    looks.append(Look("ffmpeg", ok=True, detail=Path(find_ffmpeg()).name))
    async with open_engines(app.settings, beside=app.releases.folder_of) as engines:
        for engine, link in (
            ("gallerydl", "https://www.flickr.com/photos/gatherum"),
            ("instaloader", "https://www.instagram.com/instagram/"),
            ("ytdlp", "https://vimeo.com/76979871"),
        ):
            try:
                known = await engines.supports(engine, link)
                looks.append(Look(engine, ok=known is not None, detail="starts in its sandbox"))
            except GatherumError as error:
                looks.append(Look(engine, ok=False, detail=str(error)))
    if not is_loopback(app.settings.host) and not app.settings.public_url.startswith("https://"):
        looks.append(
            Look(
                "address",
                ok=False,
                detail="Set GATHERUM_PUBLIC_URL to the https address that people use.",
            )
        )
    return looks
