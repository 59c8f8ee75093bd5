"""FLAC and Ogg: the last frame, or the last page, is the one that ends the sound."""

import zlib

from gatherum.fetching.formats.source import MAX_PIECES, Source, Verified
from gatherum.model import MediaKind

MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
SEARCH = 1 << 20  # how far before the end a last FLAC frame may begin
OPUS, VORBIS, THEORA = b"OpusHead", b"\x01vorbis", b"\x80theora"


def _table(width: int, polynomial: int) -> tuple[int, ...]:
    top, mask = 1 << width - 1, (1 << width) - 1
    table = []
    for byte in range(256):
        value = byte << width - 8
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    return tuple(table)


CRC8, CRC16 = _table(8, 0x07), _table(16, 0x8005)
BLOCKS = {
    1: 192,
    **{n: 576 << n - 2 for n in range(2, 6)},
    **{n: 256 << n - 8 for n in range(8, 16)},
}


def check_flac(source: Source, start: int) -> Verified:
    """Find the last frame from the end: its checksum holds, and it ends with the last sample."""
    source.name = "FLAC sound"
    info = source.at(start + 8, 34)
    bits = int.from_bytes(info[10:18], "big")
    rate, total = bits >> 44, bits & (1 << 36) - 1
    fixed = int.from_bytes(info[:2], "big")
    position, last = start + 4, False
    while not last:
        head = source.number(position, 4)
        last = bool(head >> 31)
        position += 4 + (head & 0xFFFFFF)
    end = source.size
    if end - position > 128 and source.at(end - 128, 3) == b"TAG":
        end -= 128
    if position >= end:
        raise source.cut_short()
    first = max(position, end - SEARCH)
    data = source.at(first, end - first)
    if not _ends_with_frame(data, fixed, total):
        raise source.cut_short()
    return Verified(
        mime="audio/flac",
        extension="flac",
        kind=MediaKind.AUDIO,
        duration=total / rate if rate and total else None,
        structure_checked=total > 0,
    )


def check_ogg(source: Source) -> Verified:
    """Walk the pages: sums hold, none is missing in any stream, and each stream says that it ends."""
    source.name = "Ogg file"
    position, codecs = 0, b""
    streams: dict[bytes, int] = {}  # the last page of those that have not ended
    for _ in range(MAX_PIECES):
        if position == source.size:
            break
        head = source.at(position, 27)
        if head[:5] != b"OggS\0":
            if streams or head[:1] != b"\0":
                raise source.damaged()
            break
        sizes = source.at(position + 27, head[26])
        body = source.at(position + 27 + len(sizes), sum(sizes))
        if _page_sum(head[:22] + bytes(4) + head[26:] + sizes + body) != head[22:26]:
            raise source.damaged()
        flags, serial, number = head[5], head[14:18], int.from_bytes(head[18:22], "little")
        if flags & 2:
            codecs += body[:8]
        elif streams.get(serial, -2) + 1 != number:
            raise source.damaged()
        streams[serial] = number
        if flags & 4:
            del streams[serial]
        position += 27 + len(sizes) + len(body)
    if streams:
        raise source.cut_short()
    return _ogg(codecs)


def _page_sum(page: bytes) -> bytes:
    """Return Ogg's checksum: the CRC-32 of zlib with all bits the other way round."""
    value = zlib.crc32(page.translate(MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return value.to_bytes(4, "little").translate(MIRRORED)[::-1]


def _ogg(codecs: bytes) -> Verified:
    if THEORA[:7] in codecs:
        return Verified(mime="video/ogg", extension="ogv", kind=MediaKind.VIDEO)
    extension = "opus" if OPUS in codecs else "ogg"
    return Verified(mime="audio/ogg", extension=extension, kind=MediaKind.AUDIO)


def _ends_with_frame(data: bytes, fixed: int, total: int) -> bool:
    at = len(data)
    while (at := data.rfind(b"\xff", 0, at)) >= 0:
        ends = _frame_ends(data[at : at + 16], fixed)
        if ends is None or (total and ends != total):
            continue
        crc = 0
        for byte in data[at:]:
            crc = crc << 8 & 0xFF00 ^ CRC16[crc >> 8 ^ byte]
        if crc == 0:
            return True
    return False


def _frame_ends(head: bytes, fixed: int) -> int | None:
    """Return the number of the sample behind this frame, None if it is no frame's head."""
    if len(head) < 6 or head[1] & 0xFE != 0xF8:
        return None
    code, rate = head[2] >> 4, head[2] & 15
    lead = 8 - (head[4] ^ 0xFF).bit_length()  # leading ones of the coded number
    if lead == 1 or lead > 7:
        return None
    length = lead or 1
    value = head[4] & (0x7F >> lead)
    for byte in head[5 : 4 + length]:
        value = value << 6 | byte & 0x3F
    at = 4 + length
    extra = {6: 1, 7: 2}.get(code, 0)
    block = BLOCKS.get(code) or int.from_bytes(head[at : at + extra], "big") + 1
    at += extra + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    crc = 0
    for byte in head[: at + 1]:
        crc = CRC8[crc ^ byte]
    if crc or len(head) <= at:
        return None
    return value + block if head[1] & 1 else value * fixed + block
