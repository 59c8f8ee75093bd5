"""How many of the links that yt-dlp tests itself with are known here for what they are: `make routing`.

Each link goes through the very function of `gatherum explain`; nothing is asked of any site.
"""

import asyncio
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

TARGET = Path(__file__).parent.parent / "docs" / "routing.md"
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
NO_LINK, REFUSED, ASKED = "no link", "no http link", "asked first"

HEAD = """# What links are taken for

Written by `make routing`: every link that the working extractors of yt-dlp {yt_dlp} test themselves with
goes through the function of `gatherum explain`, without any request.

| what becomes of a link | links |
|---|---|
"""
PLATFORMS = """
For the platforms that have a module here: of the links of an extractor, those that are known for the
platform, and as what. What is not known for the platform is an identifier without a host, a page that
yt-dlp alone lists (then it is taken as a site of yt-dlp), or nothing.

| extractor | links | known for the platform | as |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A link that an extractor tests itself with."""

    extractor: str
    key: str
    url: str

    @property
    def platform(self) -> str | None:
        """The platform of ours that it belongs to, if that has a module."""
        return next(
            (ours for start, ours in NAMED.items() if self.extractor.lower().startswith(start)),
            None,
        )


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
            own = self.kind == "ytdlp" and self.platform == self.case.key.lower()
            return f"a site of {self.kind}" + ("" if own else ", by another name")
        if self.case.platform is None:
            return "a platform, a file or a feed"
        return "the platform of its extractor" if self.is_right else "another platform"


def cases() -> Iterator[Case]:
    """Yield the links of all working extractors."""
    for extractor in gen_extractor_classes():  # type: ignore[no-untyped-call]  # it says no types
        if extractor.working():
            for test in extractor.get_testcases(include_onlymatching=True):
                yield Case(
                    extractor=str(extractor.IE_NAME), key=extractor.ie_key(), url=test["url"]
                )


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


def write(routes: Iterable[Route]) -> str:
    """Return the text of the file."""
    found = list(routes)
    totals = Counter(route.told for route in found)
    lines = [f"| {what} | {count} |" for what, count in totals.most_common()]
    lines.append(f"| all | {len(found)} |")
    parts = [HEAD.format(yt_dlp=version("yt-dlp")), "\n".join(lines), "\n", PLATFORMS]
    return "".join([*parts, "\n".join(rows(named(found))), "\n"])


async def main() -> None:
    """Write the file, and print it."""
    async with desk() as opened:
        text = write(await follow(opened, cases()))
    TARGET.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    asyncio.run(main())
