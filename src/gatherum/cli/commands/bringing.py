"""Commands that bring media in, once or again and again."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gatherum.cli.running import Json, run

From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="FILE|-", help="Read links from a file, or from standard input."
    ),
]


class What(StrEnum):
    """What an export holds."""

    ALL = "all"
    SETTINGS = "settings"
    SUBSCRIPTIONS = "subscriptions"
    POSTS = "posts"
    MEDIA = "media"
    HISTORY = "history"


def get(
    urls: Annotated[
        list[str] | None, typer.Argument(help="Links: posts, profiles, feeds, files, pages.")
    ] = None,
    *,
    source: From = None,
    json: Json = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Media at most of each link, newest first.")
    ] = None,
    cookies: Annotated[
        Path | None, typer.Option(help="A cookies.txt or JSON export, for what needs a log-in.")
    ] = None,
) -> None:
    """Bring in everything behind links, and wait until it is done.

    Run it twice and nothing is fetched twice; interrupt it and it goes on where it was.
    """
    from gatherum.cli import getting, setup  # noqa: PLC0415

    settings = setup.begin()
    lines = getting.read_lines(urls or [], source)
    run(getting.get(settings, lines, as_json=json, limit=limit, cookies=cookies))


def explain(
    urls: Annotated[list[str] | None, typer.Argument(help="Links.")] = None,
    *,
    source: From = None,
    json: Json = False,
) -> None:
    """Say what a link is and who would list it, without any request."""
    from gatherum.cli import explaining, getting, setup  # noqa: PLC0415

    settings = setup.begin()
    run(explaining.explain(settings, getting.read_lines(urls or [], source), as_json=json))


def follow(
    url: Annotated[str, typer.Argument(help="A profile, thread, feed or board to follow.")],
    *,
    every: Annotated[
        str, typer.Option(help="An interval (6h, 1d) or a cron expression ('0 6 * * *').")
    ] = "1d",
    zone: Annotated[str, typer.Option(help="The time zone of a cron expression.")] = "UTC",
    wanted: Annotated[
        str, typer.Option("--filter", help="What to keep, e.g. 'kind:image size<50MB'.")
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Posts to go back at most.")] = None,
    title: Annotated[str, typer.Option(help="A name for it.")] = "",
    cookies: Annotated[Path | None, typer.Option(help="Cookies of a login for it.")] = None,
) -> None:
    """Follow a link: new posts come in by themselves while `gatherum serve` runs."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    run(
        following.follow(
            setup.begin(),
            url,
            every=every,
            zone=zone,
            wanted=wanted,
            limit=limit,
            title=title,
            cookies=cookies,
        )
    )


def sync(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Subscriptions; none: all of them.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Check subscriptions now, and wait until they are up to date."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    run(following.sync(setup.begin(), numbers or [], as_json=json))
