"""`gatherum config`: the settings."""

import typer

from gatherum.app import open_app
from gatherum.cli.output import Exit, print_json, say
from gatherum.library.naming import Template
from gatherum.settings import BootSettings


async def show(settings: BootSettings, *, as_json: bool) -> Exit:
    """List settings."""
    async with open_app(settings) as app:
        for one in await app.preferences.list():
            if as_json:
                print_json({"type": "setting", "key": one.key, "value": one.value})
            else:
                typer.echo(f"{one.key} = {one.value}")
                typer.echo(f"    {one.description}")
    return Exit.OK


async def get(settings: BootSettings, key: str) -> Exit:
    """Print one setting."""
    async with open_app(settings) as app:
        typer.echo((await app.preferences.find(key)).value)
    return Exit.OK


async def change(settings: BootSettings, key: str, value: str | None) -> Exit:
    """Change one setting."""
    async with open_app(settings) as app:
        one = await (
            app.preferences.reset(key) if value is None else app.preferences.set(key, value)
        )
    typer.echo(f"{one.key} = {one.value}")
    if one.key == "library.template":
        for path in Template.parse(one.value).preview():
            typer.echo(f"    {path}")
    if one.key == "network.pace" and float(one.value) == 0:
        say(
            "No pauses between requests any more: only for servers of your own, else you get banned."
        )
    return Exit.OK
