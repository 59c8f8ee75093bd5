"""The scan of a page says how deep its tree can be: never less than the parser then builds."""

import random
from collections.abc import Iterator

import pytest
from selectolax.lexbor import LexborHTMLParser

from gatherum.safety.elements import MOST_WORK, Oversized, check_page
from gatherum.safety.foreign import depth_of

CELLS = (
    5  # elements that a table row with its cell and its paragraph may have for one that is counted
)
PIECES = 14  # of the pattern that a page repeats
TIMES = 120  # so often that what is counted too low by one each time stands out

BLOCKS = "div p li ul dl dd dt h1 h3 section article center address pre form button blockquote main"
INLINE = "a b i nobr font span u em x-y label ruby rt rp rb rtc"
TABLES = "table tr td th tbody caption colgroup col thead"
DRAWN = "svg math g desc title foreignobject mi mtext annotation-xml path semantics font a"
ODD = (
    "select option optgroup object marquee applet template frameset input textarea script style "
    "noscript iframe xmp plaintext body html head br hr img image keygen param source link "
    "details summary dialog search hgroup legend fieldset listing figure menu embed frame"
)
RARE = (
    "words <!-- x --> <!--> <![CDATA[ > <![CDATA[<a>]]> <desc/q='</iframe><nobr> </ <? <!x> ]]> "
    "<script><!--<script></script> --></script> <a/b='<div>'> <svg/> <g/> <div/> <path/d=x/>"
)


def tags(names: str, chooser: random.Random) -> str:
    name = chooser.choice(names.split())
    form = chooser.choice(("<{}>", "<{}>", "<{}>", "</{}>", "</{}>", "<{}/>", "<{} id={}>"))
    return form.format(name, chooser.randrange(10**6))


def piece(chooser: random.Random) -> str:
    kinds = (BLOCKS, BLOCKS, INLINE, INLINE, TABLES, DRAWN, DRAWN, ODD)
    if chooser.random() < 0.12:
        return chooser.choice(RARE.split(" "))
    one = tags(chooser.choice(kinds), chooser)
    return one * chooser.choice((1, 1, 1, 1, 1, 2, 3, 9))


def page(seed: int) -> str:
    """Return an odd beginning, and one odd pattern over and over; each `#` is another number."""
    chooser = random.Random(seed)  # noqa: S311
    start = "".join(piece(chooser) for _ in range(chooser.randrange(6)))
    unit = "".join(piece(chooser) for _ in range(chooser.randrange(1, PIECES)))
    if chooser.random() < 0.3:
        unit = unit.replace(" id=", " id=#")
    return start + "".join(unit.replace("#", str(n)) for n in range(TIMES))


def is_told(text: str, times: int) -> bool:
    try:
        bound = check_page(text)
    except Oversized:
        return True
    return depth_of(LexborHTMLParser(text)) <= times * bound + CELLS


@pytest.mark.parametrize("start", range(0, 4000, 500))
def test_no_page_is_deeper_than_the_scan_says(start: int) -> None:
    assert [seed for seed in range(start, start + 500) if not is_told(page(seed), CELLS)] == []


def pages() -> Iterator[tuple[str, str]]:
    yield "ended by a drawing within a drawing", "<input><svg></desc><desc q='</iframe><nobr>" * 400
    yield "buttons", ("<button><button></button>" + "<section>" * 20 + "</button>") * 60
    yield "headings", ("<h1><h2></h2>" + "<section>" * 20 + "</h1>") * 60
    yield "tables", ("<table><table></table>" + "<section>" * 20 + "</table>") * 60
    yield "forms", "<form><object></form></object></form>" * 500
    yield "formatting of many", "<b><b><b><b></b></b></b><div></b></div>" * 500
    yield (
        "far formatting",
        "".join(f"<b id={n}>{'<div>' * 9}</b>{'</div>' * 9}" for n in range(400)),
    )
    yield "a name that is not ASCII", "<lin\u212a>" * 600
    yield (
        "the end of a script that is none",
        '<script>"</\u017fcript><a b=\'"</script>' + "<i>" * 600,
    )
    yield "a choice with a drawing", "<select><svg><input/>" + "<section/>" * 600
    yield "columns of a template", "<template><col><svg>" + "<template/><col>" * 600
    yield "a drawing with words", "<svg><![CDATA[><a b=']]>" + "<g>" * 600


@pytest.mark.parametrize("name", dict(pages()))
def test_no_trick_makes_a_page_deeper_than_the_scan_says(name: str) -> None:
    assert is_told(dict(pages())[name], 1)


# Pages of ordinary people, and machines: long ones, with what the standard lets be left out.
HONEST = {
    "paragraphs": "<p>one <b>two</b><p>three" * 40_000,
    "items": "<ul>" + "<li><a href=x>one</a><li>two" * 40_000 + "</ul>",
    "lists": "<div><ul><li>one<li>two</ul></div>" * 5_000,
    "terms": "<dl>" + "<dt>one<dd>two" * 40_000 + "</dl>",
    "cells": "<table>" + "<tr><td>one<td><i>two</i>" * 40_000 + "</table>",
    "choices": "<select>" + "<option>one" * 4_000 + "</select>",
    "drawings": "<a href=x><svg><title>x</title><g><path d='M0 0'/><use href=x></g></svg></a>"
    * 15_000,
    "links around blocks": "<a href=x><div><span>x</span></div></a>" * 25_000,
    "forms": "<form><input><button>x</button></form>" * 2_000 + "<div><p>x</div>" * 20_000,
    "scripts": "<script>if (a < b) '<div>' <!-- <script> x --></script><p>x</p>" * 20_000,
}


# What holds the parser for as long as a deep page does, and is none.
SLOW = {
    "choices": "<select>" + "<option selected>one" * 20_000,
    "signs": "<" * 10_000_000,
    "attributes of the page": "".join(f"<body a{n}>" for n in range(20_000)),
    "formatting that comes back": "".join(f"<b id={n}>" for n in range(400)) + "<p>x" * 5_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_a_page_that_is_slow_to_read_for_another_cause_is_refused(name: str) -> None:
    with pytest.raises(Oversized):
        check_page(SLOW[name])


@pytest.mark.parametrize("name", HONEST)
def test_a_long_page_that_is_sloppy_at_most_is_let_through(name: str) -> None:
    check_page(HONEST[name])


def test_a_sloppy_page_of_ordinary_length_is_let_through() -> None:
    tags_below = int((2 * MOST_WORK) ** 0.5) - 100

    check_page("<div>" * tags_below)
    check_page("<div><span><b>x</div>" * (tags_below // 4))
