"""Posts of LinkedIn in the test site: their ids, their files, and how Voyager words what they hold.

A post holds pictures, or one film, or one document, or an article: never two of these. So what the
world publishes in threes is shown as one of the others, see `shown_of`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.testsites.world import Entry, Item

Json = dict[str, object]

HOST = "www.linkedin.com"
ROOT = f"https://{HOST}"
MEDIA = "https://media.licdn.com"
FILMS = "https://dms.licdn.com"
ENDS = 2_000_000_000  # until when the addresses of files are good
SIZES = (("1280", 1280, 1600), ("800", 800, 1000), ("480", 480, 600))


def activity_of(entry: Entry) -> str:
    """Return the urn of a post: its number holds the moment."""
    return f"urn:li:activity:{_number(entry.at, entry.id)}"


def share_of(entry: Entry) -> str:
    """Return the other urn of a post, by which it may be linked to as well: it is a little older."""
    return f"urn:li:ugcPost:{_number(entry.at - timedelta(seconds=2), entry.id + 1)}"


def _number(at: datetime, number: int) -> int:
    return (round(at.timestamp() * 1000) << 22) | (number % 2**22)


def shown_of(entry: Entry) -> tuple[str, tuple[Item, ...]]:
    """Return what a post is here, and its files: what is published in threes is one of three others."""
    match entry.items:
        case ():
            return "text", ()
        case (only,):
            return only.kind, (only,)
        case (first, _, last):
            kind = ("image", "document", "article")[entry.id // 30 % 3]
            files = {"image": (first, last), "document": (first,), "article": ()}
            return kind, files[kind]
        case _:
            raise AssertionError(entry.items)


def body_of(kind: str, item: Item) -> bytes:
    """Return the bytes of a file of a post of some kind."""
    return pdf(str(item.id)) if kind == "document" else item.body


def pdf(words: str) -> bytes:
    """Return a document of one empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Title(" + words.encode() + b")>>",
    )
    whole, places = b"%PDF-1.4\n", []
    for number, inner in enumerate(objects, start=1):
        places.append(len(whole))
        whole += b"%d 0 obj%s endobj\n" % (number, inner)
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    tail = b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(whole)
    return whole + table + tail


def link_of(entry: Entry) -> str:
    """Return the link to a post as the site lets one copy it."""
    number = activity_of(entry).rpartition(":")[2]
    return f"{ROOT}/posts/{entry.author}_some-words-activity-{number}-Ab1_"


def update_urn(entry: Entry) -> str:
    """Return what lists call a post."""
    return f"urn:li:fsd_update:({activity_of(entry)},MEMBER_SHARES,EMPTY,DEFAULT,false)"


def content_of(kind: str, files: Sequence[Item], entry: Entry) -> Json | None:
    """Return what a post holds, in Voyager's words."""
    match kind:
        case "image":
            images = [
                {"attributes": [{"detailData": {"vectorImage": _vector(one)}}]} for one in files
            ]
            return {"imageComponent": {"images": images}, "articleComponent": None}
        case "video":
            reference = f"urn:li:digitalmediaAsset:{files[0].id}"
            return {"linkedInVideoComponent": {"*videoPlayMetadata": reference}}
        case "document":
            paper: Json = {"manifestUrl": f"{MEDIA}/manifest/{files[0].id}", "title": "Some pages"}
            if entry.id // 10 % 2:
                paper["transcribedDocumentUrl"] = address_of("document", files[0], "")
            return {"documentComponent": {"document": paper}}
        case "article":
            target = {"actionTarget": f"https://news.example/{entry.id}"}
            return {"articleComponent": {"navigationContext": target, "title": {"text": "News"}}}
        case _:
            return None


def _vector(item: Item) -> Json:
    artifacts = [
        {
            "width": width,
            "height": height,
            "fileIdentifyingUrlPathSegment": address_of("image", item, size).removeprefix(MEDIA),
            "expiresAt": ENDS * 1000,
        }
        for size, width, height in reversed(SIZES)
    ]
    return {"rootUrl": MEDIA, "artifacts": artifacts, "digitalmediaAsset": f"urn:li:x:{item.id}"}


def film_of(item: Item) -> Json:
    """Return a film, to which its post only refers."""
    streams = [
        {
            "streamingLocations": [
                {"url": address_of("video", item, size), "expiresAt": ENDS * 1000}
            ],
            "mediaType": "video/mp4",
            "width": width,
            "height": height,
            "size": len(item.body),
            "bitRate": width * 1000,
        }
        for size, width, height in (("360p", 480, 360), ("720p", 960, 720))
    ]
    return {
        "$type": "com.linkedin.videocontent.VideoPlayMetadata",
        "entityUrn": f"urn:li:digitalmediaAsset:{item.id}",
        "media": f"urn:li:digitalmediaAsset:{item.id}",
        "duration": 1000,
        "progressiveStreams": streams,
    }


def address_of(kind: str, item: Item, size: str) -> str:
    """Return where a file is: until when stands in the address, and a token for that."""
    path = {
        "image": f"/dms/image/v2/D4E{item.id}/feedshare-shrink_{size}/0/1760000000000",
        "video": f"/playlist/vid/v2/D4E{item.id}/mp4-{size}-30fp-crf28/0/1760000000000",
        "document": f"/dms/document/media/v2/D4E{item.id}/feedshare-document-pdf-analyzed/0/1",
    }[kind]
    return f"{FILMS if kind == 'video' else MEDIA}{path}?e={ENDS}&v=beta&t=tok"
