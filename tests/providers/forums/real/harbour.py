"""One small community, written by hand into real forum software: what must be found in it, exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.testsites.media import jpeg, mp4

ELSEWHERE = "pictures.example"  # hosts what is only shown in posts
BOATS, WORKSHOP, EMPTY, DOCK = "Boats", "Workshop", "Winter plans", "Private dock"
BOARDS = (BOATS, WORKSHOP, EMPTY, DOCK)  # the last is for members
ADMIN, PASSWORD, MAIL = "warden", "correct-horse-9", "warden@harbour.example"
LONG = 63  # posts of the longest topic
SHORT = 24  # topics with a post or two
MOVED = "Lost anchor"
# A file of two pixels' worth is a file all the same.
ZIP = b"PK\x05\x06" + bytes(18)

File = tuple[str, bytes, str]  # name, body, type


@dataclass(slots=True)
class Post:
    """A post that was written. `media` says what must be found in it: the bytes by the media id."""

    topic: str
    number: str
    attached: Sequence[str]  # numbers of its attachments, in the order of the files
    media: dict[str, bytes] = field(default_factory=dict)


class Forum(Protocol):
    """How one writes in a forum."""

    def begin(self, board: str, title: str, text: str, files: Sequence[File] = ()) -> Post:
        """Write the first post of a topic."""
        ...

    def reply(self, topic: str, text: str, files: Sequence[File] = ()) -> Post:
        """Write one more."""
        ...

    def edit(self, post: Post, text: str) -> None:
        """Put other words in the place of those of a post."""
        ...

    def delete(self, post: Post) -> None:
        """Take a post away."""
        ...

    def pin(self, topic: str) -> None:
        """Show a topic above all others."""
        ...

    def move(self, topic: str, board: str) -> None:
        """Move a topic, and leave a sign where it stood."""
        ...

    def inline(self, number: str) -> str:
        """Return what shows an attachment among the words."""
        ...


@dataclass(slots=True)
class Harbour:
    """What was written."""

    fog: list[Post] = field(default_factory=list)  # the longest topic
    boats: list[Post] = field(default_factory=list)  # all else that stands in that board
    moved: list[Post] = field(default_factory=list)
    dock: list[Post] = field(default_factory=list)

    @property
    def section(self) -> list[Post]:
        return [*self.fog, *self.boats]


def elsewhere() -> Starlette:
    """Return the site with what posts only show."""

    async def picture(request: Request) -> Response:
        return Response(jpeg(request.path_params["name"]), media_type="image/jpeg")

    return Starlette(routes=[Route("/{name}", picture)])


def picture(name: str) -> File:
    return f"{name}.jpg", jpeg(name), "image/jpeg"


def media_of(posts: Sequence[Post]) -> dict[str, bytes]:
    """Return all that must be found in some posts."""
    return {name: body for post in posts for name, body in post.media.items()}


def write(forum: Forum) -> Harbour:
    """Write everything."""
    harbour = Harbour()
    rules = _attach(
        forum.begin(BOATS, "Rules of the harbour", "Read them.", [picture("rules")]), "rules"
    )
    forum.pin(rules.topic)
    harbour.boats.append(rules)
    first = forum.begin(BOATS, "Fog over the quay", "It begins here, in words alone.")
    harbour.fog.append(first)
    for n in range(1, LONG):
        harbour.fog.append(KINDS[n % len(KINDS)](forum, first.topic, harbour.fog[-1]))
    for n in range(SHORT):
        name = f"boat-{n:02}"
        boat = forum.begin(BOATS, f"Boat {n:02} ashore", "Look at her.", [picture(name)])
        harbour.boats.append(_attach(boat, name))
        if n % 3 == 0:
            mast = f"mast-{n:02}"
            harbour.boats.append(
                _attach(forum.reply(boat.topic, f"And the {mast}.", [picture(mast)]), mast)
            )
    harbour.boats.append(forum.reply(boat.topic, "Nothing to see."))
    wrong = forum.reply(boat.topic, "Sent by mistake.", [picture("mistake")])
    forum.delete(wrong)
    anchor = _attach(forum.begin(BOATS, MOVED, "Found it.", [picture("anchor")]), "anchor")
    forum.move(anchor.topic, WORKSHOP)
    harbour.moved.append(anchor)
    harbour.dock.append(
        _attach(forum.begin(DOCK, "Keys of the dock", "For us.", [picture("key")]), "key")
    )
    return harbour


def _attach(post: Post, *names: str) -> Post:
    for number, name in zip(post.attached, names, strict=False):
        post.media[number] = jpeg(name)
    return post


def _name(before: Post) -> str:
    return f"fog-{int(before.number) + 1}"


def _one(forum: Forum, topic: str, before: Post) -> Post:
    name = _name(before)
    return _attach(forum.reply(topic, f"One picture, {name}.", [picture(name)]), name)


def _two_and_an_archive(forum: Forum, topic: str, before: Post) -> Post:
    one, two = (f"{_name(before)}-{letter}" for letter in "ab")
    post = forum.reply(
        topic,
        f"Two pictures, {one} and {two}, and all the rest.",
        [picture(one), picture(two), ("rest.zip", ZIP, "application/zip")],
    )
    _attach(post, one, two)
    post.media[post.attached[2]] = ZIP
    return post


def _shown(forum: Forum, topic: str, before: Post) -> Post:
    name = f"{_name(before)}.jpg"
    post = forum.reply(topic, f"From elsewhere: [img]https://{ELSEWHERE}/{name}[/img] there.")
    post.media[f"{post.number}_1"] = jpeg(name)
    return post


def _quoting(forum: Forum, topic: str, before: Post) -> Post:
    name = _name(before)
    shown = f"[quote]See [img]https://{ELSEWHERE}/not-mine.jpg[/img][/quote]"
    return _attach(forum.reply(topic, f"{shown}\nMine is better: {name}.", [picture(name)]), name)


def _among_words(forum: Forum, topic: str, before: Post) -> Post:
    name = _name(before)
    post = _attach(forum.reply(topic, f"Above {name} and below.", [picture(name)]), name)
    forum.edit(post, f"Above\n{forum.inline(post.attached[0])}\nand below.")
    return post


def _linked(forum: Forum, topic: str, before: Post) -> Post:
    name = _name(before)
    large, small = (f"https://{ELSEWHERE}/{name}-{size}.jpg" for size in ("large", "small"))
    post = forum.reply(topic, f"Larger behind it: [url={large}][img]{small}[/img][/url]")
    post.media[f"{post.number}_1"] = jpeg(f"{name}-large.jpg")
    return post


def _film(forum: Forum, topic: str, before: Post) -> Post:
    name = _name(before)
    film = ("film.mp4", mp4("real"), "video/mp4")
    post = forum.reply(topic, f"A film of {name}: https://{ELSEWHERE}/album", [film])
    post.media[post.attached[0]] = film[1]
    return post


def _words(forum: Forum, topic: str, before: Post) -> Post:
    return forum.reply(topic, f"Words about {_name(before)}.")


KINDS: Sequence[Callable[[Forum, str, Post], Post]] = (
    _words,
    _one,
    _two_and_an_archive,
    _shown,
    _quoting,
    _among_words,
    _linked,
    _film,
    _one,
)
