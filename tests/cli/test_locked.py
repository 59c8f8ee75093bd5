"""Commands beside a program that holds the write lock of the database."""

import sqlite3
from contextlib import closing

from tests.e2e.program import Gatherum


def test_what_writes_says_who_is_in_the_way_and_what_reads_goes_on(program: Gatherum) -> None:
    with closing(sqlite3.connect(program.data / "gatherum.db", isolation_level=None)) as other:
        other.execute("begin immediate")

        for wanting in (
            ["get", "https://files.example/a.jpg"],
            ["config", "set", "network.pace", "1"],
        ):
            ran = program(*wanting)
            assert (ran.code, "lock of gatherum.db" in ran.err) == (4, True), ran

        assert program("media").code == 0
        assert program("config", "get", "network.pace").out == "0.0\n"
