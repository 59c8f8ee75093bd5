"""What goes out and comes in again goes out the same, over everything that a person has put in.

Which columns those are is said here, for each one that there is: a new one fails until it is told.
"""

import inspect
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gatherum.curating.transfer import SubscriptionRecord, Transfer
from gatherum.db import Base, Database, Tx
from gatherum.db.preferences import Preferences
from gatherum.jobs.engine import DbosQueue
from gatherum.jobs.scheduler import Every, Scheduler
from gatherum.library.portability import MediaRecord, PostRecord, Record
from gatherum.library.tables import MediaRow, PostRow
from gatherum.library.tags import change_tags
from gatherum.model import MediaKind, Reason, Target
from gatherum.query.filter import Filter
from gatherum.settings import SECTIONS
from gatherum.subscriptions.follow import Subscriptions
from gatherum.subscriptions.model import Adaptive, options_of
from gatherum.subscriptions.timing import parse_timing, write_timing

Row = dict[str, Any]  # as JSON is
NOW = 1_790_000_000.0
# Tables of which nothing goes out, and why.
LEFT = {
    "credentials": {
        "account", "session", "api_key", "totp", "passkey", "recovery_code", "duo", "identity",
        "handshake", "invitation", "login", "login_standing", "hook", "browser_profile",
    },
    "of an account, and accounts stay here": {"saved_search"},
    "what this installation has done": {
        "audit", "decision", "decision_item", "job", "executor", "paused_lane", "ledger", "event",
        "hook_delivery", "post_version", "listing", "source", "throttle", "alembic_version",
    },
    "measured, or worked out from the rest": {
        "budget", "host", "link", "cache", "alarm", "provider_hour", "provider", "canary", "facts",
        "day_bucket", "media_count", "stored_day", "reason_count", "media_text",
    },
    "the bytes, which an import makes no claim of": {"file"},
}  # fmt: skip
# Of the others: the name in the line for each column, or None and why not.
TOLD: Mapping[str, Mapping[str, str]] = {
    "setting": {"section": "key", "values": "value"},
    "subscription": {
        name: name for name in ("platform", "host", "feed", "key", "url", "title", "filter", "limit")
    } | {"options": "values"},
    "schedule": {
        "every_s": "timing", "cron": "timing", "zone": "zone", "jitter_s": "jitter_s",
        "enabled": "paused",
    },
    "post": {
        "platform": "platform", "host": "host", "remote_id": "post", "url": "url",
        "author": "author", "caption": "caption", "links": "links", "posted_at": "posted_at",
        "gone_since": "gone_since", "versions": "versions",
    },
    "media": {
        "post_id": "post", "platform": "platform", "host": "host", "remote_id": "media",
        "position": "position", "kind": "kind", "state": "state", "reason": "reason",
        "detail": "detail", "url": "url", "filename": "filename", "width": "width",
        "height": "height", "duration": "duration", "posted_at": "posted_at",
        "edited_date": "edited_date", "description": "description", "favourite": "favourite",
    },
    "tag": {"name": "tags"},
    "media_tag": {"media_id": "media", "tag_id": "tags"},
}  # fmt: skip
KEPT_HERE: Mapping[str, set[str]] = {
    "setting": {"version"},
    "subscription": {
        "id", "created_at", "synced_at", "checked_at", "reason", "detail", "backfill_done", "version",
    },
    "schedule": {"id", "kind", "lane", "partition", "title", "payload", "next_at"},
    "post": {"id", "seen_at"},
    "media": {
        "id", "transport", "recipe", "expected_size", "attempt", "not_before", "owner",
        "lease_until", "etag", "part_ok", "file_id", "created_at", "stored_at", "trashed_at",
        "author_key", "mime", "size", "version", "shown_at",
    },
    "tag": {"id", "name_key"},
    "media_tag": set(),
}  # fmt: skip
RECORDS: Mapping[str, type[Record]] = {
    "subscription": SubscriptionRecord,
    "schedule": SubscriptionRecord,
    "post": PostRecord,
    "media": MediaRecord,
    "tag": MediaRecord,
    "media_tag": MediaRecord,
}


def test_of_every_column_it_is_said_whether_it_goes_out() -> None:
    left = set().union(*LEFT.values())

    for table in Base.metadata.tables.values():
        if table.name not in left:
            told, kept = set(TOLD.get(table.name, ())), KEPT_HERE.get(table.name, set())
            assert told | kept == set(table.columns.keys()), table.name
            assert not told & kept, table.name


@pytest.mark.parametrize("table", RECORDS)
def test_what_goes_out_is_taken_in(table: str) -> None:
    assert set(TOLD[table].values()) <= RECORDS[table].model_fields.keys()


def test_every_option_of_a_subscription_goes_out_but_its_login() -> None:
    options = set(inspect.signature(options_of).parameters) - {"login"}

    assert options <= SubscriptionRecord.model_fields.keys()


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
names = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
moments = st.none() | st.integers(0, 4_000_000_000)
intervals = st.integers(1, 366 * 24 * 60 // 2).map(lambda minutes: minutes * 60)


@st.composite
def timings(draw: st.DrawFn) -> tuple[str, str, float]:
    """The text, the zone and the jitter of a timing."""
    if draw(st.booleans()):
        zone = draw(st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]))
        return f"{draw(st.integers(0, 59))} 6 * * *", zone, draw(st.floats(0, 86_400))
    seconds = draw(intervals)
    return write_timing(Every(seconds=seconds)), "UTC", draw(st.floats(0, seconds))


subscriptions = st.lists(
    st.fixed_dictionaries(
        {
            "key": names,
            "title": words,
            "filter": st.sampled_from(["", "kind:image", "size<50MB text:sea"]),
            "limit": st.none() | st.integers(1, 10_000),
            "timing": timings(),
            "adaptive": st.none() | st.tuples(intervals, intervals).map(sorted),
            "paused": st.booleans(),
            "values": st.dictionaries(names, words, max_size=2),
        }
    ),
    max_size=4,
    unique_by=lambda one: str(one["key"]),
)
posts = st.fixed_dictionaries({
    "url": words, "author": words, "caption": words, "links": st.lists(words, max_size=2),
    "posted_at": moments, "gone_since": moments, "versions": st.integers(1, 9),
})  # fmt: skip
media = st.fixed_dictionaries({
    "url": words, "position": st.integers(1, 50), "kind": st.sampled_from(MediaKind),
    "state": st.sampled_from([
        ("failed", Reason.GONE), ("failed", Reason.CORRUPT), ("trashed", Reason.DELETED),
        ("skipped", Reason.FILTERED), ("skipped", Reason.KNOWN),
    ]),
    "detail": st.none() | words, "filename": st.none() | words,
    "width": st.none() | st.integers(0, 9999), "height": st.none() | st.integers(0, 9999),
    "duration": st.none() | st.floats(0, 9999), "posted_at": moments, "edited_date": moments,
    "description": st.none() | words, "favourite": st.booleans(),
    "tags": st.lists(st.sampled_from(["Sea", "dusk", "été", "two words"]), unique=True),
})  # fmt: skip
history = st.lists(st.tuples(posts, st.lists(media, max_size=3)), max_size=3)
switches = [
    f"{section}.{name}"
    for section, model in SECTIONS.items()
    for name, field in model.model_fields.items()
    if field.annotation is bool
]


@given(
    followed=subscriptions,
    posted=history,
    turned=st.sets(st.sampled_from(switches), max_size=4),
)
@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])  # shrinking takes minutes
async def test_what_goes_out_and_comes_in_goes_out_the_same(
    sqlite_template: Path,
    followed: list[Row],
    posted: list[tuple[Row, list[Row]]],
    turned: set[str],
) -> None:
    with library(sqlite_template) as (database, old), library(sqlite_template) as (_, new):
        for one in followed:
            await follow(old, one)
        for switch in turned:
            is_on = (await old._preferences.find(switch)).value == "true"
            await old._preferences.set(switch, "false" if is_on else "true")
        await database.write(lambda tx: write(tx, posted))

        told = await lines(old)
        report = await new.take_in(each(told), dry_run=False)

        assert report.refused == []
        assert [comparable(line) for line in await lines(new)] == [comparable(one) for one in told]
        assert {line["type"] for line in told} >= {"setting"}


@contextmanager
def library(template: Path) -> Iterator[tuple[Database, Transfer]]:
    """Offer an empty library and its way out and in."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(template, Path(folder) / "gatherum.db")
        database = Database(f"sqlite:///{folder}/gatherum.db")
        subscribed = Subscriptions(database, Scheduler(DbosQueue(database)), now=lambda: NOW)
        yield database, Transfer(database, Preferences(database), subscribed, lambda: NOW)
        database.close()


async def follow(into: Transfer, one: Row) -> None:
    text, zone, jitter = one["timing"]
    bounds = one["adaptive"]
    made = await into._subscriptions.follow(
        Target(
            platform="plaza", host="", feed="user", key=one["key"], url="", values=one["values"]
        ),
        title=one["title"],
        wanted=Filter.parse(one["filter"]),
        timing=parse_timing(text, zone=zone, jitter_s=jitter),
        limit=one["limit"],
        options=options_of(
            login=None,
            adaptive=bounds and Adaptive(shortest_s=bounds[0], longest_s=bounds[1]),
        ),
    )
    if one["paused"]:
        await into._subscriptions.pause(made.id)


def write(tx: Tx, posted: list[tuple[Row, list[Row]]]) -> None:
    for number, (post, offered) in enumerate(posted):
        own = {"platform": "plaza", "host": "", "seen_at": NOW}
        of_post = sa.insert(PostRow).values(**own, remote_id=f"p{number}", **post)
        post_id = tx.execute(of_post.returning(PostRow.id)).scalar_one()
        for place, one in enumerate(offered):
            values = {key: value for key, value in one.items() if key not in ("tags", "state")}
            state, reason = one["state"]
            of_media = sa.insert(MediaRow).values(
                **values,
                platform="plaza",
                host="",
                remote_id=f"m{number}-{place}",
                post_id=post_id,
                state=state,
                reason=reason,
                created_at=NOW,
                transport="http",
                recipe={},
                attempt=0,
                not_before=0,
                part_ok=0,
            )
            media_id = tx.execute(of_media.returning(MediaRow.id)).scalar_one()
            change_tags(tx, add={tag: [media_id] for tag in one["tags"]}, remove={})


async def lines(of: Transfer) -> list[Row]:
    chunks = [chunk async for chunk in await of.export("all", "jsonl")]
    return [json.loads(line) for line in b"".join(chunks).splitlines()]


async def each(told: list[Row]) -> AsyncIterator[bytes]:
    for line in told:
        yield json.dumps(line).encode() + b"\n"


def comparable(line: Row) -> Row:
    """Leave out the number that a thing has here, and what is said of bytes."""
    here = ("id", "path", "sha256", "size", "mime", "stored_at")
    return {key: value for key, value in line.items() if key not in here}
