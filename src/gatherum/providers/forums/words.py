"""The words by which topics of a section are chosen: they stand in its link, `...&words=fog,mist+-sold`.

Only topics whose titles fit are opened. Forums take no notice of this part of a link.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import quote, unquote_plus

from gatherum.model import Target

NAME = "words"  # of that part of a link, and of the target's value

_PART = re.compile(r"(?<=[?&;])words=([^&;]*)[&;]?")


@dataclass(frozen=True, slots=True)
class Words:
    """Blanks mean and, commas mean or, `-` means not, as in filters; no words fit everything."""

    text: str = ""

    def fit(self, title: str) -> bool:
        """Return whether a title is one of those that are looked for."""
        title = title.casefold()
        return all(_fits(part, title) for part in self.text.split())


def take_words(url: str) -> tuple[str, Words]:
    """Return a normal link without its words, and these; they are equal if they mean the same."""
    match = _PART.search(url)
    if match is None:
        return url, Words()
    words = " ".join(sorted(set(unquote_plus(match[1]).casefold().split())))
    return re.sub(r"[?&;]$", "", _PART.sub("", url)), Words(words)


def with_words(target: Target, words: Words) -> Target:
    """Return a section of which only some topics count: another target than the whole of it."""
    if not words.text or target.feed != "forum":
        return target
    sign = "&" if "?" in target.url else "?"
    return replace(
        target,
        key=f"{target.key} {words.text}",
        url=f"{target.url}{sign}{NAME}={quote(words.text, safe=',')}",
        values=MappingProxyType({**target.values, NAME: words.text}),
    )


def words_of(values: Mapping[str, str]) -> Words:
    """Return the words of a target."""
    return Words(values.get(NAME, ""))


def _fits(part: str, title: str) -> bool:
    if part.startswith("-") and len(part) > 1:
        return not _fits(part[1:], title)
    return any(word in title for word in part.split(",") if word) or not part.strip(",")
