"""How deep and how large the tree of an HTML page can become, found by one scan before it is built.

The parser looks through the elements that are open at every tag, so its time grows with the sum of
their numbers: 80,000 open `<div>` hold it for 16 seconds. The scan keeps a list of what may be open,
and counts. Rule: an element leaves the list only where every parser is sure to have closed it by then.
Of what was closed by what stands around it, and of all that is odd, more is counted than there is,
never less: a sloppy page of ordinary length is still far below the limits.
"""

import re
from collections import Counter

# What one page may have. The longest real pages (a topic with 100 posts, a photo blog of a year) have
# 60,000 elements and 60 of them inside each other; Chromium itself stops at 512.
MOST_PARTS = 500_000
MOST_ATTRIBUTES = 256  # of one tag
# Elements open at a tag, over all tags: a second of the parser. 28,000 tags are below it in any order.
MOST_WORK = 400_000_000
MOST_SIGNS = 2_000_000  # "<" that begin a tag or none: the parser makes a note of each

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
_CDATA = "<![CDATA["
_ASCII = re.IGNORECASE | re.ASCII
_RAW_END = {
    name: re.compile(rf"</{name}(?=[\t\n\f\r />])", _ASCII)
    for name in (*("style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"),)
}
_SCRIPT_SIGN = re.compile(r"<!--|-->|<(?P<close>/?)script(?=[\t\n\f\r />])", _ASCII)
_CHOICE = 14  # the work of looking at one element of a choice, for each option that comes to it
_FEW = 128  # characters of a tag that cannot hold so many attributes that it matters
_NEAR = (
    64  # how far an end tag is followed back: further away, its element is not taken off the list
)


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


_VOID = _words(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source "
    "track wbr"
)
_FORMATTING = _words("a b big code em font i nobr s small strike strong tt u")
# Of these a table has at most one each inside the other.
_CELLS = _words("caption colgroup tbody td tfoot th thead tr")
_UNCOUNTED = _VOID | _CELLS | {"html", "head", "body"}
_DRAWINGS = _words("svg math")
_WITHIN = _words("foreignobject desc title mi mo mn ms mtext annotation-xml")  # HTML begins anew
_BARRIERS = _words("applet frameset marquee object table template select") | _WITHIN
_SPECIAL = _BARRIERS | _words(
    "address article aside blockquote button center dd details dir div dl dt fieldset "
    "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup iframe li listing "
    "main menu nav noembed noframes noscript ol option p plaintext pre rb rp rt rtc ruby script "
    "search section style summary textarea title ul xmp"
)
# What an end tag of these closes may have other block elements in it; of all others it may not.
_SCOPED = _words(
    "address article aside blockquote button center dd details div dl dt fieldset figcaption "
    "figure footer h1 header main menu nav ol pre section summary ul"
)
_BREAKOUT = _words(
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img "
    "li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul "
    "var"
)  # HTML that ends a drawing or a formula
_ENDS_P = _words(
    "address article aside blockquote center dd details div dl dt fieldset figcaption figure "
    "footer h1 h2 h3 h4 h5 h6 header li main menu nav ol p pre section summary ul"
)
_ITEMS = {"li": _words("li"), "dd": _words("dd dt"), "dt": _words("dd dt")}
_AROUND_ITEMS = _SPECIAL - _words("address div p")
_HEADINGS = {f"h{n}": "h1" for n in range(1, 7)}  # the end tag of one closes any other
_BEFORE = {
    "li": _BARRIERS | {"ol", "ul"},
    "p": _BARRIERS | {"button"},
    "table": _words("template"),
    **dict.fromkeys(_SCOPED, _BARRIERS),
}  # behind which of these an end tag does not look; for all other names behind none of `_SPECIAL`
_SAME = 3  # of a formatting element that is not closed so many alike come back, and no more
_FORMATS = re.compile(rf"<(?:{'|'.join(_FORMATTING - {'a'})})(?=[\t\n\f\r />])", _ASCII)


class Oversized(Exception):  # not an error for people: `foreign` says it in words
    """The page would make a tree that is not built; `deep` says which limit it passes."""

    def __init__(self, *, deep: bool) -> None:
        super().__init__()
        self.deep = deep


def check_page(text: str) -> int:
    """Return how many elements may be open at once, most often more than there are.

    Raises `Oversized` if the tree of this HTML could pass a limit; takes time by length alone.
    """
    scan = _Scan(text)
    scan.run()
    return scan.deepest


class _Scan:
    """What may be open. Invariant: each element that the parser has open, or will open again, is in it.

    For table rows, cells and the like one element stands for five at most.
    """

    def __init__(self, text: str) -> None:
        self.deepest = 0
        self._text = text
        self._open: list[tuple[str, str]] = []  # a name and, of formatting, the attributes
        self._held = Counter[str]()  # how many of each name that is
        self._formats = Counter[tuple[str, str]]()
        self._returning = 0  # formatting that the parser opens again in each block, if it was lost
        self._chosen = 0  # elements of the choices that may be open
        self._drawn = 0  # the innermost elements that are sure to be open and of a drawing
        self._parts = self._work = self._page_attributes = 0

    def run(self) -> None:
        at = 0
        if self._text.count("<") > MOST_SIGNS:
            raise Oversized(deep=False)
        while (tag := _TAG.search(self._text, at)) is not None:
            at = tag.end()
            name = tag["name"]
            self._add(1)
            if not name:
                at = self._pass_over(tag)
                continue
            name = name.lower() if name.isascii() else name
            if name in _SPECIAL or name in _CELLS:
                self._add(self._returning)
            if tag["close"]:
                self._close(name)
            else:
                at = self._start(name, tag)
            self._chosen = self._chosen + 1 if self._held["select"] else 0
            if name == "option" and not tag["close"]:
                self._work += _CHOICE * self._chosen
            self._work += len(self._open)
            self.deepest = max(self.deepest, len(self._open))
            if self._work > MOST_WORK:
                raise Oversized(deep=True)

    def _add(self, parts: int) -> None:
        self._parts += parts
        if self._parts > MOST_PARTS:
            raise Oversized(deep=False)

    def _pass_over(self, tag: re.Match[str]) -> int:
        """Return where a comment or the like ends."""
        if tag[0] == "<!--":
            end = _COMMENT_END.search(self._text, tag.end())
            return end.end() if end else len(self._text)
        if tag[0].startswith(_CDATA) and self._may_be_drawing():
            start = tag.start() + len(_CDATA)
            end_at = self._text.find("]]>", start)
            end_at = len(self._text) if end_at < 0 else end_at
            return self._give_up(start) if "<" in self._text[start:end_at] else end_at
        return tag.end()

    def _start(self, name: str, tag: re.Match[str]) -> int:
        """Take a start tag in; return where to read on."""
        rest, at = tag["rest"], tag.end()
        self._count_attributes(name, rest)
        if self._drawn and self._start_drawn(name, rest):
            return at
        is_html = name in _BREAKOUT or not self._may_be_drawing()
        if name in _DRAWINGS:
            if not _is_leaf(rest):
                self._push(name, rest)
                self._drawn = 0 if self._held["select"] else 1
        elif name == "script" or name in _RAW_END:
            end = self._past(name, at)
            # Even where nobody knows whether these words are tags: there may be none among them.
            if self._is_raw(name) or "<" not in self._text[at:end]:
                return end
            return self._give_up(at)
        elif name == "frameset" or (name == "col" and self._held["template"]):
            return self._give_up(at)  # from here on most tags mean nothing
        elif not is_html:
            self._push(name, rest)
        else:
            self._begin(_HEADINGS.get(name, name), rest)
        return at

    def _start_drawn(self, name: str, rest: str) -> bool:
        """Return whether a start tag was one of the drawing, and not the end of it."""
        if name == "font" or self._open[-1][0] in _WITHIN:
            self._drawn = 0
        elif name in _BREAKOUT:
            self._pop(self._drawn)
        elif not _is_leaf(rest):
            self._push(name, rest)
            self._drawn += 1
        return self._drawn > 0

    def _begin(self, name: str, rest: str) -> None:
        """Take the start tag of an element of HTML in, and off the list what it closes."""
        if name in _ITEMS:
            self._remove(_ITEMS[name], _AROUND_ITEMS)
        if name in _ENDS_P:
            self._remove({"p"}, _BEFORE["p"])
        if name == "a" and not self._may_be_drawing():
            self._remove({"a"}, _SPECIAL)
        if name == "option" and self._open and self._open[-1][0] == name:
            self._pop()
        if name not in _UNCOUNTED:
            self._push(name, rest)

    def _close(self, name: str) -> None:
        if self._drawn and self._close_drawn(name):
            return
        name = _HEADINGS.get(name, name)
        if name in _UNCOUNTED or name == "form":
            return  # which form an end tag closes depends on tags that lie far behind
        if name in _WITHIN:
            if self._open and self._open[-1][0] == name:
                self._pop()
        else:
            self._remove({name}, _BEFORE.get(name, _SPECIAL))

    def _close_drawn(self, name: str) -> bool:
        """Return whether an end tag was one of the drawing alone."""
        for back in range(1, self._drawn + 1):
            if self._open[-back][0] == name:
                self._pop(back)
                return True
        if name in {"br", "p"} and self._open[-1][0] not in _WITHIN:
            self._pop(self._drawn)
        self._drawn = 0
        return False

    def _remove(self, names: set[str] | frozenset[str], barriers: frozenset[str]) -> None:
        """Take the innermost of `names` off the list, and it alone, unless a barrier stands before it."""
        if not any(self._held[name] for name in names):
            return
        for place in range(len(self._open) - 1, max(len(self._open) - 1 - _NEAR, -1), -1):
            name = self._open[place][0]
            if name in names:
                self._left(self._open.pop(place))
                return
            if name in barriers:
                return

    def _pop(self, count: int = 1) -> None:
        for _ in range(count):
            self._left(self._open.pop())
        self._drawn = max(self._drawn - count, 0)

    def _push(self, name: str, rest: str) -> None:
        element = (name, rest if name in _FORMATTING and name != "a" else "")
        self._open.append(element)
        self._held[name] += 1
        if name in _FORMATTING:
            self._add(1)
            self._formats[element] += 1
            self._returning += self._formats[element] <= _SAME

    def _left(self, element: tuple[str, str]) -> None:
        self._held[element[0]] -= 1
        if element[0] in _FORMATTING:
            self._returning -= self._formats[element] <= _SAME
            self._formats[element] -= 1

    def _may_be_drawing(self) -> bool:
        return self._held["svg"] > 0 or self._held["math"] > 0

    def _is_raw(self, name: str) -> bool:
        """Return whether the words of a script or the like are sure to be no tags."""
        of_choice = name in {"script", "textarea"} or not self._held["select"]
        return of_choice and not self._may_be_drawing()

    def _past(self, name: str, at: int) -> int:
        """Return where the words of a script or the like end."""
        if name != "script":
            end = _RAW_END[name].search(self._text, at)
            return end.start() if end else len(self._text)
        hidden = doubly = False  # within a comment, and within a script in a comment
        while (sign := _SCRIPT_SIGN.search(self._text, at)) is not None:
            at = sign.end()
            if sign[0] == "<!--":
                at -= 0 if hidden else 2  # its own dashes may end it
                hidden = True
            elif sign[0] == "-->":
                hidden = doubly = False
            elif not sign["close"]:
                doubly = hidden
            elif doubly:
                doubly = False
            else:
                return sign.start()
        return len(self._text)

    def _count_attributes(self, name: str, rest: str) -> None:
        of_page = name in {"html", "body"}  # all such tags are one element
        if len(rest) < _FEW and not of_page:
            return
        count = 0
        for _ in _ONE_ATTRIBUTE.finditer(rest):
            count += 1
            if count > MOST_ATTRIBUTES:
                raise Oversized(deep=False)
        self._page_attributes += count if of_page else 0
        if self._page_attributes > MOST_ATTRIBUTES:
            raise Oversized(deep=False)
        self._add(count)

    def _give_up(self, at: int) -> int:
        """Take every tag from here on as an element that is never closed."""
        left = self._text.count("<", at)
        formats = sum(1 for _ in _FORMATS.finditer(self._text, at))
        self._add(left * (1 + self._returning + formats))
        self._work += left * len(self._open) + left * left // 2
        self.deepest = max(self.deepest, len(self._open) + left)
        if self._work > MOST_WORK:
            raise Oversized(deep=True)
        return len(self._text)


def _is_leaf(rest: str) -> bool:
    """Return whether a tag says that it has no content, which counts in drawings and formulas alone."""
    if not rest.endswith("/"):
        return False
    last = 0
    for one in _ONE_ATTRIBUTE.finditer(rest):
        last = one.end()
    return last < len(rest)
