"""Triggers of revision 0002: what must never differ from the rows is kept by the database itself.

`day_bucket`, `stored_day`, `media_count` and `reason_count` follow `media`; `event` gets a row for each change that people see, in
the transaction of the change. The states wanted, fetching and staged count as one, `open`: so the
steps of a download touch no shared row of the aggregates.
"""

OPEN = "('wanted','fetching','staged')"
DAY = "cast(floor({row}.shown_at / 86400.0) as integer)"
RATIO = "coalesce(1.0 * {row}.width / nullif({row}.height, 0), 1.0)"
BYTES = "coalesce({row}.size, 0)"
CLASS = f"case when {{row}}.state in {OPEN} then 'open' else {{row}}.state end"
SHOWN = "('stored','trashed','failed','skipped')"
# (table, its changes, the condition, kind, ref): one event for each row that meets the condition.
EVENTS = (
    ("job", "insert", "", "job", "new.id"),
    ("job", "update", "", "job", "new.id"),
    (
        "media",
        "update",
        (
            f"(new.state <> old.state and (new.state in {SHOWN} or old.state in {SHOWN}))"
            " or new.version <> old.version"
        ),
        "media",
        "new.id",
    ),
    ("subscription", "insert", "", "subscription", "new.id"),
    ("subscription", "update", "", "subscription", "new.id"),
    ("subscription", "delete", "", "subscription", "old.id"),
    (
        "schedule",
        "update",
        "substr(new.id, 1, 13) = 'subscription:' and (new.next_at <> old.next_at or new.enabled <> old.enabled)",
        "subscription",
        "substr(new.id, 14)",
    ),
    ("setting", "insert", "", "setting", "new.section"),
    ("setting", "update", "", "setting", "new.section"),
    ("paused_lane", "insert", "", "lane", "new.lane || ':' || new.partition"),
    ("paused_lane", "delete", "", "lane", "old.lane || ':' || old.partition"),
    ("decision", "insert", "", "decision", "new.id"),
    ("decision", "update", "", "decision", "new.id"),
    ("alarm", "insert", "", "alarm", "new.name"),
    ("alarm", "delete", "", "alarm", "old.name"),
    # Streams of events look anew at who may see them.
    (
        "account",
        "update",
        "new.role <> old.role or new.disabled <> old.disabled",
        "access",
        "new.id",
    ),
    ("account", "delete", "", "access", "old.id"),
    ("session", "delete", "", "access", "old.account_id"),
    ("api_key", "delete", "", "access", "old.account_id"),
)


STORED_DAY = "cast(floor({row}.stored_at / 86400.0) as integer)"
GROWS = "{row}.state = 'stored' and {row}.stored_at is not null"
FAILS = "{row}.state in ('failed','skipped') and {row}.reason is not null"

# The first event: so there is always one that is the oldest, and whoever has read it missed nothing.
START = "insert into event (xid, at, kind, ref) values (0, 0, 'start', '')"


def _leave(row: str) -> tuple[str, ...]:
    """Return the statements that take a row out of the aggregates."""
    return (
        (
            f"update day_bucket set count = count - 1, width = width - {RATIO.format(row=row)}"
            f" where day = {DAY.format(row=row)} and {row}.state = 'stored'"
        ),
        (
            f"update media_count set count = count - 1, bytes = bytes - {BYTES.format(row=row)}"
            f" where platform = {row}.platform and kind = {row}.kind"
            f" and state = {CLASS.format(row=row)}"
        ),
        (
            f"update stored_day set count = count - 1, bytes = bytes - {BYTES.format(row=row)}"
            f" where day = {STORED_DAY.format(row=row)} and {GROWS.format(row=row)}"
        ),
        (
            f"update reason_count set count = count - 1 where reason = {row}.reason"
            f" and {FAILS.format(row=row)}"
        ),
    )


def _enter(row: str) -> tuple[str, ...]:
    """Return the statements that take a row into the aggregates."""
    return (
        (
            "insert into day_bucket (day, count, width)"
            f" select {DAY.format(row=row)}, 1, {RATIO.format(row=row)} where {row}.state = 'stored'"
            " on conflict (day) do update"
            " set count = day_bucket.count + 1, width = day_bucket.width + excluded.width"
        ),
        (
            "insert into media_count (platform, kind, state, count, bytes)"
            f" select {row}.platform, {row}.kind, {CLASS.format(row=row)}, 1, {BYTES.format(row=row)}"
            " where true on conflict (platform, kind, state) do update"
            " set count = media_count.count + 1, bytes = media_count.bytes + excluded.bytes"
        ),
        (
            "insert into stored_day (day, count, bytes)"
            f" select {STORED_DAY.format(row=row)}, 1, {BYTES.format(row=row)}"
            f" where {GROWS.format(row=row)} on conflict (day) do update"
            " set count = stored_day.count + 1, bytes = stored_day.bytes + excluded.bytes"
        ),
        (
            f"insert into reason_count (reason, count) select {row}.reason, 1"
            f" where {FAILS.format(row=row)} on conflict (reason) do update"
            " set count = reason_count.count + 1"
        ),
    )


# Only what moves a row within the aggregates touches them.
MOVED = (
    f"({CLASS.format(row='new')}) <> ({CLASS.format(row='old')}) or new.kind <> old.kind"
    f" or {BYTES.format(row='new')} <> {BYTES.format(row='old')}"
    f" or (new.state = 'stored' and (new.shown_at <> old.shown_at"
    f" or {RATIO.format(row='new')} <> {RATIO.format(row='old')}"
    " or coalesce(new.stored_at, 0) <> coalesce(old.stored_at, 0)))"
    " or (coalesce(new.reason, '') <> coalesce(old.reason, '')"
    " and new.state in ('failed','skipped'))"
)


def sqlite_triggers() -> list[str]:
    """Return the statements that make the triggers on SQLite, and the first event."""
    made = [
        START,
        _sqlite("media_enters", "insert on media", "", _enter("new")),
        _sqlite("media_moves", "update on media", MOVED, _leave("old") + _enter("new")),
        _sqlite("media_leaves", "delete on media", "", _leave("old")),
    ]
    for table, change, condition, kind, ref in EVENTS:
        announce = (
            "insert into event (xid, at, kind, ref) values"
            f" (0, (julianday('now') - 2440587.5) * 86400.0, '{kind}', cast({ref} as text))"
        )
        made.append(
            _sqlite(f"{table}_{change}_seen", f"{change} on {table}", condition, (announce,))
        )
    return made


def _sqlite(name: str, when: str, condition: str, statements: tuple[str, ...]) -> str:
    guard = f" when {condition}" if condition else ""
    return f"create trigger {name} after {when}{guard} begin {'; '.join(statements)}; end"


def postgresql_triggers() -> list[str]:
    """Return the statements that make the functions and triggers on PostgreSQL, and the first event."""
    made = [
        START,
        *_postgresql("media_enters", "insert on media", "", _enter("new"), "new"),
        *_postgresql("media_moves", "update on media", MOVED, _leave("old") + _enter("new"), "new"),
        *_postgresql("media_leaves", "delete on media", "", _leave("old"), "old"),
    ]
    for table, change, condition, kind, ref in EVENTS:
        announce = (
            "insert into event (xid, at, kind, ref) values ((pg_current_xact_id()::text)::bigint,"
            f" extract(epoch from clock_timestamp()), '{kind}', cast({ref} as text))"
        )
        row = "old" if change == "delete" else "new"
        name = f"{table}_{change}_seen"
        made += _postgresql(name, f"{change} on {table}", condition, (announce,), row)
    return made


def _postgresql(
    name: str, when: str, condition: str, statements: tuple[str, ...], row: str
) -> tuple[str, str]:
    guard = f" when ({condition})" if condition else ""
    return (
        (
            f"create function {name}() returns trigger language plpgsql as"
            f" $$ begin {'; '.join(statements)}; return {row}; end $$"
        ),
        f"create trigger {name} after {when} for each row{guard} execute function {name}()",
    )
