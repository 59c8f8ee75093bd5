"""What came from outside is read under a budget: each bomb is refused before a tree is built of it."""

import ast
import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from selectolax.lexbor import LexborHTMLParser

import gatherum
from gatherum.errors import Unreadable
from gatherum.safety import foreign

HEADERS = {"content-type": "application/xml; charset=utf-8"}
RSS = "<?xml version='1.0'?><rss version='2.0'><channel>"
LAUGHS = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))

PAGES = {
    "deep": "<div>" * 3_000_000,
    "deep, with ends that close nothing": "<div></p><object></div></object>" * 2_000,
    "deep by formatting that comes back": "".join(f"<div><b id={n}>x</div>" for n in range(2_000)),
    "deep drawing": "<svg>" + "<g>" * 2_000,
    "deep by a drawing that is ended": "<svg></nobr><object><object><nobr>" * 2_000,
    "deep by notes of a ruby": "<button>" + "<rt><ruby><p><p>" * 2_000,
    "attributes": "<div " + " ".join(f"a{n}" for n in range(1_000_000)) + ">",
    "elements": "<br>" * 600_000,
    "large": "x" * (foreign.LARGEST_PAGE + 1),
}
ANSWERS = {
    "lists": "[" * 200_000,
    "objects": '{"a":' * 200_000,
    "values": "[" + "1," * 1_200_000 + "1]",
    "large": " " * (foreign.LARGEST_PAGE + 1),
}
FEEDS = {
    "items": RSS + "<item/>" * 500_000,
    "deep": RSS + "<a>" * 100_000,
    "laughs": f"<!DOCTYPE x [<!ENTITY a0 'ha'>{LAUGHS}]><rss><channel><title>&a9;</title></channel></rss>",
    "file": "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rss><channel/></rss>",
    "large": "x" * (foreign.LARGEST_FEED + 1),
}
# What is odd or sloppy, and yet no bomb.
SOUND = {
    "nested": "<div>" * 400 + "x" + "</div>" * 400,
    "never closed": "<p>one<br><li>two<td>" * 5_000,
    "closed by what is around it": "<div><span><b>x</div>" * 400 + "</b>",
    "a long attribute": f'<div title="{"x" * 10_000_000}">',
    "many small signs": "1 < 2 & 3 > " * 100_000,
    "a script that speaks of elements": "<script>" + "'<div>'" * 50_000 + "</script>",
    "a comment that speaks of elements": "<!-- " + "<div>" * 50_000 + " -->",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_a_bomb_is_not_read(name: str) -> None:
    with pytest.raises(Unreadable, match="safely"):
        foreign.html(PAGES[name])


@pytest.mark.parametrize("name", SOUND)
def test_an_odd_page_is_read_like_any_other(name: str) -> None:
    assert foreign.html(SOUND[name]).html == LexborHTMLParser(SOUND[name]).html


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize(
    "read",
    [
        foreign.value,
        lambda text: foreign.value_at(text, 0),
        lambda text: foreign.adapted(TypeAdapter(list[int]), text.encode()),
    ],
    ids=["value", "value in a page", "form"],
)
def test_an_answer_that_is_a_bomb_is_not_read(name: str, read: Callable[[str], object]) -> None:
    with pytest.raises(Unreadable, match="safely"):
        read(ANSWERS[name])


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_that_is_a_bomb_is_not_read(name: str) -> None:
    with pytest.raises(Unreadable, match=r"safely|stand for others"):
        foreign.feed(FEEDS[name], HEADERS)


def test_what_follows_an_answer_in_a_page_is_no_part_of_it() -> None:
    assert foreign.value_at("x = [1, 2];" + "[" * 200_000, 4) == [1, 2]


async def test_the_loop_turns_while_something_is_read_and_gives_up_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(foreign, "PATIENCE_S", 0.2)
    is_over = threading.Event()
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.01)

    turning = asyncio.create_task(turn())
    with pytest.raises(Unreadable, match="took too long"):
        await foreign.apart(is_over.wait, 60)
    turning.cancel()
    is_over.set()

    assert turns > 3
    assert await foreign.apart(lambda: 7) == 7


SOURCES = Path(gatherum.__file__).parent
READERS = {"LexborHTMLParser", "feedparser", "loads", "raw_decode", "validate_json", "model_validate_json"}  # fmt: skip
# What reads text that we have written ourselves, or that a person at this program has.
OUR_OWN = {
    "accounts/handshakes.py": "what a sign-in has sealed",
    "accounts/secondfactor/passkey.py": "options that a library of ours has made",
    "curating/transfer.py": "an export of this program, line by line",
    "fetching/browser/__init__.py": "the state of our browser",
    "fetching/cookies.py": "a file of cookies that a person has chosen",
    "fetching/releases.py": "which extractor is used",
    "fetching/workers/browser_worker.py": "orders to a child",
    "fetching/workers/gate.py": "orders to a child",
    "fetching/workers/pipe.py": "lines of a child, each of a limited length",
    "processing/child.py": "facts from a sandboxed child",
    "processing/scrubbing.py": "facts from a sandboxed child",
    "providers/forums/listing.py": "a cursor",
    "providers/instagram/imginn.py": "a cursor",
    "providers/linkedin/feeds.py": "a cursor",
    "safety/installing.py": "the report of an installer",
    "safety/launch.py": "an order to a child",
}


def calls_a_reader(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            owner = ast.unparse(called.value) if isinstance(called, ast.Attribute) else ""
            if (name in READERS and owner != "foreign") or owner == "feedparser":
                return True
    return False


def test_nobody_else_reads_what_came_from_outside() -> None:
    found = {
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        if path != Path(foreign.__file__) and calls_a_reader(path)
    }

    assert found == OUR_OWN.keys()
