"""The faulty server fails as told, once, and serves true bytes after that."""

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import aiohttp
import pytest

from tests.testsites.faulty import LOGIN_PAGE, RESUMES, Fault, FaultySite, Offer
from tests.testsites.samples import clip, gzip_bomb, photo, pixel_bomb, png, sha256

PHOTO = photo("fault")
HALF = len(PHOTO) // 2
WHOLE = f"Content-Length: {len(PHOTO)}\r\n"
SIGNS: dict[Fault, tuple[tuple[str, ...], int | None]] = {  # in the head; length of the body
    Fault.CUT: ((WHOLE, " 200 "), HALF),
    Fault.RESET: ((WHOLE, "(reset)"), None),
    Fault.CUT_CHUNKED: (("Transfer-Encoding: chunked",), HALF + len(f"{HALF:x}\r\n\r\n")),
    Fault.NO_LENGTH: ((" 200 ", "Connection: close\r\n"), HALF),
    Fault.SHORT_LENGTH: ((f"Content-Length: {HALF}\r\n",), HALF),
    Fault.STALL: ((WHOLE, "(stalled)"), HALF),
    Fault.TOO_MANY: ((" 429 ", "Retry-After: 2\r\n"), None),
    Fault.DOWN: ((" 503 ",), None),
    Fault.EMPTY: ((" 200 ", "image/jpeg", "Content-Length: 0\r\n"), 0),
    Fault.LOGIN_PAGE: ((" 200 ", "text/html"), len(LOGIN_PAGE)),
}


@pytest.fixture
async def site() -> AsyncIterator[FaultySite]:
    async with FaultySite() as site:
        yield site


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def raw(site: FaultySite, path: str, *headers: str) -> tuple[str, bytes]:
    """Ask over a bare socket; return the head and whatever came until the end."""
    port = int(site.url("").rpartition(":")[2])
    reader, writer = await asyncio.open_connection(site.host, port)
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
    writer.write("\r\n".join(lines).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    body = b""
    try:
        async with asyncio.timeout(3):
            while piece := await reader.read(65536):
                body += piece
    except TimeoutError:
        head += "(stalled)"
    except ConnectionResetError:
        head += "(reset)"
    writer.close()
    return head, body


def test_there_are_thirteen_faults() -> None:
    assert len(Fault) == 13


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault not in RESUMES])
async def test_a_fault_strikes_once_and_then_all_is_well(
    site: FaultySite, web: aiohttp.ClientSession, fault: Fault
) -> None:
    url = site.put("/a.jpg", PHOTO, fault=fault)

    head, body = await raw(site, "/a.jpg")
    async with web.get(url) as answer:
        second = await answer.read()

    wanted, length = SIGNS[fault]
    assert all(sign in head for sign in wanted)
    assert length is None or len(body) == length
    assert second == PHOTO


@pytest.mark.parametrize("fault", RESUMES)
async def test_a_resume_goes_wrong_once_and_then_all_is_well(
    site: FaultySite, fault: Fault
) -> None:
    later = photo("later")
    now = later if fault is Fault.RESUME_CHANGED else PHOTO
    site.put("/a.jpg", PHOTO, fault=fault, after=later)

    first, begun = await raw(site, "/a.jpg")
    etag = first.partition("ETag: ")[2].partition("\r\n")[0]
    head, body = await raw(site, "/a.jpg", f"Range: bytes={HALF}-", f"If-Range: {etag}")
    careless, tail = await raw(site, "/a.jpg", "Range: bytes=100-")

    assert begun == PHOTO[:HALF]
    status, sent = {
        Fault.RESUME_WRONG: (" 206 ", PHOTO[: len(PHOTO) - HALF]),
        Fault.RESUME_IGNORED: (" 200 ", PHOTO),
        Fault.RESUME_CHANGED: (" 200 ", later),
    }[fault]
    assert status in head
    assert ("Content-Range: bytes 0-" in head) == (fault is Fault.RESUME_WRONG)
    assert (etag in head) == (fault is not Fault.RESUME_CHANGED)
    assert body == sent
    assert " 206 " in careless
    assert tail == now[100:]
    assert site.served("/a.jpg") == now
    assert site.bodies["/a.jpg"] == 3


async def test_a_lying_resume_claims_the_right_offset(site: FaultySite) -> None:
    site.offer("/a.jpg", Offer(body=PHOTO, fault=Fault.RESUME_WRONG, lie=True, cut_at=1000))
    await raw(site, "/a.jpg")

    head, body = await raw(site, "/a.jpg", "Range: bytes=1000-")

    assert f"Content-Range: bytes 1000-{len(PHOTO) - 1}/{len(PHOTO)}" in head
    assert body == PHOTO[:-1000]


async def test_a_weak_etag_never_allows_a_resume(site: FaultySite) -> None:
    site.offer("/a.jpg", Offer(body=PHOTO, etag='W/"1"'))

    head, body = await raw(site, "/a.jpg", "Range: bytes=10-", 'If-Range: W/"1"')

    assert " 200 " in head
    assert body == PHOTO


async def test_what_is_unchanged_or_past_the_end_has_no_body(site: FaultySite) -> None:
    site.offer("/a.jpg", Offer(body=PHOTO, etag='"1"'))

    same, _ = await raw(site, "/a.jpg", 'If-None-Match: "1"')
    past, _ = await raw(site, "/a.jpg", f"Range: bytes={len(PHOTO)}-")

    assert " 304 " in same
    assert " 416 " in past
    assert f"bytes */{len(PHOTO)}" in past
    assert site.bodies["/a.jpg"] == 0


async def test_requests_are_logged_with_their_headers_and_time(
    site: FaultySite, web: aiohttp.ClientSession
) -> None:
    site.latency = 0.05
    url = site.put("/a.jpg", PHOTO)
    begun = time.monotonic()

    await asyncio.gather(*(web.get(url, params={"n": n}, headers={"X-N": "1"}) for n in range(3)))
    await web.head(url)

    assert time.monotonic() - begun >= 0.1
    assert [r.method for r in site.asked("/a.jpg")] == ["GET", "GET", "GET", "HEAD"]
    assert site.asked("/a.jpg")[0].headers["x-n"] == "1"
    assert site.bodies["/a.jpg"] == 3
    assert site.busiest == 3
    assert all(a.at <= b.at for a, b in pairwise(site.log))


async def test_redirects_lead_anywhere(web: aiohttp.ClientSession) -> None:
    async with FaultySite() as here, FaultySite(host="127.0.0.2") as there:
        there.put("/b.jpg", PHOTO)
        away = here.redirect("/away", there.url("/b.jpg"))
        loop = here.redirect("/loop", here.url("/loop"))
        file = here.redirect("/file", "file:///etc/passwd", status=307)

        async with web.get(away) as answer:
            assert await answer.read() == PHOTO
        with pytest.raises(aiohttp.TooManyRedirects):
            await web.get(loop)
        async with web.get(file, allow_redirects=False) as answer:
            assert answer.headers["Location"] == "file:///etc/passwd"

    assert there.bodies["/b.jpg"] == 1
    assert here.bodies.total() == 0


async def test_gzip_drip_and_endless_bodies(site: FaultySite, web: aiohttp.ClientSession) -> None:
    page = site.gzipped("/page", b"<p>hello")
    slow = site.offer("/slow", Offer(body=b"abcde", piece=1, drip=0.02))
    endless = site.offer("/endless", Offer(body=b"x" * 1000, endless=True))
    begun = time.monotonic()

    async with web.get(page) as answer:
        assert await answer.text() == "<p>hello"
    async with web.get(slow) as answer:
        assert await answer.read() == b"abcde"
    assert time.monotonic() - begun >= 0.07
    async with web.get(endless) as answer:
        assert len(await answer.content.readexactly(1_000_000)) == 1_000_000


async def test_a_path_that_nobody_offers_is_404(
    site: FaultySite, web: aiohttp.ClientSession
) -> None:
    async with web.get(site.url("/none")) as answer:
        assert answer.status == 404


def test_samples_are_the_same_every_time_and_differ_by_key() -> None:
    makers = (photo, png, clip)

    for make in makers:
        first = make("a")
        make.cache_clear()
        assert sha256(make("a")) == sha256(first) != sha256(make("b"))
    assert len(clip("a", 500_000)) == 500_000


def test_bombs_are_small() -> None:
    assert len(pixel_bomb()) < 1_000_000
    assert len(gzip_bomb(100_000_000)) < 200_000
