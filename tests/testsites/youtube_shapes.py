"""The shapes in which YouTube speaks of its videos, as yt-dlp 2026.10 reads them."""

import hashlib
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Literal
from urllib.parse import urlencode

from tests.testsites.media import mp4, split
from tests.testsites.world import Entry

ROOT = "https://www.youtube.com"
STREAMS = "rr3---sn-4g5e6nzz.googlevideo.com"
PICTURES = "i.ytimg.com"
PACIFIC = timezone(timedelta(hours=-7))  # in which YouTube writes the time of an upload
TRACK = "CBMQsV4iEwj0"
Json = dict[str, object]
Kind = Literal["videos", "shorts", "streams"]
KINDS: tuple[Kind, ...] = ("videos", "videos", "videos", "shorts", "streams")


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Subtitles of one language; `heard` tells that YouTube's machines wrote them."""

    language: str
    heard: bool = False

    @property
    def key(self) -> str:
        """What YouTube calls it."""
        return f"a.{self.language}" if self.heard else f".{self.language}"


def youtube_id(entry: Entry) -> str:
    """Return the eleven letters of a video: they tell nothing."""
    return _letters(f"video {entry.id}")[:11]


def channel_id(name: str) -> str:
    """Return the lasting name of a channel."""
    return "UC" + _letters(f"channel {name}")[:22]


def uploads_id(name: str) -> str:
    """Return the list of all that a channel has published."""
    return "UU" + channel_id(name)[2:]


def kind_of(entry: Entry) -> Kind:
    """Return the tab in which a video stands."""
    return KINDS[entry.id // 10 % len(KINDS)]


def film(entry: Entry) -> bytes:
    """Return the whole film, with its sound."""
    return mp4(str(entry.id % 7))


def parts(entry: Entry) -> tuple[bytes, bytes]:
    """Return its picture and its sound, each alone."""
    return split(str(entry.id % 7))


def about(entry: Entry) -> str:
    """Return the description below a video."""
    return f"All about {entry.text}\nhttps://example.org/{entry.id}"


def subtitles(entry: Entry, language: str, form: str) -> tuple[str, str]:
    """Return subtitles and their type."""
    words = f"{entry.text} ({language})"
    if form == "json3":
        event = f'{{"tStartMs":0,"dDurationMs":900,"segs":[{{"utf8":"{words}"}}]}}'
        return f'{{"wireMagic":"pb3","events":[{event}]}}', "application/json"
    if form != "vtt":
        return f"<transcript><text start='0' dur='0.9'>{words}</text></transcript>", "text/xml"
    head = f"WEBVTT\nKind: captions\nLanguage: {language}"
    return f"{head}\n\n00:00:00.000 --> 00:00:00.900\n{words}\n", "text/vtt"


def details(entry: Entry, *, live: bool, upcoming: bool) -> Json:
    """Return what every client is told of a video."""
    told: Json = {
        "videoId": youtube_id(entry),
        "title": entry.text,
        "lengthSeconds": "0" if live or upcoming else "1",
        "keywords": ["gatherum"],
        "channelId": channel_id(entry.author),
        "isOwnerViewing": False,
        "shortDescription": about(entry),
        "isCrawlable": True,
        "thumbnail": thumbnails(entry),
        "viewCount": "1234",
        "author": entry.author.title(),
        "isPrivate": False,
        "isUnpluggedCorpus": False,
        "isLiveContent": kind_of(entry) == "streams" or live or upcoming,
    }
    return told | ({"isLive": True} if live else {}) | ({"isUpcoming": True} if upcoming else {})


def microformat(entry: Entry, *, live: bool, upcoming: bool) -> Json:
    """Return what only the website is told: the very second of the upload among it."""
    told: Json = {
        "title": {"simpleText": entry.text},
        "description": {"simpleText": about(entry)},
        "lengthSeconds": "1",
        "ownerProfileUrl": f"http://www.youtube.com/@{entry.author}",
        "externalChannelId": channel_id(entry.author),
        "isFamilySafe": True,
        "isUnlisted": False,
        "viewCount": "1234",
        "category": "People & Blogs",
        "publishDate": entry.at.astimezone(PACIFIC).isoformat(),
        "uploadDate": entry.at.astimezone(PACIFIC).isoformat(),
        "ownerChannelName": entry.author.title(),
        "isShortsEligible": kind_of(entry) == "shorts",
        "thumbnail": thumbnails(entry),
    }
    if kind_of(entry) == "streams" or live or upcoming:
        ends = {} if live or upcoming else {"endTimestamp": entry.at.isoformat()}
        told["liveBroadcastDetails"] = {
            "isLiveNow": live,
            "startTimestamp": entry.at.isoformat(),
            **ends,
        }
    return {"playerMicroformatRenderer": told}


def formats(entry: Entry, *, apart: bool) -> Json:
    """Return what the film may be had as: whole, and if `apart` in its two parts as well."""
    whole = _format(entry, 18, "video/mp4", "avc1.42001E, mp4a.40.2", len(film(entry)))
    seen, heard = (len(part) for part in parts(entry)) if apart else (0, 0)
    alone = [
        _format(entry, 136, "video/mp4", "avc1.4d401f", seen) | {"quality": "hd720"},
        _format(entry, 140, "audio/mp4", "mp4a.40.2", heard),
    ]
    return {
        "expiresInSeconds": "21540",
        "formats": [whole],
        "adaptiveFormats": alone if apart else [],
    }


def captions(entry: Entry, tracks: tuple[Track, ...]) -> Json:
    """Return where a video's subtitles are."""
    query = {"v": youtube_id(entry), "expire": str(_expiry()), "sparams": "v", "signature": "AB.CD"}
    return {
        "playerCaptionsTracklistRenderer": {
            "captionTracks": [
                {
                    "baseUrl": f"{ROOT}/api/timedtext?"
                    + urlencode(
                        query | ({"kind": "asr"} if track.heard else {}) | {"lang": track.language}
                    ),
                    "name": {"simpleText": track.language.title()},
                    "vssId": track.key,
                    "languageCode": track.language,
                    "isTranslatable": True,
                    **({"kind": "asr"} if track.heard else {}),
                }
                for track in tracks
            ],
            "audioTracks": [{"captionTrackIndices": list(range(len(tracks)))}],
        }
    }


def thumbnails(entry: Entry) -> Json:
    """Return the pictures of a video."""
    url = f"https://{PICTURES}/vi/{youtube_id(entry)}/hqdefault.jpg"
    return {"thumbnails": [{"url": url, "width": 480, "height": 360}]}


def watch_page(entry: Entry) -> Json:
    """Return what stands around a player: the owner, the chapters."""
    owner: Json = {
        "title": _runs(entry.author.title(), browse=entry.author),
        "navigationEndpoint": _browse(entry.author),
    }
    chapters = [
        {"chapterRenderer": {"title": {"simpleText": name}, "timeRangeStartMillis": start}}
        for name, start in (("Begin", 0), ("End", 500))
    ]
    bar: Json = {"playerBar": {"chapteredPlayerBarRenderer": {"chapters": chapters}}}
    return {
        "contents": {
            "twoColumnWatchNextResults": {
                "results": {
                    "results": {
                        "contents": [
                            {"videoPrimaryInfoRenderer": {"title": {"runs": [{"text": "x"}]}}},
                            {
                                "videoSecondaryInfoRenderer": {
                                    "owner": {"videoOwnerRenderer": owner}
                                }
                            },
                        ]
                    }
                }
            }
        },
        "playerOverlays": {
            "playerOverlayRenderer": {
                "decoratedPlayerBarRenderer": {"decoratedPlayerBarRenderer": bar}
            }
        },
    }


def lockup(entry: Entry, badge: str, *, by: str = "", members: bool = False) -> Json:
    """Return a video in a channel's tab, or in a list that names its author as well.

    It does not say when it was published.
    """
    ago = "Streamed 3 weeks ago" if kind_of(entry) == "streams" else "3 weeks ago"
    rows: list[Json] = [
        {
            "metadataParts": [
                {"text": {"content": "1.2K views"}},
                {"text": {"content": ago}, "accessibilityLabel": ago},
            ]
        }
    ]
    if members:
        rows.append({"badges": [{"badgeViewModel": {"badgeStyle": "BADGE_MEMBERS_ONLY"}}]})
    if by:
        command: Json = {"innertubeCommand": _browse(by)}
        text: Json = {"content": by.title(), "commandRuns": [{"onTap": command}]}
        rows.insert(0, {"metadataParts": [{"text": text}]})
    style = "LIVE" if badge == "LIVE" else "DEFAULT"
    view: Json = {"text": badge, "badgeStyle": f"THUMBNAIL_OVERLAY_BADGE_STYLE_{style}"}
    overlay: Json = {
        "thumbnailBottomOverlayViewModel": {"badges": [{"thumbnailBadgeViewModel": view}]}
    }
    model: Json = {
        "contentId": youtube_id(entry),
        "contentType": "LOCKUP_CONTENT_TYPE_VIDEO",
        "contentImage": {
            "thumbnailViewModel": {
                "image": {"sources": thumbnails(entry)["thumbnails"]},
                "overlays": [overlay],
            }
        },
        "metadata": {
            "lockupMetadataViewModel": {
                "title": {"content": entry.text},
                "metadata": {"contentMetadataViewModel": {"metadataRows": rows}},
            }
        },
    }
    return {"lockupViewModel": model}


def short(entry: Entry) -> Json:
    """Return a short in a channel's tab."""
    video = youtube_id(entry)
    command: Json = {"reelWatchEndpoint": {"videoId": video, "playerParams": "8AEBoAMB"}}
    model: Json = {
        "entityId": f"shorts-shelf-item-{video}",
        "accessibilityText": f"{entry.text}, 1.2 thousand views - play Short",
        "onTap": {"innertubeCommand": command},
        "overlayMetadata": {
            "primaryText": {"content": entry.text},
            "secondaryText": {"content": "1.2K views"},
        },
    }
    return {"shortsLockupViewModel": model}


def listed(entry: Entry, place: int, instead: str = "") -> Json:
    """Return a video in a playlist; `instead` stands there of one that may not be seen."""
    video = youtube_id(entry)
    watch: Json = {"watchEndpoint": {"videoId": video, "index": place}}
    shown: Json = {
        "videoId": video,
        "title": {"runs": [{"text": instead or entry.text}]},
        "index": {"simpleText": str(place + 1)},
        "thumbnail": thumbnails(entry),
        "isPlayable": not instead,
        "navigationEndpoint": watch,
    }
    if not instead:
        shown |= {
            "shortBylineText": _runs(entry.author.title(), browse=entry.author),
            "lengthSeconds": "1",
            "lengthText": {"simpleText": "0:01"},
        }
    return {"playlistVideoRenderer": shown}


def onward(token: str) -> Json:
    """Return what stands at the end of a page that has another behind it."""
    command: Json = {"token": token, "request": "CONTINUATION_REQUEST_TYPE_BROWSE"}
    endpoint: Json = {"clickTrackingParams": TRACK, "continuationCommand": command}
    return {
        "continuationItemRenderer": {
            "trigger": "CONTINUATION_TRIGGER_ON_ITEM_SHOWN",
            "continuationEndpoint": endpoint,
        }
    }


def is_fresh(expire: str) -> bool:
    """Return whether an address has not expired."""
    return expire.isdecimal() and int(expire) > time.time()


def _format(entry: Entry, tag: int, kind: str, codecs: str, size: int) -> Json:
    query = {
        "expire": str(_expiry()),
        "ei": "aBcDeF",
        "ip": "127.0.0.1",
        "id": f"o-{youtube_id(entry)}",
        "itag": str(tag),
        "source": "youtube",
        "mime": kind,
        "clen": str(size),
        "dur": "1.000",
        "sparams": "expire,ei,ip,id,itag,source",
        "sig": "AJfQdSswRQIh",
    }
    seen = {"width": 180, "height": 320, "fps": 10, "qualityLabel": "360p"}
    return {
        "itag": tag,
        "url": f"https://{STREAMS}/videoplayback?{urlencode(query)}",
        "mimeType": f'{kind}; codecs="{codecs}"',
        "bitrate": 500_000,
        "contentLength": str(size),
        "approxDurationMs": "1000",
        "lastModified": "1760000000000000",
        "quality": "medium" if kind.startswith("video") else "tiny",
        **(seen if kind.startswith("video") else {"audioQuality": "AUDIO_QUALITY_MEDIUM"}),
    }


def _runs(text: str, *, browse: str) -> Json:
    return {"runs": [{"text": text, "navigationEndpoint": _browse(browse)}]}


def _browse(name: str) -> Json:
    return {
        "commandMetadata": {"webCommandMetadata": {"url": f"/@{name}"}},
        "browseEndpoint": {"browseId": channel_id(name), "canonicalBaseUrl": f"/@{name}"},
    }


def _expiry() -> int:
    return int(time.time()) + 21_540


def _letters(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
