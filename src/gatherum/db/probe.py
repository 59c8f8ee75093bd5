"""Asks a PostgreSQL server, again and again, whether it is there, through a connection of its own."""

import threading
import time

import psycopg
import sqlalchemy as sa
from psycopg import errors, generators

from gatherum.db.presence import Presence

EVERY_S = 0.5
SHORTEST_S = 0.1
SILENT_S = 2.0  # a server that says nothing for so long is away


class Probe:
    """A thread that looks while the probe is open. A server that answers neither yes nor no is away.

    Whoever waits for such a server on another connection hangs until `Presence` has cut it.
    """

    def __init__(self, url: sa.URL, presence: Presence) -> None:
        self._url = url
        self._presence = presence
        self._connection: psycopg.Connection | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="db-probe", daemon=True)

    def start(self) -> None:
        """Begin; the first look comes after a while, so that a short command pays nothing."""
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._closing.set()
        self._presence.doubt()
        self._thread.join()

    def _run(self) -> None:
        heard_at = time.monotonic()
        while True:
            self._presence.doubted.wait(EVERY_S)
            self._presence.doubted.clear()
            if self._closing.is_set():
                break
            if self._answers():
                heard_at = time.monotonic()
                self._presence.find()
            else:
                self._presence.lose(since=heard_at)
            self._closing.wait(SHORTEST_S)  # many may doubt it at once
        self._hang_up()

    def _answers(self) -> bool:
        if self._connection is not None:
            try:
                return self._ask(self._connection)
            except psycopg.Error:  # perhaps this connection is all that is broken
                self._hang_up()
        try:
            self._connection = self._connect()
            return self._ask(self._connection)
        except psycopg.Error:
            self._hang_up()
            return False

    def _ask(self, connection: psycopg.Connection) -> bool:
        connection.pgconn.send_query(b"select 1")
        try:
            connection.wait(generators.execute(connection.pgconn), timeout=SILENT_S)
        except errors._WaitTimeout:  # noqa: SLF001 - it has no public name
            self._hang_up()
            return False
        return connection.pgconn.status == psycopg.pq.ConnStatus.OK

    def _connect(self) -> psycopg.Connection:
        arguments, options = self._url.get_dialect()().create_connect_args(self._url)
        ours = {"connect_timeout": int(SILENT_S), "application_name": "gatherum probe"}
        return psycopg.connect(*arguments, **{**options, **ours}, autocommit=True)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
