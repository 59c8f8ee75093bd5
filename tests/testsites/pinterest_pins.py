"""Pins, boards and people in the form in which Pinterest's web API speaks of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import md5

from tests.testsites.world import Entry, Item

Json = dict[str, object]
WIDTHS = (236, 474, 736)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """An entry on somebody's board: whoever saves one of another's has a pin of their own."""

    entry: Entry
    pinner: str

    @property
    def saved(self) -> bool:
        """Return whether it was made by somebody else."""
        return self.pinner != self.entry.author

    @property
    def id(self) -> str:
        """Return its number, which has nothing to do with time."""
        return pin_id(self.entry, saved=self.saved)

    @property
    def at(self) -> datetime:
        """Return when it was pinned."""
        return self.entry.at.astimezone(UTC)


def pin_id(entry: Entry, *, saved: bool = False) -> str:
    """Return the number of the pin of an entry: by its author, or as another has saved it."""
    return str(664_281_013_000_000_000 + entry.id + (500_000_000 if saved else 0))


def signature(item: Item) -> str:
    """Return what Pinterest calls the file: 32 hexadecimal digits."""
    return md5(str(item.id).encode(), usedforsecurity=False).hexdigest()


def number_of(entry: Entry) -> int:
    """Return which of its author's entries this is, from 0."""
    return entry.id % 1_000_000 // 10


def name_of_section(pin: Pin) -> str:
    """Return the section of the board `sorted` that it is in; '' for those beside them."""
    return ("", "one", "two")[number_of(pin.entry) % 3]


def person(name: str) -> Json:
    """Return somebody."""
    number = str(1_126_106_065_000_000 + sum(name.encode()))
    picture = "https://i.pinimg.com/75x75_RS/d5/31/dc/d531dca49f234a67da57fde4c20e3173.jpg"
    return {
        "id": number,
        "node_id": f"dXNlcjo{number}",
        "username": name,
        "full_name": f"{name.title()} Doe",
        "image_medium_url": picture,
        "follower_count": 246,
    }


def boards_of(name: str, place: int) -> dict[str, Json]:
    """Return the two boards of a person, by slug."""
    return {
        slug: {
            "id": str(585_890_301_000_000_000 + place * 10 + index),
            "type": "board",
            "name": slug.title(),
            "url": f"/{name}/{slug}/",
            "owner": person(name),
            "privacy": "public",
            "section_count": 2 if slug == "sorted" else 0,
            "pin_count": 1,
        }
        for index, slug in enumerate(("everything", "sorted"))
    }


def grid(pin: Pin) -> Json:
    """Return a pin as lists show it."""
    entry, cover = pin.entry, _cover(pin.entry)
    # People fill in one of the two; the other is empty, or a blank.
    titled = len(entry.items) == 1 and entry.items[0].kind == "image"
    kinds = [item.kind for item in entry.items]
    story = _told_in_pages(entry)
    return {
        "id": pin.id,
        "node_id": f"cGluO{pin.id}",
        "type": "pin",
        "title": entry.text if titled else "",
        "grid_title": entry.text,
        "description": " " if titled else f" {entry.text}",
        "created_at": format_datetime(pin.at),
        "is_promoted": False,
        "promoter": None,
        "is_uploaded": not pin.saved,
        "link": "https://shop.example/thing",
        "domain": "shop.example" if pin.saved else "Uploaded by user",
        "embed": None,
        "dominant_color": "#d5b38d",
        "image_signature": signature(cover),
        "images": _images(cover),
        "pinner": person(pin.pinner),
        "board": {"name": "Everything", "url": f"/{pin.pinner}/everything/", "node_id": "Ym9hcmQ"},
        "videos": _video(entry.items[0]) if kinds == ["video"] and not story else None,
        "story_pin_data": _story(entry) if story else None,
        "story_pin_data_id": f"5{pin.id}" if story else None,
        "carousel_data": _carousel(pin) if len(kinds) > 1 and "video" not in kinds else None,
        "repin_count": 3,
        "comment_count": 0,
        "aggregated_pin_data": {"node_id": "YWdn", "has_xy_tags": False},
    }


def detailed(pin: Pin) -> Json:
    """Return a pin as its own page shows it."""
    maker = person(pin.entry.author)
    more = {"native_creator": maker, "closeup_attribution": maker, "hashtags": []}
    return grid(pin) | more | {"closeup_description": f"{pin.entry.text} ", "repin_count": 4}


def _told_in_pages(entry: Entry) -> bool:
    kinds = {item.kind for item in entry.items}
    if len(entry.items) > 1:
        return "video" in kinds
    return kinds == {"video"} and number_of(entry) // 3 % 3 == 1


def _cover(entry: Entry) -> Item:
    return next((item for item in entry.items if item.kind == "image"), entry.items[0])


def _address(item: Item, size: str, extension: str = "jpg") -> str:
    name = signature(item)
    return f"https://i.pinimg.com/{size}/{name[:2]}/{name[2:4]}/{name[4:6]}/{name}.{extension}"


def _images(item: Item) -> Json:
    made = {
        f"{width}x": {"width": width, "height": width * 5 // 4, "url": _address(item, f"{width}x")}
        for width in WIDTHS
    }
    return {**made, "orig": {"width": 320, "height": 400, "url": _address(item, "originals")}}


def _video(item: Item) -> Json:
    """Return a clip: as a stream and a file, or as a file alone."""
    name = signature(item)
    folder = f"{name[:2]}/{name[2:4]}/{name[4:6]}/{name}"
    size: Json = {"width": 180, "height": 320, "duration": 1000}
    size["thumbnail"] = f"https://i.pinimg.com/videos/thumbnails/originals/{folder}.0000000.jpg"
    whole = size | {"url": f"https://v1.pinimg.com/videos/mc/720p/{folder}.mp4"}
    stream = size | {"url": f"https://v1.pinimg.com/videos/mc/hls/{folder}.m3u8"}
    forms = {"V_720P": whole}
    if item.id % 1_000_000 // 30 % 3 != 2:
        forms = {"V_HLSV3_MOBILE": stream, "V_HLSV4": stream, "V_720P": whole}
    return {"id": f"7{item.id}", "video_list": forms}


def _story(entry: Entry) -> Json:
    pages = [_page(item, last=item is entry.items[-1]) for item in entry.items]
    if "♪" in entry.text:
        pages[-1]["blocks"] = [*pages[-1]["blocks"], *_words_and_music(entry)]  # type: ignore[misc]
    return {"id": f"5{pin_id(entry)}", "page_count": len(pages), "pages": pages, "type": "storypin"}


def _page(item: Item, *, last: bool) -> Json:
    block: Json
    if item.kind == "video":
        video = _video(item) | {"signature": signature(item)}
        block = {"type": "story_pin_video_block", "block_type": 3, "video": video}
    else:
        # Not every page says where its picture is: then there is only the name of the file.
        full = {"width": 320, "height": 400, "url": _address(item, "originals")}
        image = None if last else {"images": {"originals": full}}
        block = {"type": "story_pin_image_block", "block_type": 2, "image": image, "video": None}
        block["image_signature"] = signature(item)
    home = {"id": str(item.id * 7), "type": "storypinpage", "layout": 0}
    return {**home, "image_signature": signature(item), "blocks": [block]}


def _words_and_music(entry: Entry) -> list[Json]:
    audio = {"id": f"8{entry.id}", "title": "A song", "author": "A band"}
    audio["audio_url"] = f"https://v1.pinimg.com/audios/mp3/5d/37/74/{'5d3774' * 5}8c.mp3"
    words: Json = {
        "type": "story_pin_paragraph_block",
        "id": f"9{entry.id}",
        "text": "Sung by a choir",
    }
    return [words, {"type": "story_pin_music_block", "audio": audio}]


def _carousel(pin: Pin) -> Json:
    slots = [
        {
            "id": str(item.id * 11),
            "title": "",
            "details": "",
            "link": "https://shop.example/thing",
            "image_signature": signature(item),
            "images": {"750x": {"width": 750, "height": 937, "url": _address(item, "750x")}},
        }
        for item in pin.entry.items
    ]
    return {"id": f"6{pin.id}", "carousel_slots": slots, "index": 0}
