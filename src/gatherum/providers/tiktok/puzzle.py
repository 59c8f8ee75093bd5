"""The sum that TikTok gives a visitor's browser before it shows a page; it asks for no person.

As both engines read it: of the elements `cs`, `wci`, `rci` and `rs` the class is what they say.
`cs` holds the start and the end of a hash; the number between them goes back in the cookie that
`wci` names, and what `rs` says in the one that `rci` names.
"""

import base64
import hashlib
import json

from pydantic import BaseModel, JsonValue, TypeAdapter
from selectolax.lexbor import LexborHTMLParser

from gatherum.safety import foreign

MOST = 1_000_000
SUM = TypeAdapter(dict[str, JsonValue])


class Parts(BaseModel):
    a: str
    c: str


def solve(page: str) -> str | None:
    """Return the cookies that open the page, None if it puts no such sum. It may take a second."""
    tree = foreign.html(page)
    question, name, second, value = (_said(tree, part) for part in ("cs", "wci", "rci", "rs"))
    if not question or not name:
        return None
    try:
        asked = foreign.adapted(SUM, _decoded(question))
        parts = Parts.model_validate(asked["v"])
        start, end = _decoded(parts.a), _decoded(parts.c)
    except (ValueError, LookupError):
        return None
    number = _between(start, end)
    if number is None:
        return None
    answer = json.dumps({**asked, "d": _encoded(str(number).encode())}, separators=(",", ":"))
    return f"{name}={_encoded(answer.encode())}" + (f"; {second}={value}" if second else "")


def _between(start: bytes, end: bytes) -> int | None:
    begun = hashlib.sha256(start)
    for number in range(MOST):
        tried = begun.copy()
        tried.update(str(number).encode())
        if tried.digest() == end:
            return number
    return None


def _said(tree: LexborHTMLParser, part: str) -> str:
    found = tree.css_first(f"#{part}")
    return (found.attributes.get("class") or "") if found else ""


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "==")


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
