"""How deep and how large the tree of an HTML page will be, found by one scan before it is built.

The parser's time grows with the square of the depth, of a tag's attributes and of what was never
closed: 80,000 open `<div>` hold it for 16 seconds, 100,000 attributes for 25. The scan reads tags as
a browser does and keeps the elements that stay open as it would; where it cannot know, it counts
more, never less. What it says is meant for a limit, not for a picture of the page.
"""

import re
from collections import Counter
from dataclasses import dataclass

# What one page may have. The longest real pages (a topic with 100 posts, a photo blog of a year) have
# 60,000 elements and 60 of them inside each other; Chromium itself stops at 512.
DEEPEST = 512
MOST_PARTS = 500_000
MOST_ATTRIBUTES = 256  # of one tag

_SPACE = r"[\t\n\f\r ]"
_ATTRIBUTE = (
    rf"[^\t\n\f\r />][^\t\n\f\r />=]*+"
    rf"(?:{_SPACE}*+={_SPACE}*+"
    r"(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r \"'>][^\t\n\f\r >]*+|(?=>)|\Z))?+"
)
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>[a-zA-Z][^\t\n\f\r />]*+)(?P<rest>(?:[\t\n\f\r /]++|{_ATTRIBUTE})*+)(?:>|\Z)"
    r"|<!--(?P<short>-?>)?|<[!?/][^>]*+(?:>|\Z)"
)
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
_COMMENT_END = re.compile(r"--!?>")
_RAW_END = {
    name: re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE)
    for name in (*("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"),)
}
_FEW = 128  # characters of a tag that cannot hold so many attributes that it matters


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_VOID = _words(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source "
    "track wbr"
)
_FORMATTING = _words("a b big code em font i nobr s small strike strong tt u")
# They end by themselves before another one of their kind, or within the same table.
_CELLS = _words("caption colgroup tbody td tfoot th thead tr")
_UNCOUNTED = _VOID | _CELLS | {"html", "head", "body"}
_FOREIGN = _words("svg math")
_INSIDE_FOREIGN = _words(
    "foreignobject desc title mi mo mn ms mtext annotation-xml"
)  # HTML begins anew in them
_BARRIERS = _words("applet frameset marquee object table template select") | _INSIDE_FOREIGN
_SPECIAL = _BARRIERS | _words(
    "address article aside blockquote button center dd details dir div dl dt fieldset "
    "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup iframe li listing "
    "main menu nav noembed noframes noscript ol option p plaintext pre rb rp rt rtc ruby script "
    "search section style summary textarea title ul xmp"
)
# What an end tag of these closes may have other block elements in it; of all others it may not.
_SCOPED = _words(
    "address applet article aside blockquote button center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup li listing main marquee "
    "menu nav object ol p pre search section select summary ul"
)
_BREAKOUT = _words(
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img "
    "li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul "
    "var"
)  # HTML that ends a drawing or a formula
_ENDS_FOREIGN = _words("br p")  # as end tags
_NAMED = _words("title desc")  # of a drawing: HTML within, which is short
_UNSURE = (_INSIDE_FOREIGN - _NAMED) | {"font"}  # what follows may be HTML or not
_ITEMS = {
    "li": _words("li"),
    "dd": _words("dd dt"),
    "dt": _words("dd dt"),
}
_THROUGH_ITEMS = _words("address div p")
# Block elements, before which an open paragraph ends.
_ENDS_P = (
    _SPECIAL
    - _BARRIERS
    - _words(
        "button iframe noembed noframes noscript option rb rp rt rtc ruby script style textarea "
        "title"
    )
)
_ENDS_SELECT = _words("input keygen select textarea")
_RUBY = _words("rb rp rt rtc")
_IMPLIED = _RUBY | _words("dd dt li optgroup option p")  # their end tags may be left out
_OPTION = _words("option")
_ENDS_BY_ITSELF = _words("dd dt li option p rb rp rt rtc")
_SAME = 3  # of a formatting element that is not closed so many alike come back, and no more
_PAST_CELLS = _words("table template")


class Oversized(Exception):  # not an error for people: `foreign` says it in words
    """The page would make a tree that is not built; `deep` says which limit it passes."""

    def __init__(self, *, deep: bool) -> None:
        super().__init__()
        self.deep = deep


def check_page(text: str) -> None:
    """Raise `Oversized` if the tree of this HTML would pass a limit; takes time by length alone."""
    _Scan().run(text)


@dataclass(slots=True, eq=False)
class _Element:
    """An element that is open, or a formatting one that comes back by itself until its end tag."""

    name: str
    rest: str = ""
    is_open: bool = True


class _Scan:
    """The elements that are open. Invariant: no fewer than the parser has, but for constant factors."""

    def __init__(self) -> None:
        self._open: list[_Element] = []
        self._held = Counter[str]()  # how many of each are open
        self._active: list[_Element] = []  # formatting that has had no end tag yet
        self._lost = 0  # how many of those are not open: they come back before the next words
        self._parts = 0
        self._raw = True  # whether scripts and such can be passed over
        self._framed = False  # frames have rules of their own: then nothing else is closed
        self._choosing = (
            False  # whether a choice stands in a choice: then nobody knows which one ends
        )
        self._plain = True  # whether drawings have held nothing but drawings

    def run(self, text: str) -> None:
        at = 0
        while (tag := _TAG.search(text, at)) is not None:
            if self._lost and tag.start() > at:
                self._reopen()
            at = tag.end()
            self._add(1)
            name = (tag["name"] or "").lower()
            if not name:
                if tag[0] == "<!--":
                    end = _COMMENT_END.search(text, at)
                    at = end.end() if end else len(text)
            elif tag["close"]:
                self._close(name)
            else:
                at = self._start(name, tag, text)
            if len(self._open) > DEEPEST:
                raise Oversized(deep=True)

    def _start(self, name: str, tag: re.Match[str], text: str) -> int:
        """Take a start tag in; return where to read on."""
        rest, at = tag["rest"], tag.end()
        if len(rest) >= _FEW:
            self._attributes(rest)
        foreign = any(self._held[kind] for kind in _FOREIGN)
        if name in _RAW_END and self._raw and not foreign and not self._held["select"]:
            return self._past(name, text, at)
        if name == "frameset":
            self._raw, self._framed = False, True
        if self._framed:
            self._push(_Element(name))
            return at
        if not foreign:
            if not (name in _FOREIGN and _is_leaf(rest)):
                self._begin(name, rest)
            return at
        self._plain = self._plain and name not in _UNSURE
        exact = self._plain and not any(self._held[kind] for kind in _NAMED)
        if exact and name in _BREAKOUT:
            self._leave_foreign()
            self._begin(name, rest)
        elif not (exact and _is_leaf(rest)):
            self._add_open(_Element(name, rest))
        return at

    def _leave_foreign(self) -> None:
        while any(self._held[kind] for kind in _FOREIGN):
            if not self._plain or any(self._held[kind] for kind in _NAMED):
                self._plain = False
                return
            self._pop()

    def _add(self, parts: int) -> None:
        self._parts += parts
        if self._parts > MOST_PARTS:
            raise Oversized(deep=False)

    def _attributes(self, rest: str) -> None:
        count = 0
        for _ in _ONE_ATTRIBUTE.finditer(rest):
            count += 1
            if count > MOST_ATTRIBUTES:
                raise Oversized(deep=False)
        self._add(count)

    def _past(self, name: str, text: str, at: int) -> int:
        """Return where the words of a script or the like end."""
        end = _RAW_END[name].search(text, at)
        if name == "script" and end is not None:
            words = text[at : end.start()].lower()
            if "<script" in words.partition("<!--")[2]:
                # It may go on behind this end. Who writes so is read as if nothing were a script.
                self._raw = False
                return at
        return end.start() if end else len(text)

    def _begin(self, name: str, rest: str) -> None:
        if name in _CELLS:
            self._pop_to(_PAST_CELLS)
        if name in _ENDS_SELECT and self._held["select"]:
            self._choosing = True
        if name in _ITEMS:
            self._end_item(_ITEMS[name])
        if name in _RUBY and self._is_in_scope("ruby"):
            self._pop_all(_IMPLIED - {"rtc"} if name in {"rp", "rt"} else _IMPLIED)
        if name in _ENDS_P and self._held["p"]:
            self._end("p", _BARRIERS | {"button"})
        if self._lost and name not in _ENDS_P:
            self._reopen()
        if name in _UNCOUNTED:
            return
        if name in {"a", "nobr"}:
            self._end_formatting(name)
        if name in {"option", "optgroup"}:
            self._end_options()
        self._add_open(_Element(name, rest))

    def _add_open(self, element: _Element) -> None:
        name, rest = element.name, element.rest
        if name in _FORMATTING:
            same = [one for one in self._active if (one.name, one.rest) == (name, rest)]
            if len(same) >= _SAME:
                self._forget(same[0])
            self._active.append(element)
            if len(self._active) > DEEPEST:
                raise Oversized(deep=True)
        self._push(element)

    def _close(self, name: str) -> None:
        if self._framed:
            return
        if name in _ENDS_FOREIGN:
            self._leave_foreign()
        if name in _FORMATTING:
            self._end_formatting(name)
        elif name in _UNCOUNTED or not self._held[name] or (name == "select" and self._choosing):
            return
        elif name == "form":
            self._remove("form")
        elif name in _PAST_CELLS:
            self._end(name, _PAST_CELLS)
        elif name == "li":
            self._end(name, _BARRIERS | {"ol", "ul"})
        elif name == "p":
            self._end(name, _BARRIERS | {"button"})
        elif name in _SCOPED:
            self._end(name, _BARRIERS)
        else:
            self._end(name, _SPECIAL)

    def _push(self, element: _Element) -> None:
        self._open.append(element)
        self._held[element.name] += 1

    def _pop(self) -> None:
        self._closed(self._open.pop())

    def _closed(self, element: _Element) -> None:
        self._held[element.name] -= 1
        element.is_open = False
        if element.name in _FORMATTING and element in self._active:
            self._lost += 1

    def _reopen(self) -> None:
        """Open again what was closed along with what it stood in, as the parser does before words."""
        for element in self._active:
            if not element.is_open:
                element.is_open = True
                self._push(element)
                self._add(1)
        self._lost = 0

    def _forget(self, element: _Element) -> None:
        self._active.remove(element)
        self._lost -= not element.is_open

    def _end(self, name: str, barriers: frozenset[str]) -> None:
        """Close the innermost `name` and what is open in it, unless a barrier stands before it."""
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].name == name:
                while len(self._open) > place:
                    self._pop()
                return
            if self._open[place].name in barriers:
                return

    def _end_item(self, kinds: frozenset[str]) -> None:
        for element in reversed(self._open):
            if element.name in kinds:
                self._end(element.name, frozenset())
                return
            if element.name in _SPECIAL and element.name not in _THROUGH_ITEMS:
                return

    def _end_formatting(self, name: str) -> None:
        """Close an element of formatting; what is open in it stays."""
        if any(self._held[kind] for kind in _FOREIGN):
            self._plain = False  # it may end the drawing as well
        element = next((one for one in reversed(self._active) if one.name == name), None)
        if element is None:
            self._remove(name)
        elif not element.is_open or self._remove(name):
            self._forget(element)

    def _end_options(self) -> None:
        barrier = next((one.name for one in reversed(self._open) if one.name in _BARRIERS), "")
        ended = _ENDS_BY_ITSELF if barrier == "select" else _OPTION
        self._pop_all(ended)

    def _is_in_scope(self, name: str) -> bool:
        for element in reversed(self._open):
            if element.name == name:
                return True
            if element.name in _BARRIERS:
                return False
        return False

    def _pop_all(self, kinds: frozenset[str]) -> None:
        while self._open and self._open[-1].name in kinds:
            self._pop()

    def _remove(self, name: str) -> bool:
        """Take the innermost `name` out of those that are open; False if a barrier stands before it."""
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].name == name:
                self._closed(self._open.pop(place))
                return True
            if self._open[place].name in _BARRIERS:
                return False
        return True

    def _pop_to(self, kinds: frozenset[str]) -> None:
        if not any(self._held[kind] for kind in kinds):
            return
        while self._open[-1].name not in kinds:
            self._pop()


def _is_leaf(rest: str) -> bool:
    """Return whether a tag says that it has no content, which counts in drawings and formulas alone."""
    if not rest.endswith("/"):
        return False
    last = 0
    for one in _ONE_ATTRIBUTE.finditer(rest):
        last = one.end()
    return last < len(rest)
