"""`gatherum doctor --live`: do the ways to the real sites work from this machine? Nothing is stored."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from types import MappingProxyType
from typing import Final

import typer

from gatherum.acquiring.links import read_links
from gatherum.acquiring.probing import CONSENT, TURN, Finding
from gatherum.app import App, open_app
from gatherum.cli.output import Exit, exit_for, graver, one_line, print_json, say
from gatherum.errors import InvalidInput, SourceError
from gatherum.settings import BootSettings
from gatherum.upkeep.canaries import Canary

# Pages of institutions, which are likely to stay: for the platforms that nobody follows here.
PUBLIC: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bluesky": "https://bsky.app/profile/bsky.app",
        "instagram": "https://www.instagram.com/nasa/",
        "linkedin": "https://www.linkedin.com/company/nasa/",
        "mastodon": "https://mastodon.social/@Mastodon",
        "pinterest": "https://www.pinterest.com/pinterest/",
        "reddit": "https://www.reddit.com/r/pics/",
        "snapchat": "https://www.snapchat.com/@teamsnapchat",
        "tiktok": "https://www.tiktok.com/@tiktok",
        "x": "https://x.com/nasa/media",
        "youtube": "https://www.youtube.com/@NASA/videos",
    }
)


async def probe(settings: BootSettings, lines: Sequence[str], *, as_json: bool) -> Exit:
    """List one page of each link by each of its ways; without links the canaries and known pages.

    Exit with the gravest of what failed; what was not asked for want of a login or consent is none.
    """
    links, nonsense = read_links(lines)
    for text in nonsense:
        say(f"Not a link: {one_line(text)}")
    if nonsense and not links:
        return Exit.USAGE
    code = Exit.FAILED if nonsense else Exit.OK
    async with open_app(settings) as app:
        await app.preferences.refresh()
        wanted = [Canary(url=url, platform="") for url in links] or await _everything(app)
        for one in wanted:
            if not as_json:
                typer.echo(one_line(one.url))
            code = graver(code, await _probe(app, one, as_json=as_json))
    return code


async def _everything(app: App) -> Iterable[Canary]:
    canaries = await app.canaries.known()
    covered = {one.platform for one in canaries}
    public = [Canary(url=url, platform=name) for name, url in PUBLIC.items() if name not in covered]
    return [*canaries, *public]


async def _probe(app: App, one: Canary, *, as_json: bool) -> Exit:
    code = Exit.OK
    try:
        async with aclosing(app.probing.probe(one.url, login=one.login, counted=False)) as findings:
            async for found in findings:
                code = graver(code, exit_for(found.reason))
                if as_json:
                    print_json(_line(one.url, found))
                else:
                    typer.echo(_told(found))
    except InvalidInput as error:
        return _unknown(one.url, "unsupported", str(error), as_json=as_json)
    except SourceError as error:
        unknown = _unknown(one.url, error.reason.value, str(error), as_json=as_json)
        return graver(code, graver(unknown, exit_for(error.reason)))
    return code


def _unknown(url: str, reason: str, detail: str, *, as_json: bool) -> Exit:
    if as_json:
        print_json(
            {"type": "link", "url": url, "state": "failed", "reason": reason, "detail": detail}
        )
    else:
        typer.echo(f"  NO  {detail}")
    return Exit.FAILED


def _told(found: Finding) -> str:
    name = f"{found.provider.name:24}"
    if found.skipped == CONSENT:
        needs = f"gatherum config set {found.provider.needs.consent} true"
        return f"  --  {name} not asked: it needs your consent ({needs})"
    if found.skipped == TURN:
        return f"  --  {name} not asked: {one_line(found.detail or '')}"
    if found.skipped:
        return f"  --  {name} not asked: there is no login for {found.target.platform}"
    cost = f"{found.requests} requests, {found.seconds:.1f} s"
    if found.reason is not None:
        return f"  NO  {name} {found.reason}: {one_line(found.detail or '')} ({cost})"
    return f"  ok  {name} {found.posts} posts, {found.media} media ({cost})"


def _line(url: str, found: Finding) -> dict[str, object]:
    return {
        "type": "probe",
        "url": url,
        "platform": found.target.platform,
        "provider": found.provider.name,
        "ok": found.ok and not found.skipped,
        "skipped": found.skipped or None,
        "reason": found.reason,
        "detail": found.detail,
        "posts": found.posts,
        "media": found.media,
        "requests": found.requests,
        "seconds": round(found.seconds, 3),
    }
