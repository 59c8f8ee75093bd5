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

from gatherum.errors import LoginRequired, Unavailable, UnexpectedResponse
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
    Wire,
)

ROOT = "https://www.snapchat.com"
KINDS = {0: MediaKind.IMAGE, 1: MediaKind.VIDEO, 2: MediaKind.VIDEO}  # 2 has no sound
EXTENSIONS = {MediaKind.IMAGE: ".jpg", MediaKind.VIDEO: ".mp4"}

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
    return newest_first(_live(snap, page.story, person.username) for snap in _shown(page.story))


def snap(props: Props, target: Target) -> tuple[Post, ...]:
    """Return one snap of a live story."""
    found = tuple(post for post in stories(props, target) if post.id == target["id"])
    if not found:
        raise Unavailable("Snapchat does not show this snap now: a story is public for a day.")
    return found


def highlights(props: Props, _: Target) -> tuple[Post, ...]:
    """Return the snaps of those of somebody's highlights that the page holds."""
    person = _public(_page(ProfilePage, props).user_profile)
    return newest_first(
        _kept(snap, story, person.username)
        for story in _page(HighlightsPage, props).curated_highlights
        for snap in _shown(story)
    )


def highlight(props: Props, _: Target) -> tuple[Post, ...]:
    """Return the snaps of one highlight."""
    page = _page(HighlightPage, props)
    person = page.public_user_profile or _public(page.user_profile or Profile())
    return newest_first(
        _kept(snap, page.highlight, person.username) for snap in _shown(page.highlight)
    )


def spotlights(props: Props, _: Target) -> tuple[Post, ...]:
    """Return those of somebody's spotlights that the page holds."""
    person = _public(_page(ProfilePage, props).user_profile)
    return newest_first(
        _spotlight(snap, story, author=person.username, caption=story.story_title)
        for story in _page(SpotlightsPage, props).spotlight_highlights
        for snap in _shown(story)
    )


def spotlight(props: Props, target: Target) -> tuple[Post, ...]:
    """Return one spotlight; its page holds others too, to go on watching."""
    for watched in _page(SpotlightPage, props).spotlight_feed.spotlight_stories:
        story, video = watched.story, watched.metadata.video_metadata
        if story.story_id == target["id"]:
            caption = _caption(watched.metadata, story.story_title)
            author = video.creator.person_creator
            name = author.username if author else ""
            posts = [
                _spotlight(snap, story, author=name, caption=caption) for snap in _shown(story)
            ]
            return newest_first(_sized(post, watched.metadata) for post in posts)
    raise UnexpectedResponse("Snapchat does not show this spotlight at its own link.")


def newest_first(posts: Iterable[Post]) -> tuple[Post, ...]:
    """Return each post once, the newest first."""
    each: dict[str, Post] = {}
    for post in posts:
        each.setdefault(post.id, post)
    return tuple(sorted(each.values(), key=_when, reverse=True))


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


def _spotlight(snap: Snap, story: Story, *, author: str, caption: str) -> Post:
    # One has one snap; should that ever be different, the others must not take its id.
    name = f"{story.story_id}_{snap.snap_index + 1}" if snap.snap_index else story.story_id
    url = f"{ROOT}/spotlight/{story.story_id}"
    return _post(snap, name, snap.snap_id or name, author=author, url=url, caption=caption)


def _post(snap: Snap, post: str, media: str, *, author: str, url: str, caption: str = "") -> Post:
    kind = KINDS.get(snap.snap_media_type, MediaKind.UNKNOWN)
    return Post(
        platform="snapchat",
        id=post,
        url=url,
        author=author,
        caption=caption,
        posted_at=datetime.fromtimestamp(snap.timestamp_in_sec, UTC),
        media=(file_media(snap.snap_urls.media_url, kind, media),),
    )


def _caption(metadata: Metadata, title: str) -> str:
    video = metadata.video_metadata
    return metadata.description or video.description or title or video.name


def _sized(post: Post, metadata: Metadata) -> Post:
    video = metadata.video_metadata
    seconds = video.duration_ms / 1000 if video.duration_ms is not None else None
    media = (
        replace(one, width=video.width, height=video.height, duration=seconds) for one in post.media
    )
    return replace(post, media=tuple(media))


def _when(post: Post) -> float:
    return post.posted_at.timestamp() if post.posted_at else 0.0


def _file(url: str) -> str:
    """Return what a file is called: behind the first dot stands the form that it comes in."""
    name = urlsplit(url).path.rpartition("/")[2].partition(".")[0]
    if not name:
        raise UnexpectedResponse("Snapchat names its files in an unknown form.")
    return name
