"""The shapes of X's answers, and the ids in them: an id holds the moment it was given out at."""

import base64
import html
from datetime import datetime
from functools import lru_cache

from tests.testsites.world import Entry, Item, World

Json = dict[str, object]

ROOT = "https://x.com"
EPOCH_MS = 1_288_834_974_657
SOURCE = '<a href="https://mobile.x.com" rel="nofollow">X Web App</a>'
FORM = "%a %b %d %H:%M:%S +0000 %Y"
VIDEO_HOST = "https://video.twimg.com"


def snowflake(at: datetime, number: int) -> str:
    """Return the id that is given out at a moment."""
    return str(((round(at.timestamp() * 1000) - EPOCH_MS) << 22) | (number % 2**22))


def tweet_id(entry: Entry) -> str:
    """Return the id of a post."""
    return snowflake(entry.at, entry.id)


def retweet_id(entry: Entry) -> str:
    """Return the id that a post has where it is shared: X gives it one an hour later."""
    return str(int(tweet_id(entry)) + (3_600_000 << 22))


def media_id(entry: Entry, item: Item) -> str:
    """Return the id of one of its files, which has the same moment and a number of its own."""
    return snowflake(entry.at, item.id + 500_000)


def media_name(entry: Entry, item: Item) -> str:
    """Return the name in the address of a picture: the id and three bytes more."""
    raw = int(media_id(entry, item)).to_bytes(8, "big") + item.id.to_bytes(3, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def flavour(item: Item) -> str:
    """Return what X makes of a file: photo, video, amplify (an uploaded film) or animated_gif."""
    if item.kind == "image":
        return "photo"
    return ("video", "amplify", "animated_gif")[item.id // 10 % 9 // 3]


def is_quoted(entry: Entry) -> bool:
    """Return whether this is a post to be quoted: one with a streamed film between pictures."""
    return [flavour(item) for item in entry.items[1:-1]] in (["video"], ["amplify"])


def file_address(entry: Entry, item: Item) -> str:
    """Return where a film is, in its largest size."""
    number, name, kind = media_id(entry, item), media_name(entry, item), flavour(item)
    if kind == "animated_gif":
        return f"{VIDEO_HOST}/tweet_video/{name}.mp4"
    best = max(_variants(number, name, kind), key=lambda one: int(str(one.get("bitrate", 0))))
    return str(best["url"])


def entry_of(world: World, number: str) -> Entry | None:
    """Return the post with this id."""
    entries = (entry for entries in world.people.values() for entry in entries)
    return next((entry for entry in entries if tweet_id(entry) == number), None)


def find_item(world: World, name: str) -> Item | None:
    """Return the file whose address has this name or number."""
    for entries in world.people.values():
        for entry in entries:
            for item in entry.items:
                if name in (media_id(entry, item), media_name(entry, item)):
                    return item
    return None


def user_id(world: World, name: str) -> str:
    """Return the number of an account."""
    return str(44_000_000 + list(world.people).index(name))


@lru_cache
def _short(text: str) -> str:
    return "https://t.co/" + base64.urlsafe_b64encode(text.encode())[-10:].decode().strip("=")


class Shapes:
    """The people of a world in the words of X's GraphQL interface."""

    def __init__(self, world: World, *, closed: str, quoting: str) -> None:
        self._world = world
        self._closed = closed
        self._quoting = quoting  # what this one publishes quotes somebody else's newest post

    def user(self, name: str) -> Json:
        """Return an account; its name stands in `core` since 2025."""
        entries = self._world.people[name]
        return {
            "__typename": "User",
            "rest_id": user_id(self._world, name),
            "avatar": {"image_url": f"https://pbs.twimg.com/profile_images/1/{name}_normal.jpg"},
            "core": {
                "created_at": "Sat Mar 21 20:50:14 +0000 2009",
                "name": name.title(),
                "screen_name": name,
            },
            "legacy": {
                "description": "A person.",
                "entities": {"description": {"urls": []}},
                "followers_count": 3,
                "media_count": sum(len(entry.items) for entry in entries),
                "statuses_count": len(entries),
                "pinned_tweet_ids_str": [tweet_id(entries[-1])],
            },
            "location": {"location": ""},
            "privacy": {"protected": name == self._closed},
            "relationship_perspectives": {"following": False},
            "verification": {"verified": False},
        }

    def result(self, entry: Entry) -> Json:
        """Return a post as results hold it: some are wrapped up with what one may do with them."""
        tweet = self.tweet(entry)
        if entry.id // 10 % 5 == 0:
            return {"__typename": "TweetWithVisibilityResults", "tweet": tweet}
        return tweet

    def tweet(self, entry: Entry, *, quoted: bool = False) -> Json:
        """Return a post."""
        number = tweet_id(entry)
        files = [self._media(entry, item) for item in entry.items]
        tag = entry.text.rpartition("#")[2]
        legacy: Json = {
            "id_str": number,
            "conversation_id_str": number,
            "created_at": entry.at.strftime(FORM),
            "user_id_str": user_id(self._world, entry.author),
            "full_text": f"{html.escape(entry.text, quote=False)} {_short(number)}",
            "entities": {
                "hashtags": [{"indices": [0, 1], "text": tag}],
                "media": files,
                "symbols": [],
                "urls": [],
                "user_mentions": [],
            },
            "is_quote_status": False,
            "lang": "en",
            "possibly_sensitive": False,
            "favorite_count": 1,
            "quote_count": 0,
            "reply_count": 0,
            "retweet_count": 0,
            "bookmark_count": 0,
        }
        if files:
            legacy["extended_entities"] = {"media": files}
        tweet: Json = {
            "__typename": "Tweet",
            "rest_id": number,
            "core": {"user_results": {"result": self.user(entry.author)}},
            "views": {"count": "12", "state": "EnabledWithCount"},
            "source": SOURCE,
            "legacy": legacy,
        }
        other = self._quoted_by(entry)
        if other is not None and not quoted:
            legacy |= {"is_quote_status": True, "quoted_status_id_str": tweet_id(other)}
            tweet["quoted_status_result"] = {"result": self.tweet(other, quoted=True)}
        return tweet

    def retweet(self, entry: Entry, by: str) -> Json:
        """Return what stands in a timeline when somebody shares a post: a post with an id of its own."""
        number = retweet_id(entry)
        legacy: Json = {
            "id_str": number,
            "conversation_id_str": number,
            "created_at": entry.at.strftime(FORM),
            "user_id_str": user_id(self._world, by),
            "full_text": f"RT @{entry.author}: {entry.text}",
            "entities": {"hashtags": [], "symbols": [], "urls": [], "user_mentions": []},
            "lang": "en",
            "retweeted_status_result": {"result": self.tweet(entry)},
        }
        core = {"user_results": {"result": self.user(by)}}
        return {"__typename": "Tweet", "rest_id": number, "core": core, "legacy": legacy}

    def _quoted_by(self, entry: Entry) -> Entry | None:
        if entry.author != self._quoting or entry.id // 10 % 2:
            return None
        people = self._world.people.items()
        others = (one for name, entries in people if name != entry.author for one in entries)
        return next((one for one in others if is_quoted(one)), None)

    def _media(self, entry: Entry, item: Item) -> Json:
        number, name, kind = media_id(entry, item), media_name(entry, item), flavour(item)
        page = f"{ROOT}/{entry.author}/status/{tweet_id(entry)}/{item.kind}/1"
        media: Json = {
            "id_str": number,
            "media_key": f"{PREFIXES[kind]}_{number}",
            "type": "video" if kind == "amplify" else kind,
            "media_url_https": _still(number, name, kind),
            "url": _short(tweet_id(entry)),
            "expanded_url": page,
            "display_url": page.replace(ROOT, "pic.x.com"),
            "ext_media_availability": {"status": "Available"},
            "sizes": {"large": {"h": 400, "w": 320, "resize": "fit"}},
            "original_info": {"height": 400, "width": 320, "focus_rects": []},
        }
        if kind == "animated_gif":
            address = file_address(entry, item)
            variants = [{"bitrate": 0, "content_type": "video/mp4", "url": address}]
            media["video_info"] = {"aspect_ratio": [4, 5], "variants": variants}
        elif kind != "photo":
            media["video_info"] = {
                "aspect_ratio": [4, 5],
                "duration_millis": 1000,
                "variants": _variants(number, name, kind),
            }
        return media


PREFIXES = {"photo": "3", "video": "7", "amplify": "13", "animated_gif": "16"}
HOMES = {"video": "ext_tw_video/{}/pu", "amplify": "amplify_video/{}"}


def _still(number: str, name: str, kind: str) -> str:
    match kind:
        case "photo":
            return f"https://pbs.twimg.com/media/{name}.jpg"
        case "animated_gif":
            return f"https://pbs.twimg.com/tweet_video_thumb/{name}.jpg"
        case "amplify":
            return f"https://pbs.twimg.com/amplify_video_thumb/{number}/img/{name}.jpg"
        case _:
            return f"https://pbs.twimg.com/ext_tw_video_thumb/{number}/pu/img/{name}.jpg"


def _variants(number: str, name: str, kind: str) -> list[Json]:
    home = f"{VIDEO_HOST}/{HOMES[kind].format(number)}"
    stream = f"{home}/pl/{name}.m3u8?tag=12"
    files = [
        {
            "bitrate": rate,
            "content_type": "video/mp4",
            "url": f"{home}/vid/avc1/{size}/{name}.mp4?tag=12",
        }
        for rate, size in ((256_000, "180x224"), (2_176_000, "320x400"), (832_000, "240x300"))
    ]
    return [{"content_type": "application/x-mpegURL", "url": stream}, *files]
