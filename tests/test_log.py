"""The log: one line a record, in a form that machines read, and no secret in any field."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from gatherum import log

TOKEN = "Zk3vY0mXn8qTq1wS7cR5bL2pJ9hG4fD6aE0iU-o_yVx"  # as `secrets.token_urlsafe(32)` gives them
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
KEY = "gth_0123456789ab_s3cr3tpart-of_the.key12345678"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What comes to standard error."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


@pytest.fixture
def logger(
    request: pytest.FixtureRequest, told: io.StringIO
) -> Iterator[structlog.stdlib.BoundLogger]:
    """A logger that is configured as the program's, in JSON or as the parameter says."""
    before = logging.getLogger().handlers[:]
    logging.getLogger().handlers.clear()  # they are the test runner's, which still needs them
    log.configure(level="debug", form=getattr(request, "param", "json"))
    assert sys.stderr is told
    yield structlog.get_logger()
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before


def records(told: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_a_record_says_when_how_grave_and_what(
    logger: structlog.stdlib.BoundLogger, told: io.StringIO
) -> None:
    with structlog.contextvars.bound_contextvars(request="r1", job="j1"):
        logger.warning("path_taken", file=7)

    (record,) = records(told)

    assert str(record.pop("time")).endswith("Z")
    assert record == {
        "level": "warning",
        "event": "path_taken",
        "file": 7,
        "request": "r1",
        "job": "j1",
    }


@pytest.mark.parametrize(("level", "written"), [("debug", ["a", "b"]), ("info", ["b"])])
def test_what_is_in_detail_is_kept_but_written_only_where_that_is_wanted(
    level: str, written: list[str], told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, kept = logging.getLogger().handlers[:], log.Recent()
    monkeypatch.setattr(log, "RECENT", kept)
    monkeypatch.setattr(sys, "stderr", told)
    logging.getLogger().handlers.clear()
    log.configure(level=level, form="json")
    logger = structlog.get_logger()

    logger.info("a", _in_detail=True)
    logger.info("b", _in_detail=False)

    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before
    assert [record["event"] for record in records(told)] == written
    assert not any(log.IN_DETAIL in record for record in records(told))
    assert [line.event for line in kept.after(0)] == ["a", "b"]


@pytest.mark.parametrize(
    ("field", "value", "secret"),
    [
        ("password", "correct horse", "horse"),
        ("new_password", "correct horse", "horse"),
        ("cookies", {"sessionid": "abc123"}, "abc123"),
        ("setup_token", "short", "short"),
        ("client_secret", "s3", "s3"),
        ("api_key", "k", '"k"'),
        ("headers", {"Authorization": "Bearer abc.def"}, "abc.def"),
        ("headers", [("x", f"Bearer {TOKEN}")], TOKEN),
        ("detail", f"the key {KEY} is used", "s3cr3tpart"),
        ("detail", f"token {JWT}", "c2lnbmF0dXJl"),
        ("detail", f"Cookie: a=1; __Host-sid={TOKEN}", "a=1"),
        ("detail", f"sid={TOKEN[:20]}", TOKEN[:20]),
        ("detail", f"it was {TOKEN}.", TOKEN),
        ("url", "https://me:hunter2@site.example/a", "hunter2"),
        ("url", "https://site.example/a?token=abc&x=1", "abc"),
        ("uri", "otpauth://totp/Gatherum:me?secret=JBSWY3DP", "JBSWY3DP"),
        ("error", ValueError("password=hunter2 is wrong"), "hunter2"),
        ("error", "(x) [SQL: select 1]\n[parameters: ('hunter2',)]", "hunter2"),
    ],
)
def test_a_secret_is_hidden_by_its_name_or_its_form(
    field: str,
    value: object,
    secret: str,
    logger: structlog.stdlib.BoundLogger,
    told: io.StringIO,
) -> None:
    logger.error("happened", **{field: value})

    line = told.getvalue()
    assert secret not in line
    assert log.HIDDEN in line
    assert len(line.splitlines()) == 1


def test_what_is_no_secret_stays(logger: structlog.stdlib.BoundLogger, told: io.StringIO) -> None:
    facts = {
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "url": "https://site.example/user@host/post?id=12345",
        "count": 3,
        "path": "library/reddit/alice/2026/2026-01-01_abc_1.jpg",
    }

    logger.info("stored", **facts)

    (record,) = records(told)
    assert facts.items() <= record.items()


def test_an_error_of_a_library_is_a_record_like_ours(
    logger: structlog.stdlib.BoundLogger,  # noqa: ARG001
    told: io.StringIO,
) -> None:
    try:
        raise RuntimeError(f"Authorization: Basic {KEY}")  # noqa: TRY301
    except RuntimeError:
        logging.getLogger("some.library").exception("failed for\n%s", TOKEN)

    (record,) = records(told)

    assert record["level"] == "error"
    assert "Traceback" in str(record["exception"])
    assert TOKEN not in str(record)
    assert KEY not in str(record)


@pytest.mark.parametrize("logger", ["json", "console"], indirect=True)
def test_a_name_with_line_breaks_and_colours_stays_on_its_line(
    logger: structlog.stdlib.BoundLogger, told: io.StringIO
) -> None:
    logger.warning("signed_in", name='eve\n{"event":"signed_in","name":"admin"}', agent="\x1b[2J")
    logging.getLogger("lib").warning("one\ntwo\x1b]0;title\x07")

    assert len(told.getvalue().splitlines()) == 2
    assert "\x1b" not in told.getvalue()


def test_a_line_that_is_kept_has_an_end_in_all_directions() -> None:
    recent = log.Recent(2)

    for _ in range(3):
        recent.keep({f"name{n}": "x" * 10_000 for n in range(1000)})

    kept = recent.after(0)
    assert [line.number for line in kept] == [2, 3]
    assert {len(line.fields) for line in kept} == {log.MOST_VALUES}
    longest = max(len(str(value)) for line in kept for value in line.fields.values())
    assert longest <= log.LONGEST_VALUE + 2
