"""docs/asvs.csv says which test proves which requirement of OWASP's ASVS 5.0; this says it is true."""

import ast
import csv
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from limits import parse

from gatherum.accounts import throttle
from gatherum.web.bodies import DEFAULT, STREAMS
from gatherum.web.limits import Rate

PROJECT = Path(__file__).parent.parent
MISSING = 3  # rows that nothing proves yet; lower it with each that is


def rows() -> list[dict[str, str]]:
    with (PROJECT / "docs/asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the tests in a file."""
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )


def test_every_row_is_whole_and_stands_once() -> None:
    found = rows()

    assert list(found[0]) == ["req_id", "level", "requirement", "how", "test", "status"]
    assert len(found) == 108
    assert Counter(row["req_id"] for row in found).most_common(1)[0][1] == 1
    assert {row["level"] for row in found} == {"1", "2"}
    assert all(row["requirement"] and row["how"] for row in found)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["req_id"])
def test_the_tests_of_a_row_exist(row: dict[str, str]) -> None:
    named = row["test"].split()

    assert (row["status"] == "proven") is bool(named)
    for name in named:
        path, _, test = name.partition("::")
        assert (PROJECT / path).is_file(), path
        assert test in names_in(path), name


def test_the_rows_that_nothing_proves_are_counted() -> None:
    missing = [row["req_id"] for row in rows() if row["status"] == "missing"]

    assert len(missing) == MISSING, missing
    assert {row["status"] for row in rows()} <= {"proven", "missing"}


def test_the_linter_watches_what_rows_rely_on() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    lint = project["tool"]["ruff"]["lint"]
    # Built SQL, eval, exec, pickle, yaml.load, weak randomness, formatted log messages.
    relied_on = ("S608", "S307", "S102", "S301", "S506", "S311", "G004", "S602", "S604")

    assert lint["select"] == ["ALL"]
    for rule in relied_on:
        assert not any(rule.startswith(ignored) for ignored in lint["ignore"])
        for place, ignored in lint["per-file-ignores"].items():
            if place.startswith("src/") and "migrations" not in place:
                assert not any(rule.startswith(each) for each in ignored), (place, rule)


def test_the_limits_are_told() -> None:
    told = (PROJECT / "docs/threat-model.md").read_text(encoding="utf-8")

    api = (PROJECT / "docs/api.md").read_text(encoding="utf-8")
    for rate in Rate:
        span = {"minute": "a minute", "hour": "an hour"}[rate.value.partition("/")[2]]
        assert f"| {rate.name} | {parse(rate.value).amount} in {span} |" in api
    assert f"{DEFAULT.limit // 1024**2} MiB" in told
    assert f"{DEFAULT.seconds:.0f} seconds" in told
    for (method, path), intake in STREAMS.items():
        assert f"`{method} {path}`" in told
        assert f"{intake.limit // 1024**3} GiB" in told
        assert all(kind in told for kind in intake.types)
    minutes = throttle.WINDOW_S / 60
    assert f"{throttle.TRIES} failed tries in {minutes:.0f} minutes" in told
