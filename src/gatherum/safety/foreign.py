"""What came from outside is read here and nowhere else, under a budget of size, depth, parts and time.

One page with 4 million open tags once held the whole program for minutes. So each reader looks at the
bytes in one scan before any tree is built, and what passes a limit is `Unreadable`, like a damaged file.
Whole pages are read by `apart`, in a thread that the loop waits for no longer than `PATIENCE_S`.
"""

import asyncio
import io
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

import feedparser
from pydantic import BaseModel, JsonValue, TypeAdapter
from selectolax.lexbor import LexborHTMLParser

from gatherum.errors import Unreadable
from gatherum.safety.elements import Oversized, check_page
from gatherum.safety.nesting import Expanding, Nested, Overfull, check_json, check_xml

# The largest real pages (a Discourse topic, YouTube's) have 3 MB, and the largest answers 8.
LARGEST_PAGE: Final = 16 << 20
DEEPEST: Final = (
    512  # elements of a page inside each other, as Chromium; the longest real pages have 60
)
LARGEST_FEED: Final = 32 << 20  # a podcast of 20 years has 20 MB
PATIENCE_S: Final = 5.0  # what passes the limits is read in less than one second
_SURE: Final = 100  # if the scan tells so many at most, a page is never deeper than the limit
READERS: Final = 4  # threads: one that hangs must not keep the others from reading

DEEP: Final = "is too deeply nested to be read safely."
FULL: Final = "has more parts than can be read safely."
LARGE: Final = "is larger than can be read safely."
SLOW: Final = "This page took too long to be read."
EXPANDING: Final = "This feed declares words that stand for others, so it is not read."

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

_readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")


async def apart(read: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what `read` returns, in a thread: nothing else waits meanwhile.

    `Unreadable` after `PATIENCE_S`; the thread is then left to come to its end by itself.
    """
    loop = asyncio.get_running_loop()
    begun = asyncio.Event()

    def reading() -> R:
        loop.call_soon_threadsafe(begun.set)
        return read(*args, **kwargs)

    running = loop.run_in_executor(_readers, reading)
    await begun.wait()  # whoever waits for a thread to be free has used up no patience
    done, _ = await asyncio.wait([running], timeout=PATIENCE_S)
    if not done:
        raise Unreadable(SLOW)
    return running.result()


def html(text: str) -> LexborHTMLParser:
    """Return the tree of a page, or of a piece of one."""
    _limit(text, LARGEST_PAGE, "This page")
    try:
        bound = check_page(text)
    except Oversized as error:
        raise Unreadable(f"This page {DEEP if error.deep else FULL}") from error
    tree = LexborHTMLParser(text)
    if bound > _SURE and depth_of(tree) > DEEPEST:
        raise Unreadable(f"This page {DEEP}")
    return tree


def depth_of(tree: LexborHTMLParser) -> int:
    """Return how many elements of a tree are inside each other."""
    node, depth, deepest = tree.root, 1, 1
    while node is not None:
        if (inner := node.first_child) is not None:
            node, depth = inner, depth + 1
            deepest = max(deepest, depth)
            continue
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
        node = None if node is None or depth < 1 else node.next
    return deepest


def model(form: type[M], text: str | bytes) -> M:
    """Return JSON as a model; `ValidationError` if it has another form."""
    return form.model_validate_json(_json(text))


def adapted(form: TypeAdapter[T], text: str | bytes) -> T:
    """Return JSON as what an adapter is of; `ValidationError` if it has another form."""
    return form.validate_json(_json(text))


def value(text: str | bytes) -> JsonValue:
    """Return JSON as plain values; `ValueError` if it is none."""
    found: JsonValue = json.loads(_json(text))
    return found


def value_at(text: str, start: int) -> JsonValue:
    """Return the JSON that begins somewhere in a page; `ValueError` if there is none."""
    found: JsonValue
    found, _ = json.JSONDecoder().raw_decode(_json(text[start:]))
    return found


def feed(text: str, headers: Mapping[str, str]) -> Any:  # feedparser has no types
    """Return the feed that feedparser reads; what its entries hold as HTML is left as it stands."""
    _limit(text, LARGEST_FEED, "This feed")
    try:
        check_xml(text)
    except Nested as error:
        raise Unreadable(f"This feed {DEEP}") from error
    except Overfull as error:
        raise Unreadable(f"This feed {FULL}") from error
    except Expanding as error:
        raise Unreadable(EXPANDING) from error
    # Always bytes of a stream: given a string, feedparser would open it as an address or a path.
    return feedparser.parse(  # type: ignore[attr-defined,no-untyped-call]  # it has no types
        io.BytesIO(text.encode()), response_headers=dict(headers), sanitize_html=False
    )


def _json(text: str | bytes) -> str:
    _limit(text, LARGEST_PAGE, "This answer")
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    try:
        check_json(text)
    except Nested as error:
        raise Unreadable(f"This answer {DEEP}") from error
    except Overfull as error:
        raise Unreadable(f"This answer {FULL}") from error
    return text


def _limit(text: str | bytes, largest: int, what: str) -> None:
    if len(text) > largest:
        raise Unreadable(f"{what} {LARGE}")
