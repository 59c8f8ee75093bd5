"""The command line. Each command imports what it needs when it runs: `--help` must be quick."""

import asyncio
import sys
from collections.abc import Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="gatherum",
    help="Follow the posts you care about, and keep their pictures and videos in a library you own.",
    epilog="Begin with: gatherum get LINK. Everything lives in GATHERUM_DATA_DIR "
    "(without it: ~/.local/share/gatherum). Exit codes: 0 all well, 1 something failed, 2 bad usage, "
    "3 a login is needed, 4 the disk is full or read-only, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
subscriptions = typer.Typer(
    name="subscriptions", help="Show and change what is followed.", no_args_is_help=True
)
queue = typer.Typer(name="queue", help="Show and steer the jobs.", no_args_is_help=True)
config = typer.Typer(name="config", help="Read and change the settings.", no_args_is_help=True)
accounts = typer.Typer(
    name="accounts", help="Show and change who may use the server.", no_args_is_help=True
)
extractors = typer.Typer(
    name="extractors",
    help="Show and change the versions of yt-dlp and gallery-dl.",
    no_args_is_help=True,
)
app.add_typer(subscriptions)
app.add_typer(queue)
app.add_typer(config)
app.add_typer(accounts)
logins = typer.Typer(name="logins", help="Show and make logins of platforms.", no_args_is_help=True)
app.add_typer(logins)
app.add_typer(extractors)

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for scripts.")]


class What(StrEnum):
    """What an export holds."""

    ALL = "all"
    SETTINGS = "settings"
    SUBSCRIPTIONS = "subscriptions"
    POSTS = "posts"
    MEDIA = "media"
    HISTORY = "history"


class Form(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


Ids = Annotated[list[int], typer.Argument(help="Numbers of media, as `gatherum media` shows them.")]
RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="admin, editor or viewer.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password's line from standard input.")
]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="FILE|-", help="Read links from a file, or from standard input."
    ),
]


def main() -> None:
    """Run the command line; errors of ours become one sentence and an exit code."""
    from gatherum.errors import GatherumError, StorageError, UserError  # noqa: PLC0415

    try:
        app()
    except StorageError as error:
        typer.echo(f"gatherum: {error}", err=True)
        sys.exit(4)
    except UserError as error:
        typer.echo(f"gatherum: {error}", err=True)
        sys.exit(2)
    except GatherumError as error:
        typer.echo(f"gatherum: {error}", err=True)
        sys.exit(1)


def _run(command: Coroutine[object, object, int | None]) -> None:
    import uvloop  # noqa: PLC0415

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            code = runner.run(command)
    except KeyboardInterrupt as interrupt:  # before typer sees it, which says nothing
        typer.echo("Interrupted. What was begun goes on at the next run.", err=True)
        raise typer.Exit(130) from interrupt
    if code:
        raise typer.Exit(int(code))


@app.command()
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
    _run(getting.get(settings, lines, as_json=json, limit=limit, cookies=cookies))


@app.command()
def explain(
    urls: Annotated[list[str] | None, typer.Argument(help="Links.")] = None,
    *,
    source: From = None,
    json: Json = False,
) -> None:
    """Say what a link is and who would list it, without any request."""
    from gatherum.cli import explaining, getting, setup  # noqa: PLC0415

    settings = setup.begin()
    _run(explaining.explain(settings, getting.read_lines(urls or [], source), as_json=json))


@app.command()
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

    _run(
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


@app.command()
def sync(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Subscriptions; none: all of them.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Check subscriptions now, and wait until they are up to date."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    _run(following.sync(setup.begin(), numbers or [], as_json=json))


@subscriptions.command("list")
def subscriptions_list(*, json: Json = False) -> None:
    """Show what is followed, and when it is checked next."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    _run(following.show(setup.begin(), as_json=json))


@subscriptions.command("pause")
def subscriptions_pause(number: int) -> None:
    """Let a subscription rest."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    _run(following.pause(setup.begin(), number))


@subscriptions.command("resume")
def subscriptions_resume(number: int) -> None:
    """Let a subscription go on; what it missed is caught up once."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    _run(following.resume(setup.begin(), number))


@subscriptions.command("remove")
def subscriptions_remove(number: int) -> None:
    """Follow no longer. What it brought stays in the library."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    _run(following.remove(setup.begin(), number))


@subscriptions.command("set")
def subscriptions_set(
    number: int,
    *,
    every: Annotated[str | None, typer.Option(help="An interval or a cron expression.")] = None,
    zone: Annotated[str, typer.Option(help="The time zone of a cron expression.")] = "UTC",
    wanted: Annotated[str | None, typer.Option("--filter", help="What to keep.")] = None,
) -> None:
    """Change when a subscription is checked, or what it keeps."""
    from gatherum.cli import following, setup  # noqa: PLC0415

    _run(following.change(setup.begin(), number, every=every, zone=zone, wanted=wanted))


@queue.command("list")
def queue_list(
    *,
    json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="Ended jobs, too.")] = False,
) -> None:
    """Show the jobs, newest first, with the reason and time of the next try."""
    from gatherum.cli import queueing, setup  # noqa: PLC0415

    _run(queueing.show(setup.begin(), as_json=json, everything=everything))


@queue.command("cancel")
def queue_cancel(job: str) -> None:
    """End a job; what it has stored stays."""
    from gatherum.cli import queueing, setup  # noqa: PLC0415

    _run(queueing.cancel(setup.begin(), job))


@queue.command("pause")
def queue_pause(
    lane: Annotated[str, typer.Argument(help="interactive, sync or housekeeping")],
    platform: Annotated[str, typer.Argument(help="One platform of it only.")] = "",
) -> None:
    """Let nothing of a lane run until it is resumed."""
    from gatherum.cli import queueing, setup  # noqa: PLC0415

    _run(queueing.pause(setup.begin(), lane, platform))


@queue.command("resume")
def queue_resume(
    lane: Annotated[str, typer.Argument(help="interactive, sync or housekeeping")],
    platform: Annotated[str, typer.Argument(help="One platform of it only.")] = "",
) -> None:
    """Let a paused lane go on."""
    from gatherum.cli import queueing, setup  # noqa: PLC0415

    _run(queueing.resume(setup.begin(), lane, platform))


@app.command()
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
    _run(librarian.media(setup.begin(), wanted, as_json=json, limit=limit))


@app.command()
def posts(
    *,
    json: Json = False,
    platform: Annotated[str | None, typer.Option(help="Of one platform.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
) -> None:
    """List the posts of the library, newest first."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    _run(librarian.posts(setup.begin(), platform=platform, as_json=json, limit=limit))


@app.command()
def trash(ids: Ids) -> None:
    """Put media into the recycle bin. They are not fetched again."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    _run(librarian.trash(setup.begin(), ids))


@app.command()
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
        _run(librarian.restore(setup.begin(), [int(word) for word in what]))
    elif len(what) == 1:
        _run(backing_up.bring_back(setup.begin(), Path(what[0]), yes=yes))
    else:
        raise typer.BadParameter("Numbers of media, or one file of a backup.")


@app.command()
def backup(
    *,
    to: Annotated[Path | None, typer.Option(help="The file to write; never replaces one.")] = None,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Put the key of stored secrets beside it.")
    ] = False,
) -> None:
    """Copy the database while it runs, and verify the copy. Files of the library are not in it."""
    from gatherum.cli import backing_up, setup  # noqa: PLC0415

    _run(backing_up.back_up(setup.begin(), to, with_key=with_key))


@app.command()
def purge(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers of trashed media.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Empty the recycle bin.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete trashed media for ever. That they were deleted is remembered."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    _run(librarian.purge(setup.begin(), ids or [], everything=everything, yes=yes))


@app.command()
def allow(ids: Ids) -> None:
    """Let purged media be fetched again, and fetch them."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    _run(librarian.allow(setup.begin(), ids))


@app.command()
def check(
    *,
    json: Json = False,
    quick: Annotated[bool, typer.Option("--quick", help="Compare presence and size only.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Fetch damaged and missing files again.")
    ] = False,
) -> None:
    """Read every byte of the library again, and tell what is damaged, missing or a stranger."""
    from gatherum.cli import librarian, setup  # noqa: PLC0415

    _run(librarian.check(setup.begin(), as_json=json, quick=quick, repair=repair))


@app.command()
def process(
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Try files again that could not be shown.")
    ] = False,
) -> None:
    """Look into stored files that nobody has looked into, for facts and thumbnails, and wait for it."""
    from gatherum.cli import processing, setup  # noqa: PLC0415

    _run(processing.process(setup.begin(), again=again))


@app.command()
def export(
    *,
    what: Annotated[
        What, typer.Option(help="all, settings, subscriptions, posts, media or history.")
    ] = What.ALL,
    form: Annotated[
        Form, typer.Option("--format", help="jsonl, or csv for one table.")
    ] = Form.JSONL,
) -> None:
    """Write what was put in as lines, to standard output; neither secrets nor files are in it."""
    from gatherum.cli import setup, transferring  # noqa: PLC0415

    _run(transferring.export(setup.begin(), what.value, form.value))


@app.command("import")
def import_(
    file: Annotated[
        str, typer.Argument(help="Lines as `gatherum export` writes them; - is stdin.")
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell only what would be done.")
    ] = False,
) -> None:
    """Take in lines of an export. What is known here stays as it is."""
    from gatherum.cli import setup, transferring  # noqa: PLC0415

    _run(transferring.take_in(setup.begin(), file, dry_run=dry_run))


@config.command("list")
def config_list(*, json: Json = False) -> None:
    """Show all settings, their defaults and what they mean."""
    from gatherum.cli import configuring, setup  # noqa: PLC0415

    _run(configuring.show(setup.begin(), as_json=json))


@config.command("get")
def config_get(key: Annotated[str, typer.Argument(metavar="SECTION.KEY")]) -> None:
    """Print one setting."""
    from gatherum.cli import configuring, setup  # noqa: PLC0415

    _run(configuring.get(setup.begin(), key))


@config.command("set")
def config_set(
    key: Annotated[str, typer.Argument(metavar="SECTION.KEY")],
    value: Annotated[str | None, typer.Argument(help="Without it: back to the default.")] = None,
) -> None:
    """Change one setting."""
    from gatherum.cli import configuring, setup  # noqa: PLC0415

    _run(configuring.change(setup.begin(), key, value))


@accounts.command("list")
def accounts_list(*, json: Json = False) -> None:
    """Show all accounts."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    _run(accounting.show(setup.begin(), as_json=json))


@accounts.command("add")
def accounts_add(
    name: str,
    *,
    role: Annotated[str, typer.Option(help="admin, editor or viewer.")] = "viewer",
    password_stdin: FromStdin = False,
    invite: Annotated[
        bool, typer.Option("--invite", help="Print a token with which they choose a password.")
    ] = False,
) -> None:
    """Make an account. The password is asked for, never an argument."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    _run(accounting.add(setup.begin(), name, role=role, from_stdin=password_stdin, invite=invite))


@accounts.command("role")
def accounts_role(name: str, role: RoleName) -> None:
    """Give an account another role."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    _run(accounting.set_role(setup.begin(), name, role))


@accounts.command("disable")
def accounts_disable(name: str) -> None:
    """Shut an account out: its sessions end, its keys do nothing."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    _run(accounting.set_disabled(setup.begin(), name, disabled=True))


@accounts.command("enable")
def accounts_enable(name: str) -> None:
    """Let a disabled account in again."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    _run(accounting.set_disabled(setup.begin(), name, disabled=False))


@accounts.command("remove")
def accounts_remove(
    name: str, *, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove an account with its sessions, keys and factors. The library stays as it is."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    _run(accounting.remove(setup.begin(), name, yes=yes))


@accounts.command("reset")
def accounts_reset(
    name: str,
    *,
    password_stdin: FromStdin = False,
    token: Annotated[
        bool, typer.Option("--token", help="Print a token with which they choose a password.")
    ] = False,
) -> None:
    """Give an account a new password. Its second factors stay."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    _run(accounting.reset(setup.begin(), name, from_stdin=password_stdin, token=token))


@accounts.command("sign-out")
def accounts_sign_out(name: str) -> None:
    """Sign an account out everywhere."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    _run(accounting.sign_out(setup.begin(), name))


@accounts.command("reset-factors")
def accounts_reset_factors(name: str) -> None:
    """Take all second factors from somebody who has lost them."""
    from gatherum.cli import accounting, setup  # noqa: PLC0415

    _run(accounting.reset_factors(setup.begin(), name))


@logins.command("list")
def logins_list(*, json: Json = False) -> None:
    """Show where there are logins; what their cookies say is never shown."""
    from gatherum.cli import entering, setup  # noqa: PLC0415

    _run(entering.show(setup.begin(), as_json=json))


@logins.command("sign-in")
def logins_sign_in(
    forum: Annotated[str, typer.Argument(help="A forum's host, or any link to it.")],
    *,
    name: Annotated[str, typer.Option(help="Your name there.")] = "",
    password_stdin: FromStdin = False,
    code: Annotated[
        str | None, typer.Option(help="The code of a second factor, if you have one there.")
    ] = None,
) -> None:
    """Sign in to a forum once, and keep its cookies as a login. The password is kept nowhere."""
    from gatherum.cli import entering, setup  # noqa: PLC0415

    _run(entering.sign_in(setup.begin(), forum, name=name, from_stdin=password_stdin, code=code))


@app.command()
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
        _run(probing.probe(setup.begin(), urls or [], as_json=json))
    elif urls:
        raise typer.BadParameter("Links are looked at with --live only.")
    else:
        _run(examining.doctor(setup.begin(), as_json=json))


@app.command()
def providers(
    *,
    json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="Those never tried, too.")] = False,
) -> None:
    """Show how each way to a platform does: its success rates, last failure, and its canaries."""
    from gatherum.cli import setup, surveying  # noqa: PLC0415

    _run(surveying.show(setup.begin(), as_json=json, everything=everything))


Package = Annotated[
    str | None, typer.Argument(metavar="NAME", help="yt-dlp or gallery-dl; none: both.")
]


@extractors.command("list")
def extractors_list(*, json: Json = False) -> None:
    """Show which versions came with Gatherum, which are used, and which one went back to."""
    from gatherum.cli import setup, updating  # noqa: PLC0415

    _run(updating.show(setup.begin(), as_json=json))


@extractors.command("check")
def extractors_check(name: Package = None) -> None:
    """Ask the package index whether there are newer versions; nothing is installed."""
    from gatherum.cli import setup, updating  # noqa: PLC0415

    _run(updating.check(setup.begin(), name))


@extractors.command("update")
def extractors_update(
    name: Package = None,
    *,
    version: Annotated[
        str | None, typer.Option(help="This one rather than the newest; it needs a NAME.")
    ] = None,
) -> None:
    """Install a newer version beside, probe it, and use it if it is well."""
    from gatherum.cli import setup, updating  # noqa: PLC0415

    if version is not None and name is None:
        raise typer.BadParameter("A version is that of one extractor: name it.")
    _run(updating.update(setup.begin(), name, version))


@extractors.command("rollback")
def extractors_rollback(
    name: Annotated[str, typer.Argument(metavar="NAME", help="yt-dlp or gallery-dl.")],
) -> None:
    """Use the version from before again."""
    from gatherum.cli import setup, updating  # noqa: PLC0415

    _run(updating.roll_back(setup.begin(), name))


@app.command()
def serve(
    *,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave the jobs to `gatherum worker`.")
    ] = False,
) -> None:
    """Run the server: subscriptions are checked, jobs performed, and a health page served."""
    from gatherum.cli import serving, setup  # noqa: PLC0415

    _run(serving.serve(setup.begin(), worker=not no_worker))


@app.command()
def worker() -> None:
    """Perform jobs, on this machine, for a database that several share."""
    from gatherum.cli import serving, setup  # noqa: PLC0415

    _run(serving.work(setup.begin()))


@app.command()
def demo() -> None:
    """Start a small platform of our own on this machine, and show the main job with it."""
    from gatherum.cli import demonstrating  # noqa: PLC0415

    _run(demonstrating.demo())


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as find  # noqa: PLC0415

    typer.echo(find("gatherum"))
