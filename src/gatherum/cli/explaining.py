"""`gatherum explain`: what links are, without any request."""

from collections.abc import Sequence
from dataclasses import asdict

import typer

from gatherum.acquiring.desk import Explanation
from gatherum.acquiring.links import read_links
from gatherum.app import open_app
from gatherum.cli.output import Exit, one_line, print_json, say
from gatherum.errors import SourceError
from gatherum.fetching.browser.found import browser_status
from gatherum.providers import all_providers
from gatherum.settings import BootSettings


async def explain(settings: BootSettings, lines: Sequence[str], *, as_json: bool) -> Exit:
    """Print what each link is; exit with FAILED if one is nothing that is ever followed."""
    links, nonsense = read_links(lines)
    for text in nonsense:
        say(f"Not a link: {one_line(text)}")
    if not links:
        return Exit.USAGE
    code = Exit.FAILED if nonsense else Exit.OK
    async with open_app(settings) as app:
        for url in links:
            try:
                found = await app.desk.explain(url)
            except SourceError as error:
                code = Exit.FAILED
                say(f"{one_line(url)}: {error}")
                continue
            if as_json:
                print_json(asdict(found))
            else:
                _tell(found)
    return code


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
