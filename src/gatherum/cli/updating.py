"""`gatherum extractors`: the versions of yt-dlp and gallery-dl."""

import typer

from gatherum.app import open_app
from gatherum.cli.output import Exit, print_json, say
from gatherum.errors import SourceError
from gatherum.fetching.releases import PACKAGES, Release
from gatherum.moments import iso
from gatherum.settings import BootSettings


async def show(settings: BootSettings, *, as_json: bool) -> Exit:
    """Print how each extractor stands."""
    async with open_app(settings) as app:
        known = app.extractors.known()
    for one in known:
        if as_json:
            print_json(_line(one))
        else:
            typer.echo(_told(one))
    return Exit.OK


async def check(settings: BootSettings, name: str | None) -> Exit:
    """Ask the index, and print what it has."""
    code = Exit.OK
    async with open_app(settings) as app:
        for each in _names(name):
            try:
                found = await app.extractors.check(each)
            except SourceError as error:
                code = Exit.FAILED
                say(f"{each}: {error}")
            else:
                typer.echo(_told(found))
    return code


async def update(settings: BootSettings, name: str | None, version: str | None) -> Exit:
    """Update one extractor or all; FAILED if a version is not used for what its probe has found."""
    code = Exit.OK
    async with open_app(settings) as app:
        await app.preferences.refresh()
        for each in _names(name):
            try:
                change = await app.extractors.update(each, version=version, say=say)
            except SourceError as error:
                code = Exit.FAILED
                say(f"{each}: {error}")
                continue
            if change.fault is not None:
                code = Exit.FAILED
                say(change.told)
            else:
                typer.echo(change.told)
    return code


async def roll_back(settings: BootSettings, name: str) -> Exit:
    """Go back to the version from before."""
    async with open_app(settings) as app:
        found = app.extractors.roll_back(name)
    typer.echo(f"{name} {found.used} is used now.")
    return Exit.OK


def _names(name: str | None) -> tuple[str, ...]:
    return tuple(PACKAGES) if name is None else (name,)


def _told(one: Release) -> str:
    told = f"{one.name}: {one.used}"
    if one.is_beside:
        told += f", beside {one.shipped} that came with Gatherum"
    if one.newest and one.newest != one.used:
        told += f"; the index has {one.newest}"
    if one.previous is not None:
        told += f"; one can go back to {one.previous}"
    return told


def _line(one: Release) -> dict[str, object]:
    return {
        "type": "extractor",
        "name": one.name,
        "shipped": one.shipped,
        "used": one.used,
        "previous": one.previous,
        "refused": list(one.refused),
        "newest": one.newest or None,
        "checked_at": iso(one.checked_at),
    }
