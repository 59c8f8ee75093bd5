"""The world's people and posts as Instagram holds them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.testsites.instagram_ids import post_pk, shortcode, user_pk
from tests.testsites.instagram_media import media_of, music_of, signed, story_item
from tests.testsites.world import Entry, World

STORY = ".story"  # a person of the world with this end is what another one shows as stories
Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instagram:
    """What the site shows of a world beside the posts of its people."""

    world: World
    pinned: frozenset[int] = frozenset()  # entries
    private: frozenset[str] = frozenset()  # people
    strangers: frozenset[str] = frozenset()  # those of them whom nobody who is logged in follows
    tagged: Mapping[str, str] = field(default_factory=dict)  # in whose posts somebody is seen
    saved: str = ""  # whose posts the one who is logged in has saved
    music: frozenset[int] = frozenset()  # entries with a sound track of their own
    dash: frozenset[int] = frozenset()  # entries whose videos also come in pieces
    shares: Mapping[str, str] = field(default_factory=dict)  # short links to paths
    portraits_told: bool = False  # the numbers of portraits, which recorded answers lack

    def people(self) -> list[str]:
        """Return who has a profile."""
        return [name for name in self.world.people if not name.endswith(STORY)]

    def timeline(self, name: str) -> tuple[Entry, ...]:
        """Return the posts of a person as the profile shows them: the pinned ones first."""
        entries = self.world.people[name]
        return tuple(sorted(entries, key=lambda entry: entry.id not in self.pinned))

    def reels(self, name: str) -> tuple[Entry, ...]:
        """Return the posts of a person that are one video."""
        return tuple(e for e in self.timeline(name) if [i.kind for i in e.items] == ["video"])

    def find(self, pk: str) -> Entry | None:
        """Return the post with this number."""
        entries = (entry for name in self.people() for entry in self.world.people[name])
        return next((entry for entry in entries if post_pk(entry) == pk), None)

    def story(self, name: str) -> list[Json]:
        """Return what a person shows as stories just now, the oldest first."""
        entries = self.world.people.get(name + STORY, ())
        return [
            story_item(entry, item, self.user(name))
            for entry in reversed(entries)
            for item in entry.items
        ]

    def highlights(self, name: str) -> list[Json]:
        """Return the stories of a person that were kept, in trays of up to four."""
        items = self.story(name)
        number = self.number(name)
        return [
            {
                "id": f"highlight:1790000{number}{start:04}",
                "title": f"Tray {start // 4 + 1}",
                "user": self.user(name),
                "items": items[start : start + 4],
                "reel_type": "highlight_reel",
                "seen": None,
                "latest_reel_media": items[start]["taken_at"],
                "cover_media": {"cropped_image_version": {"url": signed("/v/cover.jpg")}},
            }
            for start in range(0, len(items), 4)
        ]

    def number(self, name: str) -> str:
        """Return the number of a person."""
        return user_pk(self.people().index(name))

    def user(self, name: str) -> Json:
        """Return a person as posts name them."""
        number = self.number(name)
        return {
            "pk": number,
            "id": number,
            "username": name,
            "full_name": name.title(),
            "is_private": name in self.private,
            "is_verified": False,
            "profile_pic_url": self.portrait(name),
        }

    def portrait(self, name: str) -> str:
        """Return where the portrait of a person is; its name says more than its profile."""
        number = self.number(name)
        return signed(f"/v/t51.2885-19/550{number}_1853{number}_875{number}_n.jpg")

    def post(self, entry: Entry) -> Json:
        """Return a post, as every list and the API hold it."""
        owner = self.user(entry.author)
        pins = [int(str(owner["pk"]))] if entry.id in self.pinned else []
        first, *more = entry.items
        body: Json = {
            **media_of(entry, first, dash=entry.id in self.dash),
            "pk": post_pk(entry),
            "id": f"{post_pk(entry)}_{owner['pk']}",
            "code": shortcode(post_pk(entry)),
            "taken_at": int(entry.at.timestamp()),
            "user": owner,
            "owner": owner,
            "caption": {"pk": "1", "text": entry.text} if entry.text else None,
            "like_count": 3,
            "has_liked": False,
            "timeline_pinned_user_ids": pins,
            "clips_tab_pinned_user_ids": pins,
            "coauthor_producers": [],
            "location": None,
            "product_type": "carousel_container" if more else "feed",
            "media_type": 8 if more else 2 if first.kind == "video" else 1,
            "carousel_media": [
                media_of(entry, item, dash=entry.id in self.dash) for item in entry.items
            ]
            if more
            else None,
        }
        if more:
            body["video_versions"] = None
        if entry.id in self.music:
            body["clips_metadata"] = music_of(entry)
        return body
