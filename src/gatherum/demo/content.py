"""What is on Plaza: people, posts, clips and stories, the same at every start."""

import hashlib
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

from gatherum.demo.drawing import Size, draw

NEWEST = datetime(2026, 10, 24, 17, 30, tzinfo=UTC)  # when the newest post was made
STORY_EVERY = timedelta(hours=6)
STORY_LIFE = timedelta(hours=24)
STORY_TELLERS = ("ada", "bruno")
CLIPS = ("tide", "ember", "spin", "ripple")
PHOTOS = ("dusk", "glow", "fjord", "fractal")
SIZES = (Size(640, 800), Size(800, 600), Size(720, 720))
CLIP_SIZES = {"tide": (360, 450), "ember": (360, 450), "spin": (360, 360), "ripple": (480, 270)}
PHOTO_SIZES = {"dusk": (960, 640), "glow": (800, 1000), "fjord": (800, 800), "fractal": (400, 500)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account on Plaza; `clips` of its posts, out of a hundred, are videos."""

    name: str
    title: str
    about: str
    posts: int
    clips: int = 0
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One picture or clip: `source` is the name of a shipped file, else it is drawn."""

    id: str
    kind: str  # image or video
    width: int
    height: int
    source: str = ""
    broken: str = ""  # how its download fails

    @property
    def suffix(self) -> str:
        """The end of the file's name."""
        return "mp4" if self.kind == "video" else "jpg" if self.source or self.broken else "png"

    @property
    def path(self) -> str:
        """Where the file is served."""
        return f"/broken/{self.broken}.jpg" if self.broken else f"/media/{self.id}.{self.suffix}"

    def body(self) -> bytes:
        """Return the file."""
        return _body(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A post, or a story if `until` is set."""

    id: str
    author: str
    at: datetime
    caption: str
    tags: tuple[str, ...]
    items: tuple[Item, ...]
    likes: int
    pinned: bool = False
    until: datetime | None = None


PEOPLE = (
    Person(name="ada", title="Ada Brook", about="Ridges, early.", posts=30, clips=10),
    Person(name="bruno", title="Bruno Vale", about="Light that moves.", posts=14, clips=85),
    Person(name="chiyo", title="千代 Chiyo", about="山と海。✨", posts=18, clips=15),
    Person(name="dune", title="The Dune Archive", about="One dune a day.", posts=120),
    Person(name="rush", title="Rush", about="Asks you to slow down: 429.", posts=24),
    Person(name="mishap", title="Miss Hap", about="Every download goes wrong.", posts=0),
    Person(name="vault", title="The Vault", about="For friends only.", posts=6, private=True),
)
DELETED = ("echo",)  # accounts that there were once
# What the broken corner does; the ones with "once" serve the true file from the second time on.
BROKEN = {
    "cut-once": "The connection closes in the middle, the first time.",
    "busy-once": "429 with Retry-After: 2, the first time.",
    "down-once": "503, the first time.",
    "empty-once": "No bytes at all, the first time.",
    "slow": "The file arrives in small pieces, over two seconds.",
    "login": "A log-in page instead of the picture, always.",
    "half": "The file ends in the middle and says that this is all, always.",
    "gone": "410, always.",
    "forbidden": "403, always.",
    "private": "A redirect to an address of a private network, always.",
    "loop": "A redirect to itself, always.",
}
WORDS: Sequence[str] = (
    "First light over the ridge.", "The wind had other plans.", "Nobody else was up here.",
    "Waited an hour for this one.", "Same place, one year later.", "Fog below, sun above.",
    "Too cold for gloves off, did it anyway.", "The long way home.", "Before the rain.",
)  # fmt: skip
FOREIGN: Sequence[str] = (
    "霧の朝、誰もいない峠。🌫️", "Één minuut later was het licht weg.", "Über den Wolken — bei 3 °C",
    "صباح هادئ فوق الجبل", "Утро. Тишина. Туман.", '👩‍👩‍👧‍👦 on the summit / \\ : * ? " < > |',
)  # fmt: skip
TAGS = ("mountains", "dusk", "dawn", "fog", "film", "coast", "quiet", "海", "été")


def find_person(name: str) -> Person | None:
    """Return the account called `name`."""
    return next((person for person in PEOPLE if person.name == name), None)


@cache
def posts_of(name: str) -> tuple[Entry, ...]:
    """Return somebody's posts, newest first; a pinned one stands at the top, whatever its age."""
    person = find_person(name)
    if person is None:
        return ()
    posts = _mishaps() if name == "mishap" else tuple(_posts(person))
    return tuple(sorted(posts, key=lambda post: (not post.pinned, -post.at.timestamp())))


def public_posts() -> Iterator[Entry]:
    """Yield every post that anybody may see."""
    for person in PEOPLE:
        if not person.private:
            yield from posts_of(person.name)


@cache
def tagged(tag: str) -> tuple[Entry, ...]:
    """Return the public posts with a tag, newest first."""
    posts = (post for post in public_posts() if tag in post.tags)
    return tuple(sorted(posts, key=lambda post: post.at, reverse=True))


def find_post(post_id: str) -> Entry | None:
    """Return a public post."""
    return next((post for post in public_posts() if post.id == post_id), None)


def stories_of(name: str, now: datetime) -> tuple[Entry, ...]:
    """Return the stories that live at `now`, newest first: a new one every six hours."""
    if name not in STORY_TELLERS:
        return ()
    last = int(now.timestamp() // STORY_EVERY.total_seconds())
    number = int(STORY_LIFE / STORY_EVERY)
    return tuple(_story(name, slot) for slot in range(last, last - number, -1))


def find_item(item_id: str, now: datetime) -> Item | None:
    """Return a picture or clip of a public post or a living story."""
    if item := _items().get(item_id):
        return item
    stories = (story for name in STORY_TELLERS for story in stories_of(name, now))
    return next((i for story in stories for i in story.items if i.id == item_id), None)


@cache
def _items() -> dict[str, Item]:
    return {item.id: item for post in public_posts() for item in post.items}


def _posts(person: Person) -> Iterator[Entry]:
    dice = random.Random(person.name)  # noqa: S311 - made-up posts, no secret
    at = NEWEST - timedelta(minutes=dice.randrange(600))
    words = FOREIGN if person.name == "chiyo" else WORDS
    for number in range(person.posts):
        post_id = _code(person.name, number)
        count = dice.choice((1, 1, 1, 2, 3, 5)) if person.name != "dune" else 1
        caption = dice.choice(words)
        if person.name == "chiyo" and number == 3:
            caption = "\n\n".join(dice.choice(FOREIGN) for _ in range(400))  # a very long one
        yield Entry(
            id=post_id,
            author=person.name,
            at=at,
            caption=caption,
            tags=tuple(sorted(dice.sample(TAGS, dice.randrange(1, 4)))),
            items=tuple(
                _item(dice, f"{post_id}{index}", clip=dice.randrange(100) < person.clips)
                for index in range(1, count + 1)
            ),
            likes=dice.randrange(5, 900),
            pinned=person.name == "ada" and number == 20,
        )
        at -= timedelta(minutes=dice.randrange(90, 3000))


def _mishaps() -> tuple[Entry, ...]:
    return tuple(
        Entry(
            id=_code("mishap", number),
            author="mishap",
            at=NEWEST - timedelta(days=number),
            caption=what,
            tags=("broken",),
            items=(
                Item(id=f"{_code('mishap', number)}1", kind="image", width=640, height=800,
                     broken=name),
            ),
            likes=0,
        )
        for number, (name, what) in enumerate(BROKEN.items())
    )  # fmt: skip


def _story(name: str, slot: int) -> Entry:
    dice = random.Random(f"{name} {slot}")  # noqa: S311 - made-up stories, no secret
    at = datetime.fromtimestamp(slot * STORY_EVERY.total_seconds(), UTC)
    code = _code(f"story {name}", slot)
    return Entry(
        id=code,
        author=name,
        at=at,
        caption="",
        tags=(),
        items=(_item(dice, f"{code}1", clip=dice.random() < 0.5),),
        likes=0,
        until=at + STORY_LIFE,
    )


def _item(dice: random.Random, item_id: str, *, clip: bool) -> Item:
    if clip:
        source = dice.choice(CLIPS)
        width, height = CLIP_SIZES[source]
        return Item(id=item_id, kind="video", width=width, height=height, source=source)
    if dice.random() < 0.15:
        source = dice.choice(PHOTOS)
        width, height = PHOTO_SIZES[source]
        return Item(id=item_id, kind="image", width=width, height=height, source=source)
    size = dice.choice(SIZES)
    return Item(id=item_id, kind="image", width=size.width, height=size.height)


@lru_cache(maxsize=4096)
def _body(item: Item) -> bytes:
    name = item.source or ("glow" if item.broken else "")
    if not name:
        return draw(item.id, Size(item.width, item.height))
    shipped = (files("gatherum.demo") / "media" / f"{name}.{item.suffix}").read_bytes()
    mark = item.id.encode()
    if item.kind == "video":  # a box that players skip: the same film, yet a file of its own
        return shipped + struct.pack(">I4s", len(mark) + 8, b"free") + mark
    return shipped[:2] + b"\xff\xfe" + struct.pack(">H", len(mark) + 2) + mark + shipped[2:]


def _code(name: str, number: int) -> str:
    digest = hashlib.sha256(f"{name} {number}".encode()).digest()
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "".join(letters[byte % len(letters)] for byte in digest[:8])
