"""How many of the links that extractors test themselves with are known here for what they are.

`make routing`: each link goes through the very function of `gatherum explain`; nothing is asked of any
site. The links of yt-dlp are in its wheel; those of gallery-dl only in a clone of it, which
GATHERUM_GALLERY_DL names.
"""

import ast
import asyncio
import os
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from yt_dlp.extractor import gen_extractor_classes

from gatherum.acquiring.desk import Desk
from gatherum.app import open_app
from gatherum.errors import InvalidInput, Refused
from gatherum.settings import BootSettings

DOCS = Path(__file__).parent.parent / "docs"
TARGET = DOCS / "routing.md"
OTHER_TARGET = DOCS / "routing-gallery-dl.md"
CLONE = "GATHERUM_GALLERY_DL"
# Platforms that have a module here, by how the names of yt-dlp's extractors begin.
NAMED = {
    "bluesky": "bluesky",
    "instagram": "instagram",
    "linkedin": "linkedin",
    "pinterest": "pinterest",
    "reddit": "reddit",
    "snapchat": "snapchat",
    "tiktok": "tiktok",
    "twitter": "x",
    "youtube": "youtube",
}
# The same for gallery-dl, by the names of the files with its results.
NAMED_THERE = {
    "bluesky": "bluesky",
    "instagram": "instagram",
    "pinterest": "pinterest",
    "reddit": "reddit",
    "tiktok": "tiktok",
    "twitter": "x",
}
NO_LINK, REFUSED, ASKED = "no link", "no http link", "asked first"

HEAD = """# What links are taken for

Written by `make routing`: every link that {whose}
goes through the function of `gatherum explain`, without any request.

| what becomes of a link | links |
|---|---|
"""
PLATFORMS = """
For the platforms that have a module here: of the links of an extractor, those that are known for the
platform, and as what. What is not known for the platform is an identifier without a host, a page that
the extractor alone lists (then it is taken as a site of its), a file, or nothing.

| extractor | links | known for the platform | as |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A link that an extractor tests itself with."""

    extractor: str
    key: str
    url: str
    platform: str | None  # of ours, that it belongs to, if that has a module


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What a link is taken for. Without a platform `kind` says why."""

    case: Case
    platform: str | None
    kind: str

    @property
    def is_right(self) -> bool:
        """Whether it was taken for the platform that its extractor is of."""
        return self.platform is not None and self.platform == self.case.platform

    @property
    def told(self) -> str:
        """What became of it, in a few words."""
        if self.platform is None:
            return self.kind
        if self.kind in ("ytdlp", "gallerydl"):
            own = self.platform == self.case.key.lower()
            return f"a site of {self.kind}" + ("" if own else ", by another name")
        if self.case.platform is None:
            return "a platform, a file or a feed"
        return "the platform of its extractor" if self.is_right else "another platform"


def cases() -> Iterator[Case]:
    """Yield the links of all working extractors."""
    for extractor in gen_extractor_classes():  # type: ignore[no-untyped-call]  # it says no types
        if extractor.working():
            for test in extractor.get_testcases(include_onlymatching=True):
                name = str(extractor.IE_NAME)
                platform = next(
                    (ours for start, ours in NAMED.items() if name.lower().startswith(start)), None
                )
                yield Case(
                    extractor=name, key=extractor.ie_key(), url=test["url"], platform=platform
                )


def cases_in(clone: Path) -> Iterator[Case]:
    """Yield the links of gallery-dl's results in a clone of it. They are read, never run."""
    for path in sorted((clone / "test" / "results").glob("*.py")):
        for entry in _results(ast.parse(path.read_text(encoding="utf-8"))):
            names = {
                key.value: value
                for key, value in zip(entry.keys, entry.values, strict=True)
                if isinstance(key, ast.Constant)
            }
            url, category = (_literal(names.get(name)) for name in ("#url", "#category"))
            if isinstance(url, str):
                _, key, kind = category if isinstance(category, tuple) else ("", path.stem, "")
                yield Case(
                    extractor=f"{path.stem} {kind}".strip(),
                    key=key,
                    url=url,
                    platform=NAMED_THERE.get(path.stem),
                )


def _results(module: ast.Module) -> Iterator[ast.Dict]:
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            yield from (one for one in node.value.elts if isinstance(one, ast.Dict))


def _literal(node: ast.expr | None) -> object:
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:  # put together by the file: no link to read
        return None


async def follow(desk: Desk, wanted: Iterable[Case]) -> list[Route]:
    """Say what each link is taken for."""
    return [await _route(desk, case) for case in wanted]


async def _route(desk: Desk, case: Case) -> Route:
    try:
        found = await desk.explain(case.url)
    except InvalidInput:
        return Route(case=case, platform=None, kind=NO_LINK)
    except Refused:
        return Route(case=case, platform=None, kind=REFUSED)
    if found.feed is None:
        return Route(case=case, platform=None, kind=ASKED)
    return Route(case=case, platform=found.platform or "web", kind=found.feed)


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    """Offer the desk of a program that knows nothing yet."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_app(BootSettings(data_dir=Path(folder) / "data", _env_file=None)) as app:
            yield app.desk


def named(routes: Iterable[Route]) -> Mapping[str, Counter[str]]:
    """Count, by extractor of a platform with a module, what its links are taken for."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for route in routes:
        if route.case.platform is not None:
            counted[route.case.extractor][route.kind if route.is_right else ""] += 1
    return counted


def rows(counted: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Yield the lines of the table of platforms."""
    for name, kinds in sorted(counted.items(), key=lambda pair: pair[0].lower()):
        right = sum(count for kind, count in kinds.items() if kind)
        shown = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()) if kind)
        yield f"| {name} | {sum(kinds.values())} | {right} | {shown or '-'} |"


def write(routes: Iterable[Route], whose: str) -> str:
    """Return the text of a file."""
    found = list(routes)
    totals = Counter(route.told for route in found)
    lines = [f"| {what} | {count} |" for what, count in totals.most_common()]
    lines.append(f"| all | {len(found)} |")
    parts = [HEAD.format(whose=whose), "\n".join(lines), "\n", PLATFORMS]
    return "".join([*parts, "\n".join(rows(named(found))), "\n"])


async def main() -> None:
    """Write the files, and print them."""
    async with desk() as opened:
        whose = f"the working extractors of yt-dlp {version('yt-dlp')} test themselves with"
        _say(TARGET, write(await follow(opened, cases()), whose))
        if named := os.environ.get(CLONE):
            clone = Path(named)
            told = (clone / "gallery_dl" / "version.py").read_text(encoding="utf-8")
            release = re.findall(r'__version__ = "(.+?)"', told)[0]
            whose = f"the extractors of gallery-dl {release} test themselves with"
            _say(OTHER_TARGET, write(await follow(opened, cases_in(clone)), whose))


def _say(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    asyncio.run(main())
