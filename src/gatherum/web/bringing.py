"""The form in which it goes out over HTTP what subscriptions have brought lately."""

from collections.abc import Iterable
from dataclasses import dataclass

from gatherum.library.brought import Brought

CAPTION = 200  # letters


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """A picture that a subscription has brought; `thumbnail` is its address, without the host."""

    media: str
    thumbnail: str
    thumbhash: str | None
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtView:
    """What a subscription has brought lately."""

    subscription: int
    posts: int  # that it has met
    fresh: int  # media that were stored since the time that was asked for
    weeks: tuple[int, ...]  # media stored in each of the last twelve weeks, the oldest first
    pictures: tuple[PictureView, ...]  # the three newest


@dataclass(frozen=True, slots=True)
class BroughtList:
    """One for each subscription that was asked for, in that order."""

    items: tuple[BroughtView, ...]


def brought_of(several: Iterable[Brought], *, files: str) -> BroughtList:
    """Return what subscriptions have brought lately; `files` is where files are served."""
    return BroughtList(
        tuple(
            BroughtView(
                subscription=one.subscription,
                posts=one.posts,
                fresh=one.fresh,
                weeks=one.weeks,
                pictures=tuple(
                    PictureView(
                        media=str(picture.id),
                        thumbnail=f"{files}/{picture.id}/thumbnail?v={picture.revision}",
                        thumbhash=picture.thumbhash,
                        caption=picture.caption[:CAPTION],
                    )
                    for picture in one.pictures
                ),
            )
            for one in several
        )
    )
