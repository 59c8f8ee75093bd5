"""Schemathesis tries what the description of the API promises; `make audit` does it for longer."""

from collections.abc import Iterator

import pytest

from tests.attacks.scan import Target, schemathesis, target

pytestmark = pytest.mark.timeout(300)
QUICK = ("--phases", "fuzzing", "--no-shrink", "--max-examples")


@pytest.fixture(scope="module")
def place() -> Iterator[Target]:
    with target() as place:
        yield place


def test_strangers_are_told_nothing_whatever_they_send(place: Target) -> None:
    checks = "not_a_server_error,status_code_conformance,content_type_conformance"

    told = schemathesis(place, *QUICK, "1", signed_in=False, checks=checks)

    assert told.code == 0, told.text[-8000:]


def test_the_api_keeps_what_its_description_promises(place: Target) -> None:
    told = schemathesis(place, *QUICK, "2", signed_in=True)

    assert told.code == 0, told.text[-8000:]
