"""Reddit through gallery-dl, for when our own way is broken. It hands on what Reddit answered."""

from collections.abc import AsyncIterator

from pydantic import ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import Page, Post, Target
from gatherum.ports import Client, EngineRequest, Listing
from gatherum.providers import Needs, Provider, register
from gatherum.providers.engines.drafts import Draft, pages
from gatherum.providers.reddit import ROOT, Submission, read_post

FORMS = {
    "user": "/user/{user}/submitted/?sort=new",
    "subreddit": "/r/{subreddit}/new/",
    "submission": "/comments/{id}/",
}


def _listing(form: str) -> Listing:
    async def listing(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
        request = EngineRequest(engine="gallerydl", url=ROOT + form.format_map(target.values))
        async for page in pages(client, request, post_of, cursor):
            yield page

    return listing


def post_of(draft: Draft) -> Post:
    """Return the post of the submission that gallery-dl speaks of."""
    try:
        return read_post(Submission.model_validate(draft.meta))
    except ValidationError as error:
        raise UnexpectedResponse("Reddit describes its posts in an unknown form.") from error


for _feed, _form in FORMS.items():
    register(
        Provider(
            name="reddit.gallerydl",
            platform="reddit",
            feed=_feed,
            example=ROOT + _form.format(user="gatherum_demo", subreddit="gatherum_demo", id="1abc"),
            needs=Needs(),
            listing=_listing(_form),
            find=lambda _url: None,  # our own way says what is Reddit's
            order=200,
        )
    )
