"""What Snapchat's pages hold, as posts: each snap is one, the same one whoever brought the page.

A media's id is that of its snap. A spotlight's snap has none but the spotlight's; a highlight's has none
at all: there it is the name of the file, which stays whatever form and host Snapchat serves it from.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from gatherum.errors import LoginRequired, UnexpectedResponse, Withheld
from gatherum.model import Media, MediaKind, Post, Target
from gatherum.ports import Json
from gatherum.providers.snapchat.pages import (
    HighlightPage,
    HighlightsPage,
    Metadata,
    Person,
    Profile,
    ProfilePage,
    Snap,
    SpotlightPage,
    SpotlightsPage,
    StoriesPage,
    Story,
    Video,
    Wire,
)

ROOT = "https://www.snapchat.com"
KINDS = {0: MediaKind.IMAGE, 1: MediaKind.VIDEO, 2: MediaKind.VIDEO}  # 2 has no sound
EXTENSIONS = {MediaKind.IMAGE: ".jpg", MediaKind.VIDEO: ".mp4"}
# Snapchat's own words, where somebody has said nothing of a spotlight.
_UNTOLD = ("Spotlight Snap", "Another Spotlight Snap brought to you by Snapchat")

Props = Mapping[str, Json]
Read = Callable[[Props, Target], tuple[Post, ...]]
P = TypeVar("P", bound=Wire)


def stories(props: Props, _: Target) -> tuple[Post, ...]:
    """Return somebody's live story; nothing if there is none just now."""
    person = _public(_page(ProfilePage, props).user_profile)
    page = _page(StoriesPage, props)
    if page.story is None:
        if person.has_story:
            raise UnexpectedResponse("Snapchat speaks of a story that its page does not hold.")
        return ()
    return _some(_live(snap, page.story, person.username) for snap in _shown(page.story))


def snap(props: Props, target: Target) -> tuple[Post, ...]:
    """Return one snap of a live story; all of them if it is the story that has the id."""
    told, story = stories(props, target), _page(StoriesPage, props).story
    if story is not None and story.story_id == target["id"]:
        return told
    found = tuple(post for post in told if post.id == target["id"])
    if not found:
        raise Withheld("Snapchat does not show this snap now: a story is public for a day.")
    return found


def highlights(props: Props, _: Target) -> tuple[Post, ...]:
    """Return the snaps of those of somebody's highlights that the page holds."""
    person = _public(_page(ProfilePage, props).user_profile)
    kept = _page(HighlightsPage, props).curated_highlights
    if not kept:
        return ()
    return _some(_kept(snap, story, person.username) for story in kept for snap in _shown(story))


def highlight(props: Props, _: Target) -> tuple[Post, ...]:
    """Return the snaps of one highlight."""
    page = _page(HighlightPage, props)
    person = page.public_user_profile or _public(page.user_profile or Profile())
    return _some(_kept(snap, page.highlight, person.username) for snap in _shown(page.highlight))


def spotlights(props: Props, _: Target) -> tuple[Post, ...]:
    """Return those of somebody's spotlights that the page holds."""
    person = _public(_page(ProfilePage, props).user_profile)
    page = _page(SpotlightsPage, props)
    if not page.spotlight_highlights:
        return ()
    told = page.spotlight_story_metadata or []
    if len(told) != len(page.spotlight_highlights):
        told = [None] * len(page.spotlight_highlights)
    return _some(
        _spotlight(snap, story, metadata, person.username)
        for story, metadata in zip(page.spotlight_highlights, told, strict=True)
        for snap in _shown(story)
    )


def spotlight(props: Props, target: Target) -> tuple[Post, ...]:
    """Return one spotlight; its page holds others too, to go on watching."""
    for watched in _page(SpotlightPage, props).spotlight_feed.spotlight_stories:
        if watched.story.story_id == target["id"]:
            video = watched.metadata.video_metadata
            creator = video.creator if video else None
            author = creator.person_creator if creator else None
            return _some(
                _spotlight(snap, watched.story, watched.metadata, author.username if author else "")
                for snap in _shown(watched.story)
            )
    raise UnexpectedResponse("Snapchat does not show this spotlight at its own link.")


def newest_first(posts: Iterable[Post]) -> tuple[Post, ...]:
    """Return each post once, the newest first."""
    each: dict[str, Post] = {}
    for post in posts:
        each.setdefault(post.id, post)
    return tuple(sorted(each.values(), key=_when, reverse=True))


def _some(posts: Iterable[Post]) -> tuple[Post, ...]:
    """Return each post once, the newest first; that a story holds none is no answer."""
    found = newest_first(posts)
    if not found:
        raise UnexpectedResponse("Snapchat speaks of snaps that its page does not hold.")
    return found


def said(*words: str) -> str:
    """Return the first words that are somebody's own, '' if there are none."""
    return next((one for one in words if one and one not in _UNTOLD), "")


def file_media(url: str, kind: MediaKind, name: str) -> Media:
    """Return a file of Snapchat's hosts as the media called `name`."""
    return Media(id=name, url=url, kind=kind, filename=_file(url) + EXTENSIONS.get(kind, ""))


def _page(form: type[P], props: Props) -> P:
    try:
        return form.model_validate(props)
    except ValidationError as error:
        raise UnexpectedResponse("Snapchat describes its snaps in an unknown form.") from error


def _public(profile: Profile) -> Person:
    if profile.public_profile_info is not None:
        return profile.public_profile_info
    if profile.user_info is not None:
        raise LoginRequired("This person has no public profile: friends alone see what is told.")
    raise UnexpectedResponse("Snapchat describes its people in an unknown form.")


def _shown(story: Story) -> list[Snap]:
    """Return the snaps that have an address: some are there without one."""
    return [snap for snap in story.snap_list if snap.snap_urls.media_url]


def _live(snap: Snap, story: Story, author: str) -> Post:
    name = snap.snap_id or _file(snap.snap_urls.media_url)
    caption = snap.snap_title or story.story_title
    return _post(snap, name, name, author=author, url=f"{ROOT}/@{author}/{name}", caption=caption)


def _kept(snap: Snap, story: Story, author: str) -> Post:
    name = snap.snap_id or _file(snap.snap_urls.media_url)
    caption = story.story_title or snap.snap_title
    url = f"{ROOT}/@{author}/highlight/{story.highlight_id}"
    return _post(snap, name, name, author=author, url=url, caption=caption)


def _spotlight(snap: Snap, story: Story, metadata: Metadata | None, author: str) -> Post:
    # One has one snap; should that ever be different, the others must not take its id.
    name = f"{story.story_id}_{snap.snap_index + 1}" if snap.snap_index else story.story_id
    url = f"{ROOT}/spotlight/{story.story_id}"
    caption = _caption(metadata, story.story_title) if metadata else story.story_title
    post = _post(snap, name, snap.snap_id or name, author=author, url=url, caption=caption)
    return _sized(post, metadata.video_metadata) if metadata and metadata.video_metadata else post


def _post(snap: Snap, post: str, media: str, *, author: str, url: str, caption: str = "") -> Post:
    kind = KINDS.get(snap.snap_media_type, MediaKind.UNKNOWN)
    return Post(
        platform="snapchat",
        id=post,
        url=url,
        author=author,
        caption=caption,
        posted_at=datetime.fromtimestamp(snap.timestamp_in_sec, UTC)
        if snap.timestamp_in_sec
        else None,
        media=(file_media(snap.snap_urls.media_url, kind, media),),
    )


def _caption(metadata: Metadata, title: str) -> str:
    video = metadata.video_metadata
    named = (video.description, title, video.name) if video else (title,)
    return said(metadata.description, *named)


def _sized(post: Post, video: Video) -> Post:
    """Return the post with the size of its video; 0 says that it is not known."""
    width, height, seconds = video.width or None, video.height or None, video.duration_ms or None
    return replace(
        post,
        media=tuple(
            replace(one, width=width, height=height, duration=seconds and seconds / 1000)
            for one in post.media
        ),
    )


def _when(post: Post) -> float:
    return post.posted_at.timestamp() if post.posted_at else 0.0


def _file(url: str) -> str:
    """Return what a file is called: behind the first dot stands the form that it comes in."""
    name = urlsplit(url).path.rpartition("/")[2].partition(".")[0]
    if not name:
        raise UnexpectedResponse("Snapchat names its files in an unknown form.")
    return name
