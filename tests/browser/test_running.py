"""What is held open beside the tests goes with them, whatever becomes of them."""

import contextlib
import threading
from collections.abc import AsyncIterator

import pytest

from tests.browser.running import beside


def test_what_is_served_closes_where_the_body_fails() -> None:
    closed: list[bool] = []
    before = set(threading.enumerate())

    @contextlib.asynccontextmanager
    async def served() -> AsyncIterator[str]:
        yield "open"
        closed.append(True)

    def fail() -> None:
        with beside(served()) as opened:
            raise ValueError(opened)

    with pytest.raises(ValueError, match="open"):
        fail()

    assert closed == [True]
    assert set(threading.enumerate()) <= before


def test_what_cannot_open_says_why() -> None:
    @contextlib.asynccontextmanager
    async def served(*, taken: bool) -> AsyncIterator[str]:
        if taken:
            raise OSError("The port is taken.")
        yield ""

    with pytest.raises(OSError, match="The port is taken"), beside(served(taken=True)):
        pytest.fail("It did not open.")
