"""Commands about the installation itself: how it is, and what serves."""

from typing import Annotated

import typer

from gatherum.cli.running import Json, run


def doctor(
    urls: Annotated[list[str] | None, typer.Argument(help="With --live: links.")] = None,
    *,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="Ask the real sites: list one page of each link, or of each platform, by every way. "
            "Nothing is stored.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Look whether everything that Gatherum stands on is there, and say what to do if not."""
    from gatherum.cli import examining, probing, setup  # noqa: PLC0415

    if live:
        run(probing.probe(setup.begin(), urls or [], as_json=json))
    elif urls:
        raise typer.BadParameter("Links are looked at with --live only.")
    else:
        run(examining.doctor(setup.begin(), as_json=json))


def providers(
    *,
    json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="Those never tried, too.")] = False,
) -> None:
    """Show how each way to a platform does: its success rates, last failure, and its canaries."""
    from gatherum.cli import setup, surveying  # noqa: PLC0415

    run(surveying.show(setup.begin(), as_json=json, everything=everything))


def serve(
    *,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave the jobs to `gatherum worker`.")
    ] = False,
) -> None:
    """Run the server: subscriptions are checked, jobs performed, and a health page served."""
    from gatherum.cli import serving, setup  # noqa: PLC0415

    run(serving.serve(setup.begin(quiet=False), worker=not no_worker))


def worker() -> None:
    """Perform jobs, on this machine, for a database that several share."""
    from gatherum.cli import serving, setup  # noqa: PLC0415

    run(serving.work(setup.begin(quiet=False)))


def demo() -> None:
    """Start a small platform of our own on this machine, and show the main job with it."""
    from gatherum.cli import demonstrating  # noqa: PLC0415

    run(demonstrating.demo())


def version() -> None:
    """Print the version."""
    from importlib.metadata import version as find  # noqa: PLC0415

    typer.echo(find("gatherum"))
