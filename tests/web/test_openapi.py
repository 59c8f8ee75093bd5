"""The description of the API is committed, complete, and the one that the server gives."""

import asyncio
import json
import re
from typing import Any

import pytest

from gatherum.errors import GatherumError
from gatherum.web.errors import PROBLEM, STATUSES, status_of
from scripts.openapi import TARGET, describe, write

METHODS = ("get", "put", "post", "delete", "patch", "head")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return asyncio.run(describe())


def operations(description: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_the_committed_description_is_that_of_the_code(description: dict[str, Any]) -> None:
    assert json.loads(TARGET.read_text(encoding="utf-8")) == json.loads(write(description)), (
        "The API has changed: look at the difference that `make openapi` makes, and commit it."
    )


def test_every_operation_says_what_it_does_and_has_a_name_of_its_own(
    description: dict[str, Any],
) -> None:
    found = operations(description)
    names = [operation["operationId"] for _, operation in found]

    assert len(found) > 100
    assert [name for name, operation in found if len(operation.get("description", "")) < 10] == []
    assert sorted(names) == sorted(set(names))


def test_every_error_is_a_problem(description: dict[str, Any]) -> None:
    wrong = [
        (name, status)
        for name, operation in operations(description)
        for status, answer in operation["responses"].items()
        if status[0] in "45" and set(answer["content"]) != {PROBLEM} and "health" not in name
    ]

    assert wrong == []


def test_every_answer_that_is_not_empty_has_a_form(description: dict[str, Any]) -> None:
    formless = [
        (name, status)
        for name, operation in operations(description)
        for status, answer in operation["responses"].items()
        if status in ("200", "201", "202")
        and not any(form.get("schema") for form in answer.get("content", {}).values())
    ]

    assert formless == []


def test_every_time_in_an_answer_is_a_date_and_time(description: dict[str, Any]) -> None:
    numbers = [
        (name, field)
        for name, schema in description["components"]["schemas"].items()
        for field, form in schema.get("properties", {}).items()
        if re.search(r"(_at|_until|_since)$|^(at|since|until)$", field)
        and "number" in json.dumps([form.get("type"), form.get("anyOf")])
    ]

    assert numbers == []


def test_every_error_of_ours_has_a_status() -> None:
    def below(error: type[GatherumError]) -> list[type[GatherumError]]:
        return [error, *(one for child in error.__subclasses__() for one in below(child))]

    named = {error for error, _, _ in STATUSES}
    assert named <= set(below(GatherumError))
    unnamed = [error.__name__ for error in below(GatherumError) if status_of(error)[0] == 500]
    assert unnamed == ["GatherumError", "UserError"]
