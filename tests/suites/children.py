"""The processes that a test has started, and no others: an earlier test's browser may still run."""

import os
from pathlib import Path

_others: set[int] = set()


def count_from_here() -> None:
    """Leave out from now on what runs already."""
    _others.clear()
    _others.update(_all())


def children() -> set[int]:
    """Return the processes that we started since, and that still run."""
    return _all() - _others


def _all() -> set[int]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return {int(pid) for pid in path.read_text().split()}
