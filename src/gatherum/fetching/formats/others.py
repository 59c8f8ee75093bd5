"""Formats that say little about their end: what can be seen from their heads."""

from gatherum.fetching.formats.source import MAX_PIECES, Source, Verified
from gatherum.model import MediaKind

ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
SEARCH = 1 << 16
UNCHECKED = (  # (first bytes, mime, extension, kind)
    (b"\xff\x0a", "image/jxl", "jxl", MediaKind.IMAGE),
    (b"II*\0", "image/tiff", "tiff", MediaKind.IMAGE),
    (b"MM\0*", "image/tiff", "tiff", MediaKind.IMAGE),
    (b"8BPS", "image/vnd.adobe.photoshop", "psd", MediaKind.IMAGE),
    (b"\0\0\x01\xba", "video/mpeg", "mpg", MediaKind.VIDEO),
    (b"\0\0\x01\xb3", "video/mpeg", "mpg", MediaKind.VIDEO),
    (b".RMF", "application/vnd.rn-realmedia", "rm", MediaKind.VIDEO),
    (b"#!AMR", "audio/amr", "amr", MediaKind.AUDIO),
    (b"MThd", "audio/midi", "mid", MediaKind.AUDIO),
    (b"Rar!\x1a\x07", "application/vnd.rar", "rar", MediaKind.DOCUMENT),
    (b"\x1f\x8b\x08", "application/gzip", "gz", MediaKind.DOCUMENT),
)


def check_flv(source: Source) -> Verified:
    """See that the last four bytes count the last tag; nothing tells which one is the last."""
    source.name = "Flash video"
    length = int.from_bytes(source.tail(4), "big")
    start = source.size - 4 - length
    if length < 11 or start < 13 or source.number(start + 1, 3) + 11 != length:
        raise source.cut_short()
    return Verified(
        mime="video/x-flv", extension="flv", kind=MediaKind.VIDEO, structure_checked=False
    )


def check_asf(source: Source) -> Verified:
    """Walk the objects to the end, and compare with the size that the properties tell."""
    source.name = "Windows Media file"
    head = source.chunk(0, min(source.little(16, 8), SEARCH))
    properties = head.find(ASF_PROPERTIES)
    told = int.from_bytes(head[properties + 40 : properties + 48], "little")
    if properties >= 0 and told > source.size:
        raise source.cut_short()
    position = 0
    for _ in range(MAX_PIECES):
        if position == source.size:
            break
        length = source.little(position + 16, 8)
        if length < 24:
            raise source.damaged()
        position += length
        if position > source.size:
            raise source.cut_short()
    else:
        raise source.damaged()
    return Verified(mime="video/x-ms-wmv", extension="wmv", kind=MediaKind.VIDEO)


def check_bmp(source: Source) -> Verified:
    """Compare with the size that the head tells."""
    source.name = "BMP image"
    if source.little(2, 4) > source.size:
        raise source.cut_short()
    width, height = source.little(18, 4), source.little(22, 4)
    return Verified(
        mime="image/bmp",
        extension="bmp",
        kind=MediaKind.IMAGE,
        width=width,
        height=min(height, 2**32 - height) or None,  # negative: top row first
    )


def check_ico(source: Source) -> Verified:
    """See that every picture of the directory is inside the file."""
    source.name = "icon"
    for entry in range(6, 6 + 16 * source.little(4, 2), 16):
        if source.little(entry + 8, 4) + source.little(entry + 12, 4) > source.size:
            raise source.cut_short()
    return Verified(mime="image/x-icon", extension="ico", kind=MediaKind.IMAGE)


def recognise(head: bytes) -> Verified | None:
    """Say what the first bytes promise, unchecked."""
    for magic, mime, extension, kind in UNCHECKED:
        if head.startswith(magic):
            return Verified(mime=mime, extension=extension, kind=kind, structure_checked=False)
    return None
