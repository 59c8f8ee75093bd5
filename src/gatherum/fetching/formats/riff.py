"""Files made of sized chunks in one form: RIFF (WebP, WAV, AVI) and IFF (AIFF)."""

from collections.abc import Iterator

from gatherum.fetching.formats.source import MAX_PIECES, Source, Verified
from gatherum.model import MediaKind

UNTOLD = (0, 0xFFFFFFFF)  # written by programs that could not go back to fill in a size


def check_webp(source: Source) -> Verified:
    """Check the form's size and the chunks in it; trailing bytes are let be."""
    source.name = "WebP image"
    end = 8 + source.little(4, 4)
    size: tuple[int, int] | None = None
    pixels = False
    for kind, start, _length in _chunks(source, 12, end, "little"):
        if kind == b"VP8X":
            size = 1 + source.little(start + 4, 3), 1 + source.little(start + 7, 3)
        elif kind == b"VP8 ":
            size = size or (
                source.little(start + 6, 2) & 0x3FFF,
                source.little(start + 8, 2) & 0x3FFF,
            )
            pixels = True
        elif kind == b"VP8L":
            bits = source.little(start + 1, 4)
            size = size or (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
            pixels = True
        pixels = pixels or kind == b"ANMF"
    if size is None or not pixels:
        raise source.damaged()
    return Verified(
        mime="image/webp", extension="webp", kind=MediaKind.IMAGE, width=size[0], height=size[1]
    )


def check_wav(source: Source) -> Verified:
    """Check the form's size and the chunks in it; a recording of untold length ends anywhere."""
    source.name = "WAV sound"
    end, data = 8 + source.little(4, 4), 0
    if source.at(0, 4) in (b"RF64", b"BW64"):
        end, data = 8 + source.little(20, 8), source.little(28, 8)
    told = end - 8 not in UNTOLD
    rate = samples = 0
    for kind, start, length in _chunks(source, 12, end if told else source.size, "little"):
        if kind == b"fmt ":
            rate = source.little(start + 8, 4)
        if kind == b"data":
            told = told and (bool(data) or length not in UNTOLD)
            samples = data or length
            break
    else:
        raise source.damaged()
    if told and start + samples > source.size:
        raise source.cut_short()
    return Verified(
        mime="audio/wav",
        extension="wav",
        kind=MediaKind.AUDIO,
        duration=samples / rate if rate and told else None,
        structure_checked=told,
    )


def check_avi(source: Source) -> Verified:
    """Check the sizes of all forms: a long AVI film has several behind one another."""
    source.name = "AVI video"
    position, told = 0, True
    while position < source.size and source.chunk(position, 4) == b"RIFF":
        length = source.little(position + 4, 4)
        if length in UNTOLD:
            told = False
            break
        for _ in _chunks(source, position + 12, position + 8 + length, "little"):
            pass
        position += 8 + length + length % 2
    width = height = None
    head = source.chunk(12, 96)
    if head[12:16] == b"avih":
        width, height = (int.from_bytes(head[at : at + 4], "little") for at in (52, 56))
    return Verified(
        mime="video/x-msvideo",
        extension="avi",
        kind=MediaKind.VIDEO,
        width=width,
        height=height,
        structure_checked=told,
    )


def check_aiff(source: Source) -> Verified:
    """Check the form's size and the chunks in it."""
    source.name = "AIFF sound"
    kinds = {kind for kind, _, _ in _chunks(source, 12, 8 + source.number(4, 4), "big")}
    if b"COMM" not in kinds:
        raise source.damaged()
    return Verified(mime="audio/aiff", extension="aiff", kind=MediaKind.AUDIO)


def _chunks(
    source: Source, position: int, end: int, order: str
) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, start, length) of the chunks up to `end`, where the last one must end too.

    A missing byte of padding at the very end is let be: many writers leave it out.
    """
    if end > source.size + 1:
        raise source.cut_short()
    end = min(end, source.size)
    for _ in range(MAX_PIECES):
        if position + 8 > end:
            if end - position > 1:
                raise source.damaged()
            return
        head = source.at(position, 8)
        number = source.little if order == "little" else source.number
        length = number(position + 4, 4)
        yield head[:4], position + 8, length
        position += 8 + length
        if position > end:
            raise source.cut_short()
        position += length % 2
    raise source.damaged()
