"""The picture sites that gallery-dl knows and we have no provider of our own for."""

from collections.abc import AsyncIterator, Iterator, Mapping

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, MediaKind, Page, Post, Target, Transport
from gatherum.ports import Client, EngineFile, EngineRequest, Json
from gatherum.providers import ANY, Needs, Provider, register
from gatherum.providers.engines.drafts import Draft, pages
from gatherum.providers.engines.readers import find_reader
from gatherum.providers.engines.reading import (
    YTDL,
    date_of,
    integer,
    is_web_address,
    kind_of_file,
    text_of,
)
from gatherum.providers.engines.sites import platform_of

POST_IDS = ("post_id", "tweet_id", "status_id", "gallery_id", "submission_id", "id", "gid", "pid")
MEDIA_IDS = ("media_id", "image_id", "file_id", "photo_id", "id")
AUTHORS = ("username", "author", "user", "uploader", "artist", "owner", "creator", "account")
NAMES = ("acct", "username", "screen_name", "handle", "name", "nick", "id")
CAPTIONS = ("description", "content", "caption", "title", "text", "body")
LINKS = ("post_url", "url", "permalink", "gallery_url", "page_url", "web_url")


async def site(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what gallery-dl finds behind a link of one of its sites, in the site's order."""
    request = EngineRequest(engine="gallerydl", url=target.url)
    async for page in pages(client, request, post_of, cursor):
        yield page


register(
    Provider(
        name="sites.gallerydl",
        platform=ANY,
        feed="gallerydl",
        example="https://imgur.com/a/abc12",
        needs=Needs(),
        listing=site,
        find=lambda _url: None,  # the engine itself says which links are its own
        order=700,
    )
)


def post_of(draft: Draft) -> Post | None:
    """Return a post in the words that most sites share; None if it offers nothing."""
    if reader := find_reader("gallerydl", draft.meta):
        return reader(draft)
    return _post(draft) if draft.files else None


def _post(draft: Draft) -> Post:
    meta = {**draft.files[0].meta, **draft.meta}
    category = meta.get("category")
    if not isinstance(category, str):
        raise UnexpectedResponse("The extractor does not say whose post this is.")
    key = _first(draft.files[0].meta, ("archive_key",))
    post = _first(draft.meta, POST_IDS) or _first(meta, POST_IDS) or key
    if not post:
        raise UnexpectedResponse("This site's posts have no number.")
    page = _first(meta, LINKS)
    root = _first(meta, ("root",))
    return Post(
        platform=platform_of(category),
        id=post,
        url=page if is_web_address(page) else root or draft.files[0].url,
        author=_author(meta),
        caption=text_of(_first(meta, CAPTIONS)),
        posted_at=date_of(meta.get("date")),
        media=tuple(_media(draft, post)),
        links=tuple(link for link in dict.fromkeys(draft.links) if is_web_address(link)),
    )


def _media(draft: Draft, post: str) -> Iterator[Media]:
    known: set[str] = set()
    for index, file in enumerate(draft.files, start=1):
        name = _media_id(file, post, index)
        if name in known:
            name = f"{post}_{index}"
        known.add(name)
        streamed = file.url.startswith(YTDL)
        address = file.url.removeprefix(YTDL)
        if not is_web_address(address):
            continue  # "text:" and the like: nothing that could be fetched
        stem, extension = _first(file.meta, ("filename",)), _first(file.meta, ("extension",))
        yield Media(
            id=name,
            url=address,
            kind=MediaKind.VIDEO if streamed else kind_of_file(file),
            transport=Transport.YTDLP if streamed else Transport.HTTP,
            headers={} if streamed else file.headers,
            mirrors=tuple(mirror for mirror in file.mirrors if is_web_address(mirror)),
            filename=f"{stem}.{extension}" if stem and extension else None,
            width=integer(file.meta.get("width")),
            height=integer(file.meta.get("height")),
        )


def _media_id(file: EngineFile, post: str, index: int) -> str:
    # Only what the file says and its post does not is the file's own.
    own = _first(file.meta, MEDIA_IDS)
    return own if own and own != post else f"{post}_{index}"


def _author(meta: Mapping[str, Json]) -> str:
    for name in AUTHORS:
        match meta.get(name):
            case str(author) if author:
                return author
            case dict(author) if found := _first(author, NAMES):
                return found
    return ""


def _first(meta: Mapping[str, Json], names: tuple[str, ...]) -> str:
    """Return the first of these fields that has a plain value, as text."""
    for name in names:
        match meta.get(name):
            case bool() | None:
                continue
            case str() | int() as value if value:
                return str(value)
    return ""
