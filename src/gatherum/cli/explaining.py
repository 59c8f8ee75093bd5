"""`gatherum explain`: what links are, without any request."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import typer

from gatherum.acquiring.links import ENGINES, read_links
from gatherum.app import App, open_app, open_engines
from gatherum.cli.output import Exit, one_line, print_json, say
from gatherum.errors import SourceError
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import Target
from gatherum.providers import find_chain, get_chain
from gatherum.providers.engines.sites import site_target
from gatherum.providers.urls import normalise
from gatherum.settings import BootSettings


async def explain(settings: BootSettings, lines: Sequence[str], *, as_json: bool) -> Exit:
    """Print what each link is; exit with FAILED if one is nothing that is ever followed."""
    links, nonsense = read_links(lines)
    for text in nonsense:
        say(f"Not a link: {one_line(text)}")
    if not links:
        return Exit.USAGE
    code = Exit.FAILED if nonsense else Exit.OK
    async with open_app(settings) as app, open_engines(settings) as engines:
        for url in links:
            try:
                found = await _explain(app, engines, url)
            except SourceError as error:
                code = Exit.FAILED
                say(f"{one_line(url)}: {error}")
                continue
            if as_json:
                print_json(found)
            else:
                _tell(found)
    return code


async def _explain(app: App, engines: EnginePool, url: str) -> Mapping[str, object]:
    plain = normalise(url)
    if chain := find_chain(plain):
        needs = {need for one, _ in chain[:1] for need in one.needs.names()}
        return _found(url, chain[0][1], [one.name for one, _ in chain], needs)
    if (known := await app.memory.find(plain)) is not None:
        return _found(url, known, [one.name for one, _ in get_chain(known)], set())
    for engine in ENGINES:
        if (key := await engines.supports(engine, plain)) is not None:
            target = site_target(engine, key, plain)
            return _found(url, target, [one.name for one, _ in get_chain(target)], set())
    platform = await app.memory.find_platform(urlsplit(plain).hostname or "")
    return {
        "url": url,
        "platform": platform,
        "feed": None,
        "key": None,
        "providers": [],
        "needs": ["probe"],
    }


def _found(url: str, target: Target, providers: list[str], needs: set[str]) -> Mapping[str, object]:
    return {
        "url": url,
        "platform": None if target.platform == "web" else target.platform,
        "feed": target.feed,
        "key": target.key,
        "providers": providers,
        "needs": sorted(needs - {"probe"}),
    }


def _tell(found: Mapping[str, object]) -> None:
    providers = found["providers"]
    if not isinstance(providers, list) or not providers:
        known = f"It is on {found['platform']}; " if found["platform"] else ""
        typer.echo(f"{found['url']}\n  {known}`gatherum get` asks the host once what this is.")
        return
    typer.echo(f"{found['url']}\n  {found['platform'] or 'a page'}: {found['feed']} {found['key']}")
    typer.echo(f"  by {', then '.join(map(str, providers))}")
    if found["needs"]:
        typer.echo(f"  needs: {found['needs']}")
