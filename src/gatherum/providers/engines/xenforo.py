"""XenForo forums, on any host, through gallery-dl: a login is needed where the forum wants one.

Of these, profiles are read in no other way.
"""

import re
from collections.abc import AsyncIterator, Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel, ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import Media, Page, Post, Target
from gatherum.ports import Client, EngineFile, EngineRequest
from gatherum.providers import Needs, provider
from gatherum.providers.engines.drafts import Draft, pages
from gatherum.providers.engines.readers import reads
from gatherum.providers.engines.reading import date_of, is_web_address, kind_of_file, text_of

NEVER = r"(?!)"  # a link does not show that a host is a forum: the caller has asked it


class Message(BaseModel):
    id: str
    author: str = ""
    date: str = ""
    content: str = ""


class Said(BaseModel):
    post: Message
    root: str


class Shown(BaseModel):
    type: str = ""
    id: int = 0
    filename: str = ""
    extension: str = ""


async def listing(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what was written, newest first; posts without any media are left out."""
    request = EngineRequest(engine="gallerydl", url=f"xenforo:{target.url}")
    async for page in pages(client, request, post_of, cursor):
        yield page


EXAMPLES = {
    "thread": "threads/holiday.12/",
    "forum": "forums/pictures.3/",
    "post": "posts/345/",
    "profile": "members/ada.7/",
}
for _feed, _path in EXAMPLES.items():
    provider(
        platform="xenforo",
        feed=_feed,
        pattern=NEVER,
        example=f"https://forum.example/{_path}",
        needs=Needs(probe=True),
        order=200,
        via="gallerydl",
    )(listing)


@reads("gallerydl", "xenforo")
def post_of(draft: Draft) -> Post | None:
    """Return the message that gallery-dl speaks of, None if it holds no media."""
    try:
        said = Said.model_validate(draft.meta)
        media = tuple(_media(said.post.id, draft.files))
    except ValidationError as error:
        raise UnexpectedResponse("This forum describes its posts in an unknown form.") from error
    if not media:
        return None
    return Post(
        platform="xenforo",
        host=urlsplit(said.root).netloc,
        id=said.post.id,
        url=urljoin(said.root + "/", f"posts/{said.post.id}/"),
        author=said.post.author,
        caption=text_of(said.post.content),
        posted_at=date_of(said.post.date),
        media=media,
        links=tuple(link for link in dict.fromkeys(draft.links) if is_web_address(link)),
    )


def _media(post: str, files: list[EngineFile]) -> Iterator[Media]:
    known: set[str] = set()
    unnumbered = 0
    for file in files:
        shown = Shown.model_validate(file.meta)
        # A player's number counts another thing than attachments do: only theirs is an identity.
        attached = shown.id and re.search(r"[/?]attachments/", file.url)
        if not attached:
            unnumbered += 1
        name = str(shown.id) if attached else f"{post}_{unnumbered}"
        if name not in known:
            known.add(name)
            yield Media(
                id=name,
                url=unescape(file.url),  # it is handed on as the page has it
                kind=kind_of_file(file),
                headers=file.headers,
                filename=f"{shown.filename}.{shown.extension}" if shown.filename else None,
            )
