"""Write down what can be followed, and by which ways, from the registry: `make platforms`."""

from collections.abc import Iterator
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from gatherum.providers import ANY, Provider, all_providers

TARGET = Path(__file__).parent.parent / "docs" / "platforms.md"

HEAD = """# Platforms

Written by `make platforms` from the providers themselves; a test compares the two.

For each feed the ways to it stand in the order in which they are tried. Whoever follows something need
not choose: when one way breaks, the next one goes on, and what it brings are the same posts.

* **login**: a login of the platform is needed. **browser**: a browser is needed. **probe**: the link does
  not show what it is, so its host is asked once. **consent**: it is asked only after one has agreed to
  that in the settings, since strangers learn what is asked.
* A way of *another's servers* (a viewer site, say) never proves that something is gone.
* A listing that shows nothing is believed only where the site itself shows that there is nothing, and no
  way before it failed to understand a page. Otherwise the outcome is `site_changed`.

`gatherum explain LINK` tells what a link is, without a request.
"""
ENGINES = """
## Every other site

What stands above is read by its own words. Beside it, gallery-dl {gallery_dl} knows some 270 picture sites and yt-dlp
{yt_dlp} some 1,750 video sites; their links are taken as they are, each site a platform of its own.
Last comes any page: its feed, its players, its pictures.
"""


def describe() -> str:
    """Return the text of the file."""
    known = sorted(
        (one for one in all_providers() if one.platform != ANY),
        key=lambda one: (one.platform, one.feed, one.order, one.name),
    )
    sections = [
        "\n".join(_section(platform, list(ways)))
        for platform, ways in groupby(known, lambda one: one.platform)
    ]
    engines = ENGINES.format(gallery_dl=version("gallery-dl"), yt_dlp=version("yt-dlp"))
    return HEAD + "\n" + "\n\n".join(sections) + "\n" + engines


def _section(platform: str, ways: list[Provider]) -> Iterator[str]:
    yield f"## {platform}\n"
    yield "| what | for example | ways, in order |"
    yield "|---|---|---|"
    for feed, found in groupby(ways, lambda one: one.feed):
        chain = list(found)
        yield f"| {feed} | `{chain[0].example}` | {' → '.join(map(_way, chain))} |"


def _way(one: Provider) -> str:
    notes = [*one.needs.names(), *([] if one.direct else [f"servers of {one.site or 'another'}"])]
    name = one.name.removeprefix(f"{one.platform}.")
    return f"{name} ({', '.join(notes)})" if notes else name


if __name__ == "__main__":
    TARGET.write_text(describe(), encoding="utf-8")
