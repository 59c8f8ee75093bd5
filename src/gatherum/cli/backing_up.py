"""`gatherum backup` and `gatherum restore FILE`: copies of the database, and the way back."""

import asyncio
from pathlib import Path

import typer

from gatherum.app import open_app, run_mending
from gatherum.cli.output import Exit, say
from gatherum.errors import InvalidInput
from gatherum.library.integrity import Flaw
from gatherum.settings import BootSettings
from gatherum.upkeep.backups import Backups, check, restore


async def back_up(settings: BootSettings, to: Path | None, *, with_key: bool) -> Exit:
    """Make a verified copy of the database."""
    async with open_app(settings):
        place = await Backups(settings).make(to and _absolute(to))
    typer.echo(place)
    if with_key:
        typer.echo(await asyncio.to_thread(_copy_key, settings, place))
    elif not settings.secret_key.get_secret_value():
        say("The key that opens stored logins and secrets is not in it: keep secret.key as well.")
    return Exit.OK


async def bring_back(settings: BootSettings, copy: Path, *, yes: bool) -> Exit:
    """Let a copy be the database, and tell what differs from the files."""
    found = await asyncio.to_thread(check, copy)
    if not yes:
        media = found.rows.get("media", 0)
        typer.confirm(
            f"The copy has {media} media. The present database is set aside, not deleted. Go on?",
            abort=True,
        )
    aside = await asyncio.to_thread(restore, settings, copy)
    if aside.exists():
        say(f"What was there before is now {aside.name} in the folder of backups.")
    return await _compare(settings)


async def _compare(settings: BootSettings) -> Exit:
    """Finish what the copy shows as open, and say what the files on the disk say to it."""
    missing = strangers = 0
    async with open_app(settings) as app:
        await run_mending(app)
        async for finding in app.integrity.check(quick=True):
            strangers += finding.flaw is Flaw.STRANGER
            missing += finding.flaw is not Flaw.STRANGER
    typer.echo("The backup is restored.")
    if missing:
        typer.echo(f"{missing} files are not as it says: `gatherum check --repair` fetches them.")
    if strangers:
        typer.echo(f"{strangers} files came after it and have no record; they stay untouched.")
    return Exit.OK


def _copy_key(settings: BootSettings, place: Path) -> Path:
    key = settings.data_dir / "secret.key"
    if not key.exists():
        raise InvalidInput("There is no key file: the key came from the environment.")
    target = place.with_suffix(".key")
    with target.open("xb") as file:
        target.chmod(0o600)
        file.write(key.read_bytes())
    return target


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()
