"""MPEG streams: MP3 and AAC frame by frame, transport streams packet by packet."""

from collections.abc import Callable
from functools import cache

from gatherum.fetching.formats.source import Source, Verified
from gatherum.model import MediaKind

FrameSize = Callable[[bytes, int], int]  # of the frame at a place in a buffer; 0: there is none

CHUNK = 1 << 18
HEAD = 7  # bytes that tell a frame's size
GAP = 4096  # bytes between frames that are let be: seams where advertisements were cut in
MAX_GAPS = 200

BITRATES = {  # kbit/s by (MPEG 1?, layer)
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@cache
def _mp3_size(head: int) -> int:
    """Return the length of a frame by the second and third byte of its header."""
    version, layer = head >> 11 & 3, 4 - (head >> 9 & 3)
    bitrate, rate, padding = head >> 4 & 15, head >> 2 & 3, head >> 1 & 1
    if head >> 13 != 7 or version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:
        return 0
    bits, hertz = 1000 * BITRATES[version == 3, layer][bitrate], RATES[version][rate]
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    return (72 if layer == 3 and version != 3 else 144) * bits // hertz + padding


def mp3_frame(data: bytes, at: int) -> int:
    """Return the size of the MP3 frame at a place."""
    return _mp3_size(data[at + 1] << 8 | data[at + 2]) if data[at] == 0xFF else 0


def aac_frame(data: bytes, at: int) -> int:
    """Return the size of the AAC (ADTS) frame at a place."""
    if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
        return 0
    return (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5


def skip_id3(source: Source, position: int = 0) -> int:
    """Return where the sound begins behind ID3v2 tags."""
    while source.size - position >= 10 and source.at(position, 3) == b"ID3":
        flags, *size = source.at(position + 5, 5)
        length = size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]
        position += 10 + length + (10 if flags & 0x10 else 0)
    return position


def begins(source: Source, position: int, frame: FrameSize) -> bool:
    """Return whether frames begin here: three in a row, or all there are."""
    found = 0
    while found < 3 and position + HEAD <= source.size:
        length = frame(source.at(position, HEAD), 0)
        if not length:
            return False
        found += 1
        position += length
    return found > 0


def check_mp3(source: Source, start: int) -> Verified:
    """Walk the frames: the last is whole, and there are as many as the first one counts."""
    source.name = "MP3 sound"
    start = _skip_zeros(source, start)
    counted, length = _counts(source, start)
    frames = _walk(source, start, mp3_frame)
    # Writers differ in whether the frame that counts is counted itself; the bytes decide.
    if frames < counted or (frames == counted and start + length > source.size):
        raise source.cut_short()
    return Verified(
        mime="audio/mpeg", extension="mp3", kind=MediaKind.AUDIO, structure_checked=counted > 0
    )


def check_aac(source: Source, start: int) -> Verified:
    """Walk the frames: the last is whole."""
    source.name = "AAC sound"
    _walk(source, start, aac_frame)
    return Verified(
        mime="audio/aac", extension="aac", kind=MediaKind.AUDIO, structure_checked=False
    )


def is_transport(source: Source) -> bool:
    """Return whether this is an MPEG transport stream by its first packets."""
    return source.size >= 188 and all(
        source.at(at, 1) == b"G" for at in range(0, min(source.size, 188 * 5), 188)
    )


def check_transport(source: Source) -> Verified:
    """See that the packets are whole and in step, at a thousand places."""
    source.name = "MPEG transport stream"
    packets, rest = divmod(source.size, 188)
    if rest:
        raise source.cut_short()
    for packet in range(0, packets, max(1, packets // 1000)):
        if source.at(packet * 188, 1) != b"G":
            raise source.damaged()
    return Verified(
        mime="video/mp2t", extension="ts", kind=MediaKind.VIDEO, structure_checked=False
    )


def _counts(source: Source, start: int) -> tuple[int, int]:
    """Return (frames, bytes) as the first frame counts them; 0 for what it does not tell."""
    head = source.chunk(start, 64)
    for mark in (b"Xing", b"Info"):
        at = head.find(mark)
        if at < 0 or at + 16 > len(head):
            continue
        flags = int.from_bytes(head[at + 4 : at + 8], "big")
        values = [int.from_bytes(head[at + 8 + n : at + 12 + n], "big") for n in (0, 4)]
        frames = values[0] if flags & 1 else 0
        length = values[flags & 1] if flags & 2 else 0
        return frames, length
    return 0, 0


def _walk(source: Source, position: int, frame: FrameSize) -> int:
    """Return how many whole frames there are up to the end of the file."""
    frames = gaps = 0
    while position < source.size:
        data = source.chunk(position, CHUNK)
        at, stop = 0, len(data) - HEAD
        length = 1
        while at <= stop:
            length = frame(data, at)
            if not length:
                break
            at += length
            frames += 1
        position += at
        if position > source.size:
            raise source.cut_short()
        if at and length and position + HEAD <= source.size:
            continue  # only the chunk ended
        position = _behind_gap(source, position, frame)
        gaps += 1
        if gaps > MAX_GAPS:
            raise source.damaged()
    if not frames:
        raise source.damaged()
    return frames


def _behind_gap(source: Source, position: int, frame: FrameSize) -> int:
    """Return where frames go on behind a tag, zeros or a seam; the file's size if they do not."""
    rest = source.size - position
    data = source.chunk(position, GAP + 2 * HEAD)
    if data.startswith(b"ID3"):
        return min(skip_id3(source, position), source.size) if rest >= 10 else source.size
    if data.startswith(b"TAG"):
        return min(position + 128, source.size)
    if data.startswith(b"APETAGEX") and len(data) >= 32:
        footer = 32 if data[23] & 0x80 else 0  # the flag of a tag that has a header too
        return min(position + footer + int.from_bytes(data[12:16], "little"), source.size)
    if data[:1] == b"\0":
        return _skip_zeros(source, position)
    if rest < HEAD and data[:1] == b"\xff":
        raise source.cut_short()
    for at in range(1, len(data) - HEAD):
        if data[at] == 0xFF and begins(source, position + at, frame):
            return position + at
    if rest > GAP:
        raise source.damaged()
    return source.size


def _skip_zeros(source: Source, position: int) -> int:
    while position < source.size:
        data = source.chunk(position, CHUNK)
        rest = data.lstrip(b"\0")
        position += len(data) - len(rest)
        if rest:
            break
    return position
