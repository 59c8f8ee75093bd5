"""What visitors see of LinkedIn in the test site, by the marks that yt-dlp 2026.8 reads, and more."""

import html
import json
from collections.abc import Sequence
from urllib.parse import quote

from tests.testsites.linkedin_posts import (
    MEDIA,
    ROOT,
    Json,
    activity_of,
    address_of,
    link_of,
    share_of,
    shown_of,
)
from tests.testsites.world import Entry, Item

SCRIPTS = "https://static.licdn.com/aero-v1/sc/h/"


def public_page(entry: Entry, neighbour: Entry) -> str:
    """Return the page of one post as visitors see it, with another post beside it."""
    kind, files = shown_of(entry)
    author: Json = {
        "@type": "Person",
        "name": entry.author.title(),
        "url": f"{ROOT}/in/{entry.author}",
    }
    told: Json = {"@context": "http://schema.org", "@id": link_of(entry)}
    if kind == "video":
        told |= {"@type": "VideoObject", "creator": author, "description": entry.text}
    else:
        told |= {"@type": "SocialMediaPosting", "author": author, "articleBody": entry.text}
    image = address_of("image", files[0], "800") if kind == "image" else f"{MEDIA}/dms/avatar?e=1"
    words = html.escape(entry.text)
    head = (
        '<meta name="pageKey" content="public_post">'
        f'<meta property="og:title" content="{entry.author.title()} on LinkedIn: {words}">'
        f'<meta property="og:description" content="{words}">'
        f'<meta property="og:image" content="{html.escape(image)}">'
        f'<link rel="canonical" href="{link_of(entry)}">'
        f'<script src="{SCRIPTS}p1"></script>'
        f'<script type="application/ld+json">{json.dumps(told)}</script>'
    )
    beside = f'<section class="related-posts">{card_of(neighbour)}</section>'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{card_of(entry)}{beside}</body></html>"


def article_page(entry: Entry) -> str:
    """Return the page of an article: other sites are told of its cover, or of its author's portrait."""
    kind, files = shown_of(entry)
    cover = address_of("image", files[0], "720").replace("/feedshare-", "/article-cover_image-")
    image = cover if kind == "image" else f"{MEDIA}/dms/profile-displayphoto-shrink_800?e=1"
    head = (
        '<meta name="pageKey" content="d_flagship3_pulse_read_guest">'
        f'<meta property="og:title" content="{html.escape(entry.text)}">'
        f'<meta property="og:image" content="{html.escape(image)}">'
    )
    beside = f'<img data-delayed-url="{MEDIA}/dms/image/article-cover_image-shrink_180/1?e=1">'
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body><article>{beside}</article></body></html>"
    )


def card_of(entry: Entry) -> str:
    """Return a post as it stands on a page."""
    kind, files = shown_of(entry)
    words = html.escape(entry.text).replace("#", '<a href="/feed/hashtag/x">#', 1)
    lockup = (
        '<div data-test-id="main-feed-activity-card__entity-lockup"><a '
        f'href="{ROOT}/in/{entry.author}?trk=public_post" data-tracking-control-name="x">A</a></div>'
    )
    return (
        f'<article class="main-feed-activity-card" data-activity-urn="{activity_of(entry)}" '
        f'data-attributed-urn="{share_of(entry)}">{lockup}'
        f'<p data-test-id="main-feed-activity-card__commentary" dir="ltr">{words}</a></p>'
        f"{_attached(kind, files, entry)}</article>"
    )


def _attached(kind: str, files: Sequence[Item], entry: Entry) -> str:
    match kind:
        case "image":
            shown = "".join(
                f'<li><img data-delayed-url="{html.escape(address_of("image", one, "800"))}"></li>'
                for one in files
            )
            return (
                f'<ul class="feed-images-content" data-test-id="feed-images-content">{shown}</ul>'
            )
        case "video":
            sources = [
                {
                    "src": address_of("video", files[0], size),
                    "type": "video/mp4",
                    "data-bitrate": rate,
                }
                for size, rate in (("360p", 400_000), ("720p", 1_500_000))
            ]
            written = html.escape(json.dumps(sources))
            return f'<video class="share-native-video__node" data-sources="{written}"></video>'
        case "document":
            doc = {
                "title": "Some pages",
                "url": f"{MEDIA}/manifest/{files[0].id}",
                "coverPages": [],
            }
            config = html.escape(json.dumps({"doc": doc}))
            return f'<iframe data-native-document-config="{config}"></iframe>'
        case "article":
            away = f"/redir/redirect?url={quote(f'https://news.example/{entry.id}', safe='')}&urlhash=x"
            return f'<div data-test-id="article-content"><a href="{ROOT}{away}">News</a></div>'
        case _:
            return ""
