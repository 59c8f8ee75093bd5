"""Export and import: everything that a person has put in, as lines of JSON or tables of CSV."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Literal

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from gatherum.db import Database, Tx
from gatherum.db.preferences import Preferences, Recorded
from gatherum.errors import Conflict, InvalidInput, UserError
from gatherum.library.portability import (
    MediaRecord,
    PostRecord,
    Record,
    export_media,
    export_posts,
    import_records,
)
from gatherum.model import Target
from gatherum.query.filter import Filter
from gatherum.subscriptions.follow import Subscriptions
from gatherum.subscriptions.model import Adaptive, Subscription, options_of
from gatherum.subscriptions.timing import parse_timing, write_timing

What = Literal["all", "settings", "subscriptions", "posts", "media", "history"]
Form = Literal["jsonl", "csv"]
PARTS: Mapping[str, tuple[str, ...]] = {
    "all": ("settings", "subscriptions", "posts", "media"),
    "history": ("posts", "media"),
}
BATCH = 1000
LONGEST_LINE = 1 << 20
TOLD = 100  # refused lines that a report names
KINDS = ("setting", "subscription", "post", "media")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class SettingRecord(Record):
    """A setting as a line. Secrets are never written."""

    type: Literal["setting"]
    key: Annotated[str, Field(max_length=100)]
    value: Annotated[str, Field(max_length=10_000)]


class AdaptiveRecord(Record):
    """The bounds of adaptive checking."""

    shortest_s: float
    longest_s: float

    @property
    def bounds(self) -> Adaptive:
        """The bounds; `InvalidInput` if no schedule could have them."""
        return Adaptive(shortest_s=self.shortest_s, longest_s=self.longest_s)


class SubscriptionRecord(Record):
    """A subscription as a line."""

    type: Literal["subscription"]
    url: Annotated[str, Field(max_length=8000)]
    title: Annotated[str, Field(max_length=1000)] = ""
    platform: Annotated[str, Field(min_length=1, max_length=100)]
    host: Annotated[str, Field(max_length=300)] = ""
    feed: Annotated[str, Field(max_length=100)]
    key: Annotated[str, Field(max_length=2000)]
    values: Annotated[dict[str, str], Field(max_length=50, default_factory=dict)]
    filter: Annotated[str, Field(max_length=2000)] = ""
    limit: Annotated[int, Field(ge=1)] | None = None
    timing: Annotated[str, Field(max_length=200)] = "1d"
    zone: Annotated[str, Field(max_length=100)] = "UTC"
    jitter_s: float | None = None
    adaptive: AdaptiveRecord | None = None
    paused: bool = False


AnyRecord = Annotated[
    SettingRecord | SubscriptionRecord | PostRecord | MediaRecord, Field(discriminator="type")
]
RECORDS: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not taken."""

    line: int  # from 1
    why: str


@dataclass(slots=True)
class Report:
    """What an import did, or would do."""

    read: int = 0
    new: int = 0
    known: int = 0
    refused_count: int = 0
    refused: list[Refused] = field(default_factory=list)  # the first hundred

    def refuse(self, line: int, why: str) -> None:
        """Note a line that was not taken."""
        self.refused_count += 1
        if len(self.refused) < TOLD:
            self.refused.append(Refused(line, why))


class Transfer:
    """Writes everything out, and takes such lines in. Both stream: memory stays constant."""

    def __init__(
        self,
        database: Database,
        preferences: Preferences,
        subscriptions: Subscriptions,
        now: Callable[[], float],
    ) -> None:
        self._db = database
        self._preferences = preferences
        self._subscriptions = subscriptions
        self._now = now

    async def export(self, what: What, form: Form) -> AsyncIterator[bytes]:
        """Yield the lines of `what`; `InvalidInput` if that does not go into one table of CSV."""
        parts = PARTS.get(what, (what,))
        if form == "csv" and len(parts) > 1:
            raise InvalidInput("One table of CSV holds one thing: settings, subscriptions, ...")
        return self._lines(parts, _csv if form == "csv" else _jsonl)

    async def _lines(
        self, parts: Sequence[str], write: Callable[[list[dict[str, object]], bool], bytes]
    ) -> AsyncIterator[bytes]:
        first = True
        for part in parts:
            async for page in self._pages(part):
                yield write(page, first)
                first = False

    async def _pages(self, part: str) -> AsyncIterator[list[dict[str, object]]]:
        match part:
            case "settings":
                yield [
                    {"type": "setting", "key": one.key, "value": one.value}
                    for one in await self._preferences.list()
                    if not one.allowed.startswith("a secret")
                ]
            case "subscriptions":
                found = await self._subscriptions.list()
                if found:
                    yield [_subscription_line(one) for one in found]
            case "posts":
                async for page in export_posts(self._db):
                    yield page
            case _:
                async for page in export_media(self._db):
                    yield page

    async def take_in(
        self,
        chunks: AsyncIterator[bytes],
        *,
        dry_run: bool,
        closed: Collection[str] = (),
        recorded: Callable[[str], Recorded | None] = lambda _: None,
        told: Callable[[Report], None] = lambda _: None,
    ) -> Report:
        """Take lines in; `dry_run` changes nothing. What is known stays as it is: run it twice.

        Settings of the sections `closed` are refused, unless they are so already. `recorded` gives,
        for a section, what writes down that its settings change.
        """
        report, batch = Report(), _Batch()
        async for number, line in _split(chunks, report):
            report.read += 1
            try:
                record = RECORDS.validate_json(line)
            except ValidationError as error:
                report.refuse(number, _why(error))
                continue
            match record:
                case PostRecord():
                    batch.posts.append(record)
                case MediaRecord():
                    batch.media.append(record)
                case SettingRecord() | SubscriptionRecord():
                    await self._take_one(
                        record, number, report, dry_run=dry_run, closed=closed, recorded=recorded
                    )
            if batch.size >= BATCH:
                await self._flush(batch, report, dry_run=dry_run)
                told(report)
        await self._flush(batch, report, dry_run=dry_run)
        return report

    async def _flush(self, batch: "_Batch", report: Report, *, dry_run: bool) -> None:
        if batch.size == 0:
            return
        posts, media, now = list(batch.posts), list(batch.media), self._now()
        try:
            new = await self._db.write(
                lambda tx: _import(tx, posts, media, now, dry_run=dry_run), durable=not dry_run
            )
        except _DryRun as ended:
            new = ended.new
        report.new += new
        report.known += batch.size - new
        batch.posts.clear()
        batch.media.clear()

    async def _take_one(
        self,
        record: SettingRecord | SubscriptionRecord,
        number: int,
        report: Report,
        *,
        dry_run: bool,
        closed: Collection[str],
        recorded: Callable[[str], Recorded | None],
    ) -> None:
        try:
            if isinstance(record, SettingRecord):
                is_new = await self._take_setting(
                    record, dry_run=dry_run, closed=closed, recorded=recorded
                )
            else:
                is_new = await self._take_subscription(record, dry_run=dry_run)
        except UserError as error:
            report.refuse(number, str(error))
            return
        report.new += is_new
        report.known += not is_new

    async def _take_setting(
        self,
        record: SettingRecord,
        *,
        dry_run: bool,
        closed: Collection[str],
        recorded: Callable[[str], Recorded | None],
    ) -> bool:
        section = record.key.partition(".")[0]
        present = await self._preferences.find(record.key)
        if present.value == record.value:
            return False
        if present.allowed.startswith("a secret"):
            raise InvalidInput("A secret is not taken from a file: set it by hand.")
        if section in closed:
            raise InvalidInput("What decides who gets in is not taken this way: set it by hand.")
        if present.locked is not None:
            raise Conflict(f"{present.locked} in the environment sets it.")
        if not dry_run:
            await self._preferences.set(record.key, record.value, recorded=recorded(section))
        return True

    async def _take_subscription(self, record: SubscriptionRecord, *, dry_run: bool) -> bool:
        target = Target(
            platform=record.platform,
            host=record.host,
            feed=record.feed,
            key=record.key,
            url=record.url,
            values=record.values,
        )
        wanted = Filter.parse(record.filter)
        timing = parse_timing(record.timing, zone=record.zone, jitter_s=record.jitter_s)
        adaptive = None if record.adaptive is None else record.adaptive.bounds
        if await self._subscriptions.find(target) is not None:
            return False
        if not dry_run:
            made = await self._subscriptions.follow(
                target,
                title=record.title,
                wanted=wanted,
                timing=timing,
                limit=record.limit,
                options=options_of(login=None, adaptive=adaptive),
            )
            if record.paused:
                await self._subscriptions.pause(made.id)
        return True


@dataclass(slots=True)
class _Batch:
    posts: list[PostRecord] = field(default_factory=list)
    media: list[MediaRecord] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.posts) + len(self.media)


class _DryRun(Exception):
    """Takes a transaction back, with what it would have done."""

    def __init__(self, new: int) -> None:
        super().__init__()
        self.new = new


def _import(
    tx: Tx,
    posts: Sequence[PostRecord],
    media: Sequence[MediaRecord],
    now: float,
    *,
    dry_run: bool,
) -> int:
    new = import_records(tx, posts, media, now)
    if dry_run:
        raise _DryRun(new)
    return new


async def _split(chunks: AsyncIterator[bytes], report: Report) -> AsyncIterator[tuple[int, bytes]]:
    """Yield numbered lines; one that is too long is refused without being kept."""
    rest, number, skipping = b"", 0, False
    async for chunk in chunks:
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        for line in lines:
            number += 1
            if skipping:
                skipping = False
            elif line.strip():
                yield number, line
        if len(rest) > LONGEST_LINE:
            if not skipping:
                report.read += 1
                report.refuse(number + 1, "The line is longer than a megabyte.")
            rest, skipping = b"", True
    if rest.strip() and not skipping:
        yield number + 1, rest


def _subscription_line(one: Subscription) -> dict[str, object]:
    return {
        "type": "subscription",
        "url": one.target.url,
        "title": one.title,
        "platform": one.target.platform,
        "host": one.target.host,
        "feed": one.target.feed,
        "key": one.target.key,
        "values": dict(one.target.values),
        "filter": str(one.filter),
        "limit": one.limit,
        "timing": write_timing(one.timing),
        "zone": getattr(one.timing, "zone", "UTC"),
        "jitter_s": one.timing.jitter_s,
        "adaptive": None if one.adaptive is None else asdict(one.adaptive),
        "paused": one.paused,
    }


def _jsonl(page: list[dict[str, object]], first: bool) -> bytes:  # noqa: FBT001, ARG001
    return b"".join(orjson.dumps(line) + b"\n" for line in page)


def _csv(page: list[dict[str, object]], first: bool) -> bytes:  # noqa: FBT001
    text = io.StringIO()
    writer = csv.DictWriter(text, list(page[0]), lineterminator="\r\n")
    if first:
        writer.writeheader()
    for line in page:
        writer.writerow({name: _cell(value) for name, value in line.items()})
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    if isinstance(value, list | dict):
        value = orjson.dumps(value).decode()
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def _why(error: ValidationError) -> str:
    fault = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in fault["loc"] if part not in KINDS)
    return f"{place}: {fault['msg']}" if place else fault["msg"]
