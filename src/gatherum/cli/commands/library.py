"""Commands that show what is kept, and throw away or give back some of it."""

from pathlib import Path
from typing import Annotated

import typer

from gatherum.cli.running import Json, run

Ids = Annotated[list[int], typer.Argument(help="Numbers of media, as `gatherum media` shows them.")]


def media(
    *,
    json: Json = False,
    platform: Annotated[str | None, typer.Option(help="Of one platform.")] = None,
    author: Annotated[str | None, typer.Option(help="Of one author.")] = None,
    kind: Annotated[str | None, typer.Option(help="image, video, audio or document.")] = None,
    text: Annotated[str | None, typer.Option(help="With this in the caption.")] = None,
    state: Annotated[
        str, typer.Option(help="stored, failed, skipped, trashed, wanted or all.")
    ] = "stored",
    query: Annotated[
        str | None,
        typer.Option("--query", help="A search, as in the search bar; it says the state."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
) -> None:
    """List the media of the library, newest first."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    wanted = librarian.query(
        platform=platform, author=author, kind=kind, text=text, state=state, query=query
    )
    run(librarian.media(setup.begin(), wanted, as_json=json, limit=limit))


def posts(
    *,
    json: Json = False,
    platform: Annotated[str | None, typer.Option(help="Of one platform.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
) -> None:
    """List the posts of the library, newest first."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    run(librarian.posts(setup.begin(), platform=platform, as_json=json, limit=limit))


def trash(ids: Ids) -> None:
    """Put media into the recycle bin. They are not fetched again."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    run(librarian.trash(setup.begin(), ids))


def restore(
    what: Annotated[
        list[str], typer.Argument(help="Numbers of trashed media, or the file of a backup.")
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Bring media back from the recycle bin to where they were, or the database from a backup."""
    from gatherum.cli import backing_up, librarian, setup  # noqa: PLC0415

    if all(word.isdecimal() for word in what):
        run(librarian.restore(setup.begin(), [int(word) for word in what]))
    elif len(what) == 1:
        run(backing_up.bring_back(setup.begin(), Path(what[0]), yes=yes))
    else:
        raise typer.BadParameter("Numbers of media, or one file of a backup.")


def purge(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers of trashed media.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Empty the recycle bin.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete trashed media for ever. That they were deleted is remembered."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    run(librarian.purge(setup.begin(), ids or [], everything=everything, yes=yes))


def allow(ids: Ids) -> None:
    """Let purged media be fetched again, and fetch them."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    run(librarian.allow(setup.begin(), ids))
