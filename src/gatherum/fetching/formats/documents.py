"""Text in all its forms, PDF and archives."""

import re

from gatherum.errors import Corrupt, LoginRequired, PageInstead
from gatherum.fetching.formats.source import Source, Verified
from gatherum.model import MediaKind

PAGE = 1 << 19  # as much of a web page is looked at
TAIL = 2048
PLAIN = {  # texts whose name is all that tells them apart
    "csv": "text/csv",
    "md": "text/markdown",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "ass": "text/x-ssa",
    "m3u8": "application/vnd.apple.mpegurl",
}
ZIPPED = {
    "epub": "application/epub+zip",
    "cbz": "application/vnd.comicbook+zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
}
HTML = re.compile(
    rb"<(!doctype\s+html|html|head|title|body|script|meta\s|div|table|iframe|h[1-6]|br|p|a\s)[\s/>=\w]?",
    re.IGNORECASE,
)
PASSWORD = re.compile(rb"<input\b[^>]{0,2000}?\btype\s*=\s*[\"']?password", re.IGNORECASE)
PROLOG = re.compile(
    rb"(?:\s|<\?[^>]*>|<!--.*?-->|<!doctype[^>\[]*(?:\[[^\]]*\]\s*)?>)*", re.DOTALL | re.IGNORECASE
)
CONTROLS = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})


def is_text(head: bytes) -> bool:
    """Return whether this reads as text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return len(head) == len(head.translate(None, CONTROLS))


def check_text(source: Source, *, hint: str) -> Verified:
    """Say what kind of text this is; only SVG is checked to its end."""
    page = source.chunk(0, PAGE).lstrip(b"\xef\xbb\xbf \t\r\n")
    inner = page[PROLOG.match(page).end() :] if page[:1] == b"<" else b""  # type: ignore[union-attr]  # it matches nothing too
    if inner[:4].lower() == b"<svg" or inner[:8].lower() == b"<svg:svg":
        return _svg(source, inner)
    mime, extension = "text/plain", "txt"
    if HTML.match(page) or HTML.match(inner):
        mime, extension = "text/html", "html"
    elif inner:
        mime, extension = "application/xml", "xml"
    elif page[:1] in (b"{", b"["):
        mime, extension = "application/json", "json"
    elif hint in PLAIN:
        mime, extension = PLAIN[hint], hint
    return Verified(
        mime=mime, extension=extension, kind=MediaKind.DOCUMENT, structure_checked=False
    )


def refuse_text(source: Source, found: Verified, wanted: str) -> None:
    """Say what came instead of media; a page that asks for a password wants a log-in."""
    if found.extension == "html":
        if PASSWORD.search(source.chunk(0, PAGE)):
            raise LoginRequired(f"The source sent a log-in page instead of {wanted}.")
        raise PageInstead(f"The source sent a web page instead of {wanted}.")
    name = {"json": "a JSON answer", "xml": "an XML answer"}.get(found.extension, "a text")
    raise Corrupt(f"The source sent {name} instead of {wanted}.")


def check_pdf(source: Source) -> Verified:
    """See that the end mark stands at the end."""
    source.name = "PDF document"
    if b"%%EOF" not in source.tail(TAIL):
        raise source.cut_short()
    return Verified(mime="application/pdf", extension="pdf", kind=MediaKind.DOCUMENT)


def check_zip(source: Source, *, hint: str) -> Verified:
    """See that the directory at the end is there and lies inside the file."""
    source.name = "ZIP archive"
    tail = source.tail(22 + 0xFFFF)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        raise source.cut_short()
    comment = int.from_bytes(tail[at + 20 : at + 22], "little")
    length, offset = (int.from_bytes(tail[at + n : at + n + 4], "little") for n in (12, 16))
    if at + 22 + comment > len(tail):
        raise source.cut_short()
    if 0xFFFFFFFF not in (length, offset) and offset + length > source.size - len(tail) + at:
        raise source.damaged()
    extension = hint if hint in ZIPPED else "zip"
    mime = ZIPPED.get(hint, "application/zip")
    return Verified(mime=mime, extension=extension, kind=MediaKind.DOCUMENT)


def check_7z(source: Source) -> Verified:
    """See that the directory at the end is inside the file."""
    source.name = "7z archive"
    if 32 + source.little(12, 8) + source.little(20, 8) > source.size:
        raise source.cut_short()
    return Verified(mime="application/x-7z-compressed", extension="7z", kind=MediaKind.DOCUMENT)


def _svg(source: Source, inner: bytes) -> Verified:
    source.name = "SVG image"
    empty = re.fullmatch(rb"<svg[^<>]*/>\s*", inner, re.IGNORECASE)
    if not empty and not re.search(rb"</(svg:)?svg\s*>", source.tail(TAIL), re.IGNORECASE):
        raise source.cut_short()
    return Verified(mime="image/svg+xml", extension="svg", kind=MediaKind.IMAGE)
