"""How often routes may be called: each rate has an end, for each caller and route on its own."""

import json
import time
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import FastAPI, Query, Request
from limits import parse

from gatherum.accounts.model import Role
from gatherum.errors import InvalidInput, TooManyRequests
from gatherum.web import limits
from gatherum.web.limits import Counts, Limits, Rate, neighbourhood
from gatherum.web.queries import check_query
from tests.web.conftest import Server

PROJECT = Path(__file__).parent.parent.parent
ADDRESS = "203.0.113.9"


class Clock:
    def __init__(self) -> None:
        self.time = 1_000_000.0

    def now(self) -> float:
        return self.time


@pytest.mark.parametrize("rate", Rate)
def test_a_rate_has_an_end_and_a_beginning_after_it(rate: Rate) -> None:
    clock = Clock()
    counts = Limits(clock.now)
    item = parse(rate.value)
    for _ in range(item.amount):
        counts.count(rate, "GET /a", account=1, address=ADDRESS)

    with pytest.raises(TooManyRequests) as caught:
        counts.count(rate, "GET /a", account=1, address=ADDRESS)
    clock.time += item.get_expiry() - 1
    with pytest.raises(TooManyRequests):
        counts.count(rate, "GET /a", account=1, address=ADDRESS)
    clock.time += 1
    counts.count(rate, "GET /a", account=1, address=ADDRESS)

    assert caught.value.retry_after == item.get_expiry() - 1  # an answer adds one


def test_callers_and_routes_are_counted_apart() -> None:
    counts = Limits(Clock().now)
    for _ in range(20):
        counts.count(Rate.SECRET, "POST /a", account=1, address=ADDRESS)

    counts.count(Rate.SECRET, "POST /b", account=1, address=ADDRESS)
    counts.count(Rate.SECRET, "POST /a", account=2, address=ADDRESS)
    counts.count(Rate.SECRET, "POST /a", account=None, address=ADDRESS)
    with pytest.raises(TooManyRequests):
        counts.count(Rate.SECRET, "POST /a", account=1, address="198.51.100.1")  # moved, still one


def test_an_ipv6_customer_is_one_caller() -> None:
    counts = Limits(Clock().now)
    for number in range(20):
        counts.count(Rate.SECRET, "POST /a", account=None, address=f"2001:db8::{number:x}")

    with pytest.raises(TooManyRequests):
        counts.count(Rate.SECRET, "POST /a", account=None, address="2001:db8::ffff:1")
    counts.count(Rate.SECRET, "POST /a", account=None, address="2001:db8:0:1::1")

    assert neighbourhood("nonsense") == "nonsense"
    assert neighbourhood("203.0.113.9") == "203.0.113.9"


def test_a_flood_of_callers_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST", 1000)
    clock = Clock()
    counts = Counts(clock.now)
    for number in range(5000):
        clock.time += 0.001
        counts.incr(f"caller {number}", 60)

    assert counts.reset() <= 1000
    assert counts.get("caller 4999") == 0


def test_counting_is_quick_with_many_callers() -> None:
    counts = Limits(time.time)
    for number in range(50_000):
        counts.count(Rate.READ, "GET /a", account=number, address=ADDRESS)

    begun = time.process_time()
    for number in range(10_000):
        counts.count(Rate.READ, "GET /a", account=number, address=ADDRESS)

    assert time.process_time() - begun < 1.0  # it takes 0.05 s


async def test_who_calls_too_often_is_told_until_when(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    stranger = await server.client()

    for _ in range(30):
        async with client.post("/api/v1/tokens", json={}) as answer:
            assert answer.status != 429
    async with client.post("/api/v1/tokens", json={}) as answer:
        told = await answer.json(content_type="application/problem+json")
    async with stranger.post("/api/v1/tokens", json={}) as other:
        assert other.status == 401
    async with client.get("/api/v1/me") as other:
        assert other.status == 200

    assert (answer.status, told["title"]) == (429, "Too many requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


async def test_who_is_nobody_is_counted_by_address(
    server: Server,
) -> None:
    client = await server.client(Authorization="Bearer gth_nonsense")

    statuses = []
    for _ in range(31):
        async with client.post("/api/v1/tokens", json={}) as answer:
            statuses.append(answer.status)

    assert statuses == [401] * 30 + [429]


@pytest.mark.parametrize(
    ("query", "fine"),
    [
        ("many=1&many=2&more=1&more=2&one=1", True),
        ("one=1&one=2", False),
        ("one=1&one=1", False),
        ("one=1&%6fne=2", False),
        ("unknown=1&unknown=2", False),
        ("many=1&many=2&one=1&one=2", False),
        ("", True),
    ],
)
def test_only_lists_are_given_several_times(
    query: str,
    fine: bool,  # noqa: FBT001
) -> None:
    web = FastAPI()

    @web.get("/a")
    async def get(
        many: Annotated[list[str] | None, Query()] = None,
        more: Annotated[tuple[int, ...], Query()] = (),
        one: str | None = None,
    ) -> None: ...

    scope = {"type": "http", "query_string": query.encode(), "route": web.routes[-1]}

    if fine:
        check_query(Request(scope))
    else:
        with pytest.raises(InvalidInput):
            check_query(Request(scope))


@pytest.mark.parametrize("path", ["/api/v1/timeline/assets", "/api/v1/files/{id}/thumbnail"])
def test_what_a_gallery_loads_while_one_scrolls_is_counted_as_files(path: str) -> None:
    described = json.loads((PROJECT / "docs/openapi.json").read_text(encoding="utf-8"))

    assert described["paths"][path]["get"]["x-rate"] == Rate.FILES
