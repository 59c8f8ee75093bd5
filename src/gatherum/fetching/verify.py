"""Is this a whole file, and of which kind? By its bytes alone: names and headers may lie."""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from gatherum.errors import Corrupt
from gatherum.fetching.formats import (
    audio,
    bmff,
    documents,
    ebml,
    gif,
    jpeg,
    mpeg,
    others,
    png,
    riff,
)
from gatherum.fetching.formats.source import Read, Source, Verified
from gatherum.model import MediaKind

__all__ = ["Verified", "verify"]

HEAD = 4096
WANTED = {
    MediaKind.IMAGE: "an image",
    MediaKind.VIDEO: "a video",
    MediaKind.AUDIO: "a sound",
    MediaKind.DOCUMENT: "a document",
    MediaKind.UNKNOWN: "a file",
}
SEEN = frozenset({MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO})
NAMED = {  # what a link's own extension promises, where the platform tells nothing
    MediaKind.IMAGE: "jpg jpeg jpe jfif png apng gif webp avif heic heif bmp tif tiff svg jxl ico psd",
    MediaKind.VIDEO: "mp4 m4v mov webm mkv avi wmv flv mpg mpeg ts m2ts 3gp ogv",
    MediaKind.AUDIO: "mp3 m4a m4b aac ogg oga opus flac wav aif aiff wma mka",
}
KIND_OF = {name: kind for kind, names in NAMED.items() for name in names.split()}
TEXTS = {"html": {"html", "htm", "xhtml"}, "json": {"json"}, "xml": {"xml", "rss", "atom"}}
OF_A_PROGRAM = frozenset({"", "php", "asp", "aspx", "cgi", "jsp", "do"})  # names of makers of pages
TEXT_NAMES = frozenset(
    {"txt", "log", *documents.PLAIN, *(n for names in TEXTS.values() for n in names)}
)

FORMATS = tuple(
    (re.compile(magic, re.DOTALL), check)
    for magic, check in (
        (rb"\xff\xd8\xff", jpeg.check),
        (rb"\x89PNG\r\n\x1a\n", png.check),
        (rb"GIF8[79]a", gif.check),
        (rb"RIFF....WEBP", riff.check_webp),
        (rb"\0...(ftyp|moov|mdat|wide|free|skip|pnot).{8}", bmff.check),
        (rb"\0\0\0\x0c(jP  |JXL )\r\n\x87\n", bmff.check),
        (rb"\x1a\x45\xdf\xa3", ebml.check),
        (rb"RIFF....AVI ", riff.check_avi),
        (rb"(RIFF|RF64|BW64)....WAVE", riff.check_wav),
        (rb"FORM....AIF[FC]", riff.check_aiff),
        (rb"OggS", audio.check_ogg),
        (rb"FLV\x01", others.check_flv),
        (re.escape(bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")), others.check_asf),
        (rb"BM....\0{4}", others.check_bmp),
        (rb"\0\0[\1\2]\0.\0", others.check_ico),
        (rb"7z\xbc\xaf'\x1c", documents.check_7z),
    )
)


def verify(read: Read, size: int, *, expected: MediaKind, url_hint: str | None = None) -> Verified:
    """Return what the file is, having seen that it is whole as far as its structure can tell.

    `read(size, offset)` returns the bytes there. Raises `Corrupt` for a file that is cut, damaged or
    no media although media was expected, and `LoginRequired` for a log-in page in its place.
    Sizes of pictures come from headers: nothing is decoded.
    """
    if size == 0:
        raise Corrupt("The source sent nothing.")
    source = Source(read, size)
    hint = _extension(url_hint)
    if expected is MediaKind.UNKNOWN:
        expected = KIND_OF.get(hint, expected)
    found = _check(source, hint)
    if found is None:
        if expected in SEEN:
            raise Corrupt(f"The source sent something unknown instead of {WANTED[expected]}.")
        return Verified(
            mime="application/octet-stream",
            extension="bin",
            kind=MediaKind.DOCUMENT,
            structure_checked=False,
        )
    if found.kind is MediaKind.DOCUMENT:
        _check_wanted(source, found, expected, hint)
    return found


def _check(source: Source, hint: str) -> Verified | None:
    head = source.chunk(0, HEAD)
    for magic, check in FORMATS:
        if magic.match(head):
            return check(source)
    found = _check_frames(source, head)
    if found:
        return found
    if b"%PDF-" in head[:1024]:
        return documents.check_pdf(source)
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return documents.check_zip(source, hint=hint)
    if documents.is_text(head):
        return documents.check_text(source, hint=hint)
    return others.recognise(head)


def _check_frames(source: Source, head: bytes) -> Verified | None:
    """Try the formats that have no head of their own, perhaps behind a tag."""
    if head[:1] == b"G" and mpeg.is_transport(source):
        return mpeg.check_transport(source)
    start = 0
    if head[:3] == b"ID3":
        source.name = "sound"
        start = mpeg.skip_id3(source)
    if source.chunk(start, 4) == b"fLaC":
        return audio.check_flac(source, start)
    if mpeg.begins(source, start, mpeg.aac_frame):
        return mpeg.check_aac(source, start)
    if start or mpeg.begins(source, start, mpeg.mp3_frame):
        return mpeg.check_mp3(source, start)
    return None


def _check_wanted(source: Source, found: Verified, expected: MediaKind, hint: str) -> None:
    """See that a document is what was asked for, and no page that stands in its place."""
    is_text = not found.structure_checked and found.extension in TEXT_NAMES
    if expected in SEEN:
        if is_text:
            documents.refuse_text(source, found, WANTED[expected])
        raise Corrupt(f"The source sent a document instead of {WANTED[expected]}.")
    if not is_text or hint in TEXTS.get(found.extension, TEXT_NAMES):
        return
    # An answer in words, where the link promises a file of another type, or no type at all.
    unasked = expected is MediaKind.UNKNOWN and found.extension in TEXTS
    if hint not in OF_A_PROGRAM or unasked:
        documents.refuse_text(source, found, WANTED[expected])


def _extension(url: str | None) -> str:
    path = unquote(urlsplit(url or "").path)
    return PurePosixPath(path).suffix[1:].lower()
