"""Logging: facts with fields, to standard error, as lines for people or as JSON. Never a secret.

The latest lines stay in memory as well, for those who look at them in a browser.
"""

import json
import logging
import re
import secrets
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN: Final = "[hidden]"
SECRET_NAMES: Final = re.compile(
    r"passw|passphrase|secret|token|cookie|authorization|credential|api.?key|otpauth|recovery.?code",
    re.IGNORECASE,
)
# Secrets by their form, wherever they stand: in a message, in an address, in the text of an error.
SECRET_FORMS: Final = (
    re.compile(r"\bgth_[\w.~+/=-]+"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"),  # JSON web tokens
    re.compile(r"otpauth://\S+", re.IGNORECASE),
    re.compile(r"(?<=://)[^/\s@]+(?=@)"),  # a name and a password in an address
    re.compile(r"(?<=bearer )\S+|(?<=basic )\S+", re.IGNORECASE),
    re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])"),  # 256 bits, as we write them
    re.compile(
        r"""(?:(?<=sid=)|(?<=token=)|(?<=password=)|(?<=secret=)|(?<=api_key=))[^\s&;"']+""",
        re.IGNORECASE,
    ),
    re.compile(
        r"""(?:(?<=cookie:)|(?<=cookie":)|(?<=cookie':)|(?<=authorization:)|(?<=authorization":)"""
        r"""|(?<=authorization':)|(?<=x-api-key:)|(?<=x-api-key":)|(?<=x-api-key':))[^\n]+""",
        re.IGNORECASE,
    ),
    re.compile(r"(?<=\[parameters: ).+", re.IGNORECASE),  # what a statement was bound to
)
CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
KEPT: Final = 5000  # lines
LONGEST_VALUE: Final = 4000  # characters of a value that is kept
MOST_VALUES: Final = 40  # of a line
METHODS: Final = {"exception": "ERROR", "warn": "WARNING"}
IN_DETAIL: Final = "_in_detail"  # a field: of this line, only `debug` writes anything
TRACES: Final = ("exception", "stack")  # lines of our own source: they stand below the record
OWN_NAMES: Final = ("time", "level", "event", "job", "request")

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line of the log as it is kept: without secrets, each value with an end."""

    number: int  # in the order in which they were written
    time: str
    level: str
    event: str
    job: str | None
    request: str | None
    fields: Mapping[str, Value]


class Recent:
    """The latest lines of this process: never more than `most`. Any thread may write and read."""

    def __init__(self, most: int = KEPT) -> None:
        self._lines: deque[LogLine] = deque(maxlen=most)
        self._lock = threading.Lock()
        self._last = 0
        self.start: Final = secrets.token_hex(4)  # tells the lines of one process from another's

    def keep(self, record: Mapping[str, Any]) -> None:
        """Keep a record whose secrets are hidden already."""
        job, request = record.get("job"), record.get("request")
        names = [name for name in record if name not in OWN_NAMES and not name.startswith("_")]
        fields = {name: _bounded(record[name]) for name in names[:MOST_VALUES]}
        with self._lock:
            self._last += 1
            line = LogLine(
                number=self._last,
                time=str(record.get("time", "")),
                level=str(record.get("level", "info")),
                event=str(_bounded(str(record.get("event", "")))),
                job=None if job is None else str(job),
                request=None if request is None else str(request),
                fields=fields,
            )
            self._lines.append(line)

    def after(self, number: int) -> tuple[LogLine, ...]:
        """Return the lines that came after one, the oldest first."""
        with self._lock:
            return tuple(line for line in self._lines if line.number > number)


RECENT: Final = Recent()


def configure(*, level: str, form: str) -> None:
    """Set up logging for this process; `form` is `console` or `json`.

    Every record is one line (of a console, a trace stands below it), ours and those of the
    libraries; what looks like a secret is hidden in all of them. `RECENT` keeps ours from `info` on,
    even where `level` lets fewer of them be written. A line with `_in_detail=True` is for it alone,
    unless `level` is `debug`: a busy server writes thousands of them an hour.
    """
    number = logging.getLevelNamesMapping()[level.upper()]

    def write_from_level_on(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        detail = event.pop(IN_DETAIL, False) and number > logging.DEBUG
        if detail or logging.getLevelNamesMapping()[METHODS.get(method, method.upper())] < number:
            raise structlog.DropEvent
        return event

    last: list[Processor] = (
        [structlog.processors.JSONRenderer()]
        if form == "json"
        else [
            one_line,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), timestamp_key="time"),
        ]
    )
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
        hide_secrets,
        keep_recent,
    ]
    structlog.configure(
        processors=[*before, write_from_level_on, *last],
        wrapper_class=structlog.make_filtering_bound_logger(min(number, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide what a field's name, or the form of a value, says to be a secret."""
    return {name: _hidden(name, value) for name, value in event.items()}


def keep_recent(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep a line for those who look at the log in a browser."""
    RECENT.keep(one_line(_logger, _method, event))
    return event


def one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Write control characters as what they are, so that nobody's name draws lines of its own."""
    return {
        name: CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", value)
        if isinstance(value, str) and name not in TRACES
        else value
        for name, value in event.items()
    }


def _hidden(name: str, value: Any) -> Any:  # a value of any kind can be logged
    match value:
        case None | bool() | int() | float():
            return value
        case _ if SECRET_NAMES.search(name):
            return HIDDEN
        case str():
            return _without_secrets(value)
        case Mapping():
            return {key: _hidden(str(key), inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_hidden("", inner) for inner in value]
        case _:
            return _without_secrets(str(value))


def _bounded(value: Any) -> Value:  # a value of any kind can be logged
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    if len(text) <= LONGEST_VALUE:
        return text
    return "… " + text[-LONGEST_VALUE:]  # of a trace, the end tells most


def _without_secrets(text: str) -> str:
    for form in SECRET_FORMS:
        text = form.sub(HIDDEN, text)
    return text
