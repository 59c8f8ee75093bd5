"""What commands print: lines for people, JSON lines for scripts, and the exit codes of the contract."""

import json
import re
import sys
from collections.abc import Mapping
from enum import IntEnum
from typing import Final

import typer

from gatherum.library.browse import MediaView, PostView
from gatherum.model import Reason
from gatherum.moments import iso


class Exit(IntEnum):
    """Exit codes; the gravest wins: STORAGE, LOGIN, FAILED, OK."""

    OK = 0
    FAILED = 1
    USAGE = 2
    LOGIN = 3
    STORAGE = 4
    INTERRUPTED = 130


SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
GRAVITY = (Exit.OK, Exit.FAILED, Exit.LOGIN, Exit.STORAGE)


def exit_for(reason: Reason | str | None) -> Exit:
    """Return the exit code that a failure with this reason asks for."""
    match reason:
        case None:
            return Exit.OK
        case Reason.LOGIN_REQUIRED | Reason.CHALLENGE:
            return Exit.LOGIN
        case Reason.DISK_FULL:
            return Exit.STORAGE
        case _:
            return Exit.FAILED


def graver(one: Exit, other: Exit) -> Exit:
    """Return the graver of two exit codes."""
    return max(one, other, key=GRAVITY.index)


def print_json(line: Mapping[str, object]) -> None:
    r"""Print one object on one line of standard output, at once.

    Bytes of a name or link that are not UTF-8 are lone surrogates: `\udcXX`.
    """
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.write(SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Tell a person something, on standard error."""
    typer.echo(text, err=True)


def media_line(view: MediaView) -> dict[str, object]:
    """Return a media as the contract has it."""
    return {
        "type": "media",
        "id": str(view.id),
        "platform": view.platform,
        "post": view.post,
        "media": view.media,
        "url": view.url,
        "state": view.state,
        "reason": view.reason,
        "detail": view.detail,
        "path": view.path,
        "sha256": view.sha256,
        "size": view.size,
        "posted_at": iso(view.posted_at),
        "caption": view.caption,
    }


def post_line(view: PostView) -> dict[str, object]:
    """Return a post as the contract has it."""
    return {
        "type": "post",
        "platform": view.platform,
        "post": view.post,
        "url": view.url,
        "author": view.author,
        "caption": view.caption,
        "posted_at": iso(view.posted_at),
        "media": list(view.media),
        "versions": view.versions,
        "gone_since": iso(view.gone_since),
    }


def one_line(text: str, *, width: int = 100) -> str:
    r"""Return text of others fit for a terminal: no control characters, one line, cut.

    Bytes that are not UTF-8 are shown as `\xNN`.
    """
    plain = "".join(map(_shown, text))
    return plain if len(plain) <= width else plain[: width - 1] + "…"


def _shown(char: str) -> str:
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char if char.isprintable() else " "
