"""Where the time of the tests goes: `--times FOLDER` writes what each test and each fixture costs.

Every process writes `FOLDER/<worker>.jsonl`, a line a phase of a test (`wall` and `cpu` in seconds,
`cpu` with the children that have ended) and a line a fixture (`wall` without the fixtures that it
asks for). `python -m scripts.test_times FOLDER` makes the tables of docs/testing.md out of them.
"""

import json
import os
import resource
import time
from collections.abc import Generator
from pathlib import Path
from typing import IO, Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--times", metavar="FOLDER", help="write what tests and fixtures cost")


def pytest_configure(config: pytest.Config) -> None:
    if folder := config.getoption("--times"):
        config.pluginmanager.register(Times(Path(folder)))


class Times:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self._file: IO[str] = (folder / f"{worker}.jsonl").open("w", buffering=1)
        self._nested = [0.0]

    def _write(self, **fields: object) -> None:
        self._file.write(json.dumps(fields) + "\n")

    def _phase(self, item: pytest.Item, phase: str) -> Generator[None, Any, Any]:
        wall, cpu = time.perf_counter(), _cpu()
        try:
            return (yield)
        finally:
            self._write(
                test=item.nodeid,
                phase=phase,
                wall=time.perf_counter() - wall,
                cpu=_cpu() - cpu,
            )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        return (yield from self._phase(item, "setup"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        return (yield from self._phase(item, "call"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        return (yield from self._phase(item, "teardown"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        start = time.perf_counter()
        self._nested.append(0.0)
        try:
            return (yield)
        finally:
            wall = time.perf_counter() - start
            nested = self._nested.pop()
            self._nested[-1] += wall
            self._write(
                fixture=f"{fixturedef.baseid}::{fixturedef.argname}",
                scope=fixturedef.scope,
                wall=wall - nested,
            )


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
