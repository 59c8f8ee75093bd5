"""Files made of boxes (ISO base media): MP4, MOV, M4A, 3GP, HEIC, AVIF, JPEG 2000 and JPEG XL."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gatherum.fetching.formats.source import MAX_PIECES, Source, Verified
from gatherum.model import MediaKind

PADDING = 1 << 20  # zeros behind the last box, up to here, are padding
MAX_SAMPLES = 1 << 16  # of a track's last chunk
CONTENT = frozenset({b"moov", b"meta", b"jp2c", b"jxlc", b"jxlp"})
BRANDS = {
    b"avif": ("image/avif", "avif"),
    b"avis": ("image/avif", "avif"),
    b"heic": ("image/heic", "heic"),
    b"heix": ("image/heic", "heic"),
    b"heim": ("image/heic", "heic"),
    b"heis": ("image/heic", "heic"),
    b"hevc": ("image/heic", "heic"),
    b"hevx": ("image/heic", "heic"),
    b"mif1": ("image/heif", "heif"),
    b"msf1": ("image/heif", "heif"),
    b"crx ": ("image/x-canon-cr3", "cr3"),
    b"qt  ": ("video/quicktime", "mov"),
    b"jp2 ": ("image/jp2", "jp2"),
    b"jpx ": ("image/jp2", "jp2"),
    b"jxl ": ("image/jxl", "jxl"),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A box: what it is and where its content lies."""

    kind: bytes
    start: int
    end: int


@dataclass(slots=True)
class _Movie:
    """What the tracks say."""

    video: bool = False
    audio: bool = False
    width: int = 0
    height: int = 0
    duration: float | None = None
    kinds: set[bytes] = field(default_factory=set)


def check(source: Source) -> Verified:
    """Walk the top boxes to exactly the end, and see that what they point to is in the file."""
    source.name = "video or picture container"
    mime, extension = "video/quicktime", "mov"
    movie = _Movie()
    told = True
    for box in _top(source):
        movie.kinds.add(box.kind)
        match box.kind:
            case b"ftyp":
                mime, extension = _brand(source, box)
            case b"moov":
                _read_movie(source, box, movie)
            case b"meta" if mime.startswith("image/"):
                _read_picture(source, box, movie)
            case b"sidx":
                _check_index(source, box)
            case b"jp2c" | b"jxlc" | b"jxlp":
                told = box.end < source.size or source.tail(2) == b"\xff\xd9"
            case _:
                pass
    if not movie.kinds & CONTENT:
        raise source.damaged()
    if b"moov" in movie.kinds and b"mdat" not in movie.kinds:
        raise source.cut_short()
    kind = MediaKind.IMAGE if mime.startswith("image/") else MediaKind.VIDEO
    if kind is MediaKind.VIDEO and movie.audio and not movie.video:
        mime, extension, kind = "audio/mp4", "m4a", MediaKind.AUDIO
    return Verified(
        mime=mime,
        extension=extension,
        kind=kind,
        width=movie.width or None,
        height=movie.height or None,
        duration=movie.duration if kind is not MediaKind.IMAGE else None,
        structure_checked=told,
    )


def _top(source: Source) -> Iterator[Box]:
    position = 0
    for _ in range(MAX_PIECES):
        rest = source.size - position
        if rest == 0:
            return
        if rest <= PADDING and not source.at(position, rest).strip(b"\0"):
            return
        box = _box(source, position, source.size)
        if not all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in box.kind):
            raise source.damaged()
        yield box
        position = box.end
    raise source.damaged()


def _box(source: Source, position: int, end: int) -> Box:
    head = source.at(position, 8)
    length, start = int.from_bytes(head[:4], "big"), position + 8
    if length == 1:
        length, start = source.number(position + 8, 8), position + 16
    elif length == 0:
        length = end - position  # to the end of what it stands in
    if position + length > end:
        raise source.cut_short()
    if position + length < start:
        raise source.damaged()
    return Box(head[4:], start, position + length)


def _inside(source: Source, box: Box, *, skip: int = 0) -> Iterator[Box]:
    position = box.start + skip
    while position + 8 <= box.end:
        if source.number(position, 4) == 0:  # QuickTime ends some lists with a zero
            return
        child = _box(source, position, box.end)
        yield child
        position = child.end


def _find(source: Source, box: Box, *path: bytes) -> Box | None:
    for kind in path:
        found = next((child for child in _inside(source, box) if child.kind == kind), None)
        if found is None:
            return None
        box = found
    return box


def _brand(source: Source, box: Box) -> tuple[str, str]:
    brands = source.at(box.start, min(box.end - box.start, 256))
    major = brands[:4]
    compatible = [brands[at : at + 4] for at in range(8, len(brands), 4)]
    if major in (b"mif1", b"msf1", b"miaf"):  # a picture of any codec: the others say which
        major = next(
            (brand for brand in compatible if brand in BRANDS and brand[:1] in b"ah"), b"mif1"
        )
    if major in BRANDS:
        return BRANDS[major]
    if major.startswith(b"3g"):
        return "video/3gpp", "3gp"
    return "video/mp4", "mp4"


def _read_movie(source: Source, moov: Box, movie: _Movie) -> None:
    for box in _inside(source, moov):
        if box.kind == b"mvhd":
            movie.duration = _duration(source, box)
        if box.kind != b"trak":
            continue
        handler = _find(source, box, b"mdia", b"hdlr")
        kind = source.at(handler.start + 8, 4) if handler else b""
        movie.audio = movie.audio or kind == b"soun"
        header = _find(source, box, b"tkhd")
        if kind == b"vide" and header and not movie.video:
            movie.video = True
            movie.width, movie.height = (
                source.number(header.end - 8, 2),
                source.number(header.end - 4, 2),
            )
        table = _find(source, box, b"mdia", b"minf", b"stbl")
        if table and _is_here(source, box):
            _check_last_chunk(source, table)


def _duration(source: Source, box: Box) -> float | None:
    long = source.number(box.start, 1) == 1
    scale = source.number(box.start + (20 if long else 12), 4)
    length = source.number(box.start + (24 if long else 16), 8 if long else 4)
    unknown = 2**64 - 1 if long else 2**32 - 1
    return length / scale if scale and length and length != unknown else None


def _is_here(source: Source, track: Box) -> bool:
    """Return whether the track's bytes are in this file; a reference movie names others."""
    references = _find(source, track, b"mdia", b"minf", b"dinf", b"dref")
    if references is None:
        return True
    return all(source.number(entry.start, 4) & 1 for entry in _inside(source, references, skip=8))


def _check_last_chunk(source: Source, table: Box) -> None:
    """See that a track's last samples are in the file: the boxes' sizes alone may not tell it."""
    boxes = {box.kind: box for box in _inside(source, table)}
    offsets = boxes.get(b"stco") or boxes.get(b"co64")
    if offsets is None or b"stsc" not in boxes or b"stsz" not in boxes:
        return
    width = 4 if offsets.kind == b"stco" else 8
    chunks = source.number(offsets.start + 4, 4)
    runs = source.number(boxes[b"stsc"].start + 4, 4)
    fixed = source.number(boxes[b"stsz"].start + 4, 4)
    samples = source.number(boxes[b"stsz"].start + 8, 4)
    if not chunks or not runs:
        return
    if offsets.start + 8 + width * chunks > offsets.end:
        raise source.damaged()
    last = source.number(offsets.start + 8 + width * (chunks - 1), width)
    count = min(source.number(boxes[b"stsc"].start + 8 + 12 * (runs - 1) + 4, 4), samples)
    if not fixed and count <= MAX_SAMPLES:
        sizes = source.at(boxes[b"stsz"].start + 12 + 4 * (samples - count), 4 * count)
        last += sum(int.from_bytes(sizes[at : at + 4], "big") for at in range(0, len(sizes), 4))
    # A fixed size counts single audio samples in old QuickTime files: not the bytes of a chunk.
    if last > source.size:
        raise source.cut_short()


def _read_picture(source: Source, meta: Box, movie: _Movie) -> None:
    """Take the size of the largest picture (tiles and thumbnails are smaller), and find the bytes."""
    boxes = {box.kind: box for box in _inside(source, meta, skip=4)}
    container = _find(source, boxes[b"iprp"], b"ipco") if b"iprp" in boxes else None
    for box in _inside(source, container) if container else ():
        if box.kind == b"ispe":
            width, height = source.number(box.start + 4, 4), source.number(box.start + 8, 4)
            if width * height > movie.width * movie.height:
                movie.width, movie.height = width, height
    if b"iloc" in boxes:
        _check_places(source, boxes[b"iloc"])


def _check_places(source: Source, box: Box) -> None:
    """See that the bytes of every item are in the file."""
    version, sizes = source.number(box.start, 1), source.number(box.start + 4, 2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    wide = 4 if version == 2 else 2
    items, position = source.number(box.start + 6, wide), box.start + 6 + wide
    for _ in range(items):
        position += wide
        method = source.number(position, 2) & 15 if version else 0
        position += 4 if version else 2
        base = source.number(position, base_size)
        extents, position = source.number(position + base_size, 2), position + base_size + 2
        for _ in range(extents):
            offset = source.number(position + index_size, offset_size)
            position += index_size + offset_size
            length = source.number(position, length_size)
            position += length_size
            if position > box.end:
                raise source.damaged()
            if method == 0 and base + offset + length > source.size:  # 0: counted from the start
                raise source.cut_short()


def _check_index(source: Source, box: Box) -> None:
    """See that the segments which a segment index counts are in the file."""
    at = box.start + 12
    long = source.number(box.start, 1) == 1
    first = source.number(at + (8 if long else 4), 8 if long else 4)
    at += 16 if long else 8
    count = source.number(at + 2, 2)
    rows = source.at(at + 4, 12 * count)
    total = sum(
        int.from_bytes(rows[row : row + 4], "big") & 0x7FFFFFFF for row in range(0, len(rows), 12)
    )
    if box.end + first + total > source.size:
        raise source.cut_short()
