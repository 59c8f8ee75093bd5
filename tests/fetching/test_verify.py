"""Whole files are told from cut, damaged and foreign ones."""

import contextlib
import io
import random
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatherum.errors import Corrupt, LoginRequired
from gatherum.fetching.verify import Verified, verify
from gatherum.model import MediaKind
from tests.fetching.samples import FILMS, NAMES, PICTURES, SOUNDS, noise, sample

# These formats do not tell where they end: a cut between two of their frames cannot be seen.
ENDLESS = {"flash.flv", "stream.aac"}
# Bytes at the end that nothing is lost with: padding, a line end.
SPARE = {"lossless.webp": 1, "page.pdf": 1, "drawing.svg": 1}
LOG_IN = b"<html><body><form><input name=p type='password'></form></body></html>"


def check(data: bytes, expected: MediaKind = MediaKind.UNKNOWN, url: str | None = None) -> Verified:
    return verify(lambda size, at: data[at : at + size], len(data), expected=expected, url_hint=url)


def kind_of(name: str) -> MediaKind:
    if name in PICTURES or name.endswith("svg"):
        return MediaKind.IMAGE
    return (
        MediaKind.VIDEO
        if name in FILMS
        else MediaKind.AUDIO
        if name in SOUNDS
        else MediaKind.DOCUMENT
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_file_is_known_by_its_content(name: str) -> None:
    found = check(sample(name))

    extension = name.rpartition(".")[2]
    assert found.extension == {"mpo": "jpg"}.get(extension, extension)
    assert found.kind is kind_of(name)
    assert found.structure_checked == (name not in ENDLESS)
    if name in PICTURES:
        assert (found.width, found.height) == (48, 32)
    if name in FILMS and name not in {"flash.flv", "media.wmv", "theora.ogv"}:
        assert (found.width, found.height) == (64, 48)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ENDLESS])
def test_a_file_that_is_cut_anywhere_is_refused(name: str) -> None:
    data = sample(name)
    needed = len(data) - SPARE.get(name, 0)
    if name == "pieces.mp4":
        needed = data.rindex(b"mfra") - 4  # an index that a film can miss
    step = max(1, len(data) // 400)
    cuts = {*range(120), *range(0, needed, step), *range(max(0, needed - 300), needed)}

    for cut in sorted(cut for cut in cuts if 4 <= cut < needed or cut == 0):
        with pytest.raises(Corrupt):
            check(data[:cut], kind_of(name), f"https://example.org/{name}")


@pytest.mark.parametrize("name", sorted(ENDLESS))
def test_of_a_stream_without_an_end_every_cut_within_a_frame_is_refused(name: str) -> None:
    data = sample(name)

    accepted = 0
    for cut in range(len(data)):
        try:
            check(data[:cut], kind_of(name))
        except Corrupt:
            continue
        accepted += 1

    assert accepted < 40


@pytest.mark.parametrize(
    "name", ["plain.png", "moving.png", "moving.gif", "vorbis.ogg", "theora.ogv"]
)
def test_a_file_whose_middle_came_from_elsewhere_is_refused(name: str) -> None:
    data = sample(name)
    middle, length = len(data) // 2, min(1000, len(data) // 3)

    for seed in range(20):
        foreign = foreign_bytes(seed, length)
        with pytest.raises(Corrupt):
            check(data[:middle] + foreign + data[middle + length :])


def test_a_large_photo_with_foreign_bytes_in_its_middle_is_refused() -> None:
    data = photo(700)

    for start in (1000, 200_000, 262_100, len(data) - 5000):
        foreign = foreign_bytes(start, 4096)
        with pytest.raises(Corrupt):
            check(data[:start] + foreign + data[start + 4096 :])


def test_a_photo_that_lost_a_piece_between_two_restart_markers_is_refused() -> None:
    data = sample("restarts.jpg")
    lost, kept = data.index(b"\xff\xd1"), data.index(b"\xff\xd3")

    with pytest.raises(Corrupt, match="damaged"):
        check(data[:lost] + data[kept:])


def test_a_large_photo_is_whole_wherever_its_reads_are_cut() -> None:
    data = photo(1200)

    assert len(data) > 1 << 20
    assert check(data).width == 1200
    with pytest.raises(Corrupt):
        check(data[:-1])


@given(
    st.binary(max_size=300)
    | st.builds(
        lambda head, rest: head + rest,
        st.sampled_from(
            [
                b"\xff\xd8\xff",
                b"\x89PNG\r\n\x1a\n",
                b"GIF89a",
                b"RIFF\0\0\0\0WEBP",
                b"\0\0\0\x08ftyp",
                b"\x1a\x45\xdf\xa3",
                b"OggS\0",
                b"fLaC",
                b"ID3",
                b"\xff\xfb",
                b"PK\3\4",
                b"FORM\0\0\0\0AIFF",
                b"<svg",
                b"\0\0\1\0\1\0",
                b"BM\0\0\0\0\0\0\0\0",
            ]
        ),
        st.binary(max_size=300),
    ),
    st.sampled_from(MediaKind),
)
@settings(max_examples=300, deadline=None)
def test_random_bytes_never_crash(data: bytes, kind: MediaKind) -> None:
    refused_or_known(data, kind)


@given(st.sampled_from(NAMES), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_damaged_files_never_crash(name: str, chance: random.Random) -> None:
    data = bytearray(sample(name))
    for _ in range(chance.randint(1, 4)):
        at = chance.choice([chance.randrange(len(data)), chance.randrange(min(200, len(data)))])
        data[at : at + chance.choice([1, 1, 4])] = chance.choice(
            [b"\xff", b"\0", b"\x7f\xff\xff\xff"]
        )

    refused_or_known(bytes(data), MediaKind.UNKNOWN)


def refused_or_known(data: bytes, kind: MediaKind) -> None:
    with contextlib.suppress(Corrupt, LoginRequired):
        assert isinstance(check(data, kind), Verified)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><html><head><title>Oops</title>", "web page"),
        (b"\xef\xbb\xbf\n  <HTML>", "web page"),
        (b"<!-- a comment --><p>not here", "web page"),
        (b'{"error": "not found"}', "JSON"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "XML"),
        (b"Not found", "text"),
        (b"", "nothing"),
        (bytes(range(256)) * 8, "unknown"),
    ],
)
@pytest.mark.parametrize("kind", [MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO])
def test_an_answer_in_words_is_no_media(body: bytes, words: str, kind: MediaKind) -> None:
    with pytest.raises(Corrupt, match=words):
        check(body, kind)


def test_a_log_in_page_in_place_of_media_says_that_a_log_in_is_needed() -> None:
    with pytest.raises(LoginRequired):
        check(LOG_IN, MediaKind.VIDEO)
    with pytest.raises(LoginRequired):
        check(LOG_IN, MediaKind.UNKNOWN, "https://example.org/a.mp4?x=1")


@pytest.mark.parametrize(
    "url", ["https://example.org/a.jpg", "https://example.org/a", "https://example.org/a.zip"]
)
def test_a_web_page_where_the_link_promises_another_file_is_refused(url: str) -> None:
    with pytest.raises(Corrupt, match="web page"):
        check(b"<html><body>Sorry</body></html>", MediaKind.UNKNOWN, url)


@pytest.mark.parametrize(
    ("body", "url", "extension"),
    [
        (b"<html></html>", "https://example.org/a.html", "html"),
        (b"1\n00:00 --> 00:01\nHi\n", "https://example.org/a.srt", "srt"),
        (b"free as in speech", "https://example.org/a.txt", "txt"),
        (b"\x80\x01\x02\x03" * 9, "https://example.org/a.dat", "bin"),
    ],
)
def test_documents_are_taken_as_they_are_and_marked_as_unchecked(
    body: bytes, url: str, extension: str
) -> None:
    found = check(body, MediaKind.UNKNOWN, url)

    assert (found.extension, found.structure_checked) == (extension, False)
    assert check(body, MediaKind.DOCUMENT, url) == found


def test_bytes_behind_the_end_of_a_picture_are_let_be() -> None:
    for name in ("baseline.jpg", "plain.png", "still.gif", "lossy.webp"):
        assert check(sample(name) + b"trailing notes").kind is MediaKind.IMAGE


def test_padding_behind_a_film_is_let_be() -> None:
    assert check(sample("h264.mp4") + bytes(500)).extension == "mp4"


def test_a_film_whose_size_is_untold_ends_where_its_samples_end() -> None:
    data = sample("front.mp4")
    mdat = data.index(b"mdat") - 4
    untold = data[:mdat] + bytes(4) + data[mdat + 4 :]

    assert check(untold).extension == "mp4"
    with pytest.raises(Corrupt):
        check(untold[:-1])


def test_a_film_in_pieces_whose_last_piece_is_missing_is_refused() -> None:
    data = sample("pieces.mp4")

    with pytest.raises(Corrupt, match="cut short"):
        check(data[: data.rindex(b"moof") - 4])


def test_the_name_of_a_link_counts_where_the_platform_tells_no_kind() -> None:
    with pytest.raises(Corrupt, match="instead of an image"):
        check(bytes(range(256)), MediaKind.UNKNOWN, "https://example.org/a.JPG?size=large")


def test_a_recording_of_untold_length_is_taken_and_marked() -> None:
    webm, wav = sample("vp8.webm"), sample("pcm.wav")
    segment = webm.index(b"\x18\x53\x80\x67") + 4
    live = webm[:segment] + b"\x01" + b"\xff" * 7 + webm[segment + 8 :]
    data = wav.index(b"data") + 4
    stream = b"RIFF\xff\xff\xff\xff" + wav[8:data] + b"\xff" * 4 + wav[data + 4 :]

    assert not check(live).structure_checked
    assert not check(stream).structure_checked


def test_a_podcast_with_tags_and_a_seam_in_its_middle_is_whole() -> None:
    data = sample("constant.mp3")
    tag = b"ID3\x04\0\0\0\0\x00\x7f" + bytes(127)

    assert check(data + tag + data + bytes(100) + data + b"TAG" + bytes(125)).extension == "mp3"


def test_foreign_bytes_in_a_podcast_are_damage() -> None:
    data = sample("constant.mp3")

    with pytest.raises(Corrupt):
        check(data + foreign_bytes(1, 20_000) + data)


def test_a_900_megapixel_picture_is_only_bytes() -> None:
    head = b"IHDR" + (30_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    chunks = [head, b"IDAT" + zlib.compress(bytes(1000)), b"IEND"]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        (len(c) - 4).to_bytes(4, "big") + c + zlib.crc32(c).to_bytes(4, "big") for c in chunks
    )

    assert check(data).width == 30_000


def test_a_film_of_two_gigabytes_needs_few_reads() -> None:
    film = sample("h264.mp4")
    hole = 2 << 30
    head, size = film + b"\0\0\0\1free" + hole.to_bytes(8, "big"), len(film) + hole
    reads: list[int] = []

    def read(count: int, at: int) -> bytes:
        reads.append(count)
        return head[at : at + count].ljust(min(count, size - at), b"\0")

    assert verify(read, size, expected=MediaKind.VIDEO).duration == 1.0
    assert len(reads) < 20
    assert sum(reads) < 1 << 18


def test_a_photo_is_checked_in_a_fraction_of_a_millisecond() -> None:
    data = photo(420)
    times = []

    for _ in range(60):
        start = time.process_time_ns()
        check(data, MediaKind.IMAGE)
        times.append(time.process_time_ns() - start)

    assert 150_000 < len(data) < 300_000
    assert min(times) < 300_000


def photo(side: int) -> bytes:
    out = io.BytesIO()
    noise(side, side).save(out, "jpeg", quality=90)
    return out.getvalue()


def foreign_bytes(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)  # noqa: S311
