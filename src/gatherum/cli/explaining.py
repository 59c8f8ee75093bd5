"""`gatherum explain`: what links are, without any request."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import typer

from gatherum.acquiring.desk import Explanation
from gatherum.acquiring.links import given_in, read_links
from gatherum.app import open_app
from gatherum.cli.output import Exit, one_line, print_json, say
from gatherum.errors import InvalidInput, SourceError
from gatherum.fetching.browser.found import browser_status
from gatherum.providers import all_providers
from gatherum.settings import BootSettings


async def explain(settings: BootSettings, lines: Sequence[str], *, as_json: bool) -> Exit:
    """Print what each link is; exit with FAILED if one is nothing that is ever followed.

    With `as_json` a line stands for everything that was given, in that order.
    """
    links, nonsense = read_links(lines)
    code = Exit.FAILED if nonsense else Exit.OK
    if not links:
        _tell_wrong(nonsense, as_json=as_json)
        return Exit.USAGE
    async with open_app(settings) as app:
        for text in given_in(lines):
            try:
                found = await app.desk.explain(text)
            except (InvalidInput, SourceError) as error:
                code = Exit.FAILED
                _tell_wrong({text: str(error)}, as_json=as_json)
                continue
            if as_json:
                print_json(asdict(found))
            else:
                _tell(found)
    return code


def _tell_wrong(wrong: Mapping[str, str], *, as_json: bool) -> None:
    for text, why in wrong.items():
        if as_json:
            print_json({"url": text, "platform": None, "error": why})
        say(f"{one_line(text)}: {why}")


def _tell(found: Explanation) -> None:
    if not found.providers:
        known = f"It is on {found.platform}; " if found.platform else ""
        typer.echo(f"{found.url}\n  {known}`gatherum get` asks the host once what this is.")
        return
    typer.echo(f"{found.url}\n  {found.platform or 'a page'}: {found.feed} {found.key}")
    typer.echo(f"  by {', then '.join(found.providers)}")
    if found.needs:
        typer.echo(f"  needs: {', '.join(found.needs)}")
    browsing = [name for name in found.providers if _needs_browser(name)]
    if browsing:
        typer.echo(f"  needs a browser: {', '.join(browsing)} ({browser_status().detail})")


def _needs_browser(name: str) -> bool:
    return any(one.needs.browser for one in all_providers() if one.name == name)
