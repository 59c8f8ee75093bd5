"""`gatherum providers`: how the ways to platforms do."""

from collections.abc import Iterable
from dataclasses import asdict

import typer

from gatherum.app import open_app
from gatherum.cli.output import Exit, one_line, print_json
from gatherum.moments import iso
from gatherum.settings import BootSettings
from gatherum.upkeep.canaries import Result
from gatherum.upkeep.tally import ProviderView, Tries

HEADS = ("WAY", "STATE", "LAST DAY", "LAST WEEK", "POSTS", "LAST SUCCESS", "LAST FAILURE")


async def show(settings: BootSettings, *, as_json: bool, everything: bool) -> Exit:
    """Print how each way does that was tried; with `everything` the others, too."""
    async with open_app(settings) as app:
        views = [one for one in await app.tally.providers() if everything or one.is_known]
        results = await app.canaries.results()
    if as_json:
        for one in views:
            print_json(_line(one))
        for result in results:
            print_json({"type": "canary", **asdict(result), "at": iso(result.at)})
        return Exit.OK
    if not views:
        typer.echo("Nothing has been listed yet.")
        return Exit.OK
    _print([HEADS, *map(_cells, views)])
    if results:
        typer.echo("\nCanaries:")
        _print(map(_told, results))
    return Exit.OK


def _print(rows: Iterable[tuple[str, ...]]) -> None:
    lines = list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _cells(one: ProviderView) -> tuple[str, ...]:
    failure = f"{iso(one.failed_at)} {one.reason}" if one.failed_at is not None else "-"
    return (
        one.name,
        one.state.value.replace("_", " "),
        _share(one.day),
        _share(one.week),
        str(one.week.posts),
        iso(one.delivered_at) or "-",
        failure,
    )


def _share(tries: Tries) -> str:
    if tries.success is None:
        return "-"
    return f"{tries.success:.0%} of {tries.delivered + tries.failed}"


def _told(result: Result) -> tuple[str, ...]:
    if result.skipped:
        outcome = f"not asked: {result.detail or f'it needs a {result.skipped}'}"
    elif result.reason is not None:
        outcome = f"{result.reason}: {result.detail}"
    else:
        outcome = f"{result.posts} posts in {result.seconds:.1f} s"
    return result.provider, iso(result.at) or "", one_line(result.url, width=60), one_line(outcome)


def _line(one: ProviderView) -> dict[str, object]:
    return {
        "type": "provider",
        "name": one.name,
        "platform": one.platform,
        "needs": list(one.needs.names()),
        "state": one.state.value,
        "resting_until": iso(one.resting_until),
        "day": {**asdict(one.day), "success": one.day.success},
        "week": {**asdict(one.week), "success": one.week.success},
        "delivered_at": iso(one.delivered_at),
        "failed_at": iso(one.failed_at),
        "reason": one.reason,
        "detail": one.detail,
    }
