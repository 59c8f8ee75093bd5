"""Who reads what an engine says: the platforms that we know ourselves, each its own posts.

So a post is the same one whichever link led to it, and whichever engine brought it.
"""

from collections.abc import AsyncIterator, Callable, Mapping

from gatherum.model import Page, Target
from gatherum.ports import Client, EngineRequest, Json, Listing
from gatherum.providers.engines.drafts import Nothing, Reader, lists_are_empty, pages

_readers: dict[tuple[str, str], Reader] = {}


def reads(engine: str, *sites: str) -> Callable[[Reader], Reader]:
    """Register the decorated reader for what `engine` calls by these names.

    With gallery-dl they are its categories and base categories, with yt-dlp the keys of its
    extractors, in small letters.
    """

    def add(reader: Reader) -> Reader:
        _readers.update({(engine, site): reader for site in sites})
        return reader

    return add


def find_reader(engine: str, meta: Mapping[str, Json]) -> Reader | None:
    """Return who reads a post that `engine` describes like this, None for a site of no platform of ours."""
    names = (meta.get(name) for name in ("category", "basecategory", "extractor_key", "ie_key"))
    found = (_readers.get((engine, name.lower())) for name in names if isinstance(name, str))
    return next((reader for reader in found if reader is not None), None)


def listing_by(
    engine: str,
    read: Reader,
    form: str = "{url}",
    *,
    flat: bool = False,
    by_date: bool = False,
    nothing: Nothing = lists_are_empty,
    **options: Json,
) -> Listing:
    """Return a listing of what an engine finds at an address.

    `form` is that address, a template over the target's values and `url`; `by_date` as a page's,
    `nothing` as that of `pages`.
    """

    async def listing(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        url = form.format_map({**target.values, "url": target.url})
        request = EngineRequest(engine=engine, url=url, flat=flat, options=options)
        found = pages(client, request, read, cursor, by_date=by_date, nothing=nothing)
        async for page in found:
            yield page

    return listing
