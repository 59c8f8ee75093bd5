"""The forms of Snapchat's pages, as gallery-dl 1.32 and yt-dlp 2026.8 read them; only what is used."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel


def _told(value: object) -> object:
    """Return what is told; Snapchat wraps some values, and leaves others of the same thing plain."""
    told = value.get("value") if isinstance(value, Mapping) else value
    return "" if told is None else told


Text = Annotated[str, BeforeValidator(_told)]
Number = Annotated[int, BeforeValidator(_told)]


class Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Urls(Wire):
    media_url: str


class Snap(Wire):
    snap_id: Text = ""
    snap_title: Text = ""
    snap_index: int = 0
    snap_media_type: int
    snap_urls: Urls
    timestamp_in_sec: Number


class Story(Wire):
    story_id: Text = ""
    highlight_id: Text = ""
    story_title: Text = ""
    snap_list: list[Snap]


class Person(Wire):
    username: str
    has_story: bool = False


class Profile(Wire):
    public_profile_info: Person | None = None
    user_info: Person | None = None


class ProfilePage(Wire):
    user_profile: Profile


class StoriesPage(Wire):
    story: Story | None = None


class HighlightsPage(Wire):
    curated_highlights: list[Story]


class HighlightPage(Wire):
    highlight: Story = Field(validation_alias=AliasChoices("highlight", "story"))
    public_user_profile: Person | None = None
    user_profile: Profile | None = None


class Creator(Wire):
    person_creator: Person | None = None


class Video(Wire):
    name: Text = ""
    description: Text = ""
    width: int | None = None
    height: int | None = None
    duration_ms: float | None = None
    creator: Creator | None = None


class Metadata(Wire):
    description: Text = ""
    video_metadata: Video | None


class SpotlightsPage(Wire):
    """Somebody's spotlights, and in a list of the same length what is told of each, if anything is.

    Some places of both lists are empty: what stood there is not shown.
    """

    spotlight_highlights: list[Story]
    spotlight_story_metadata: list[Metadata | None] | None = None


class Watched(Wire):
    story: Story
    metadata: Metadata


class Feed(Wire):
    spotlight_stories: list[Watched]


class SpotlightPage(Wire):
    spotlight_feed: Feed
