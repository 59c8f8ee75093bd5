"""Connections to PostgreSQL: none hangs for ever, and what a broken one says is understood."""

import threading
from typing import Final, Protocol

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from gatherum.db.presence import Presence
from gatherum.safety.lines import Lines

OPTIONS: Final = {
    "application_name": "gatherum",
    "connect_timeout": 2,
    # Where no probe runs: a server that has vanished from the network is given up on.
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
}

TRY_S: Final = 0.2


class _Connection(Protocol):
    def fileno(self) -> int: ...


def make_postgres_engine(
    url: str, *, pool_size: int, presence: Presence | None = None
) -> sa.Engine:
    """Make an engine; with `presence` nobody even tries to connect while the database is away."""
    engine = _make(url, pool_size=pool_size)
    if presence is not None:
        _hold(engine, presence.lines)

        @sa.event.listens_for(engine, "do_connect")
        def _connect(*_: object) -> None:
            presence.check()

    return engine


def make_postgres_guest(url: str, *, presence: Presence, closing: threading.Event) -> sa.Engine:
    """Make an engine for a library that waits ever longer after each failure to connect.

    So it never sees one: until `closing` is set, whoever wants a connection is kept until there is one.
    """
    engine = _make(url, pool_size=10)
    _hold(engine, presence.lines)

    @sa.event.listens_for(engine, "do_connect")
    def _connect(
        dialect: sa.Dialect, _record: object, arguments: list[str], options: dict[str, str]
    ) -> object:
        while not closing.is_set():
            if presence.wait(TRY_S):
                try:
                    return dialect.connect(*arguments, **options)
                except psycopg.OperationalError:
                    presence.doubt()
                    closing.wait(TRY_S)
        return dialect.connect(*arguments, **options)

    return engine


def is_lost(error: DBAPIError) -> bool:
    """Return whether the server is not there, or the connection to it has broken."""
    state = getattr(error.orig, "sqlstate", None)
    refused = isinstance(error, OperationalError) and state is None  # nobody listens there
    # 57P0x: it shuts down, crashed, or starts up; 08xxx: the connection broke.
    return error.connection_invalidated or refused or str(state)[:4] in ("57P0", "0800")


def _make(url: str, *, pool_size: int) -> sa.Engine:
    return sa.create_engine(url, pool_size=pool_size, pool_pre_ping=True, connect_args=OPTIONS)


def _hold(engine: sa.Engine, lines: Lines) -> None:
    @sa.event.listens_for(engine, "connect")
    def _connected(connection: _Connection, _record: object) -> None:
        lines.add(connection, connection.fileno())

    @sa.event.listens_for(engine, "close")
    def _closed(connection: _Connection, _record: object) -> None:
        lines.drop(connection)

    @sa.event.listens_for(engine, "close_detached")
    def _closed_detached(connection: _Connection) -> None:
        lines.drop(connection)
