"""Reddit through gallery-dl, for when our own way is broken. It hands on what Reddit answered."""

from pydantic import ValidationError

from gatherum.errors import UnexpectedResponse
from gatherum.model import Post
from gatherum.providers import add_way
from gatherum.providers.engines.drafts import Draft
from gatherum.providers.engines.readers import listing_by, reads
from gatherum.providers.reddit import ROOT, Submission, read_post

FORMS = {
    "user": "/user/{user}/submitted/?sort=new",
    "subreddit": "/r/{subreddit}/new/",
    "submission": "/comments/{id}/",
}


@reads("gallerydl", "reddit")
def post_of(draft: Draft) -> Post:
    """Return the post of the submission that gallery-dl speaks of."""
    try:
        return read_post(Submission.model_validate(draft.meta))
    except ValidationError as error:
        raise UnexpectedResponse("Reddit describes its posts in an unknown form.") from error


for _feed, _form in FORMS.items():
    add_way(
        listing_by("gallerydl", post_of, ROOT + _form, by_date=True),
        platform="reddit",
        feed=_feed,
        via="gallerydl",
        example=ROOT + _form.format(user="gatherum_demo", subreddit="gatherum_demo", id="1abc"),
        order=200,
    )
