"""How deep JSON and XML are nested, and of how many values they are made, found before they are read."""

import re

DEEPEST = 512
MOST_VALUES = 1_000_000  # of one JSON answer: the largest real ones have 100,000
MOST_TAGS = 400_000  # of one feed: 10,000 entries with 20 elements each

_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{},]', re.DOTALL)
_TAG = re.compile(
    r"<!\[CDATA\[|<!--|<(?P<close>/)?(?P<name>[^\s<>/!?'\"=]++)(?P<rest>(?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+)>"
)
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->"}
# A word of the feed's own that stands for a few plain characters harms nobody; all others grow.
_ENTITY = re.compile(r"<!ENTITY\b")
_PLAIN_ENTITY = re.compile(
    r"<!ENTITY\s{1,9}[\w.-]{1,64}\s{1,9}(?:\"[^\"&%<]{0,64}\"|'[^'&%<]{0,64}'|\"&#\w{1,8};\"|'&#\w{1,8};')\s{0,9}>"
)


class Nested(Exception):  # not an error for people: `foreign` says it in words
    """It is nested too deep."""


class Overfull(Exception):
    """It has too many parts."""


class Expanding(Exception):
    """It declares words that stand for others: a few lines that would become gigabytes."""


def check_json(text: str) -> None:
    """Raise `Nested` or `Overfull` for JSON that passes a limit; takes time by length alone."""
    opened = text.count("[") + text.count("{")
    if opened <= DEEPEST and opened + text.count(",") <= MOST_VALUES:
        return
    depth = values = 0
    for sign in _BRACKET.finditer(text):
        match sign[0][0]:
            case "[" | "{":
                depth += 1
                values += 1
                if depth > DEEPEST:
                    raise Nested
            case "]" | "}":
                depth -= 1
                if depth <= 0:
                    return  # the rest is no part of it
            case ",":
                values += 1
        if values > MOST_VALUES:
            raise Overfull


def check_xml(text: str) -> None:
    """Raise `Nested`, `Overfull` or `Expanding` for XML that passes a limit; by length alone, too."""
    if len(_ENTITY.findall(text)) != len(_PLAIN_ENTITY.findall(text)):
        raise Expanding
    opened: list[str] = []
    at = tags = 0
    while (tag := _TAG.search(text, at)) is not None:
        at = tag.end()
        tags += 1
        if tags > MOST_TAGS:
            raise Overfull
        if tag["name"] is None:
            end = text.find(_ENDS[tag[0]], at)
            at = len(text) if end < 0 else end + 3
        elif tag["close"]:
            if tag["name"] in opened:
                while opened.pop() != tag["name"]:
                    pass
        elif not tag["rest"].endswith("/"):
            opened.append(tag["name"])
            if len(opened) > DEEPEST:
                raise Nested
