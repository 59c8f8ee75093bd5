"""Files over HTTP: the very bytes, to who may see them, and nothing that a browser would run."""

import asyncio
import io
import os
import random
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from urllib.parse import unquote

import aiohttp
import pytest
import sqlalchemy as sa
from limits import parse
from PIL import Image

from gatherum.accounts.model import Role
from gatherum.library.tables import FileRow, MediaRow
from gatherum.web import limits
from tests.suites.children import children, count_from_here
from tests.testsites.media import jpeg, mp4
from tests.web.conftest import HERE, Server
from tests.web.stored import Stored, store

DATA = random.Random(1).randbytes(300_000)  # noqa: S311
PICTURE = jpeg("a picture", 800, 600)
API = "/api/v1/files"


@pytest.fixture
async def viewer(server: Server) -> aiohttp.ClientSession:
    return await server.client_as(Role.VIEWER)


@pytest.fixture
async def stored(server: Server) -> Stored:
    return await store(server.app, DATA, mime="video/mp4", kind="video", name="clip.mp4")


@pytest.fixture
async def picture(server: Server) -> Stored:
    return await store(server.app, PICTURE)


async def ask(
    client: aiohttp.ClientSession, path: str, method: str = "GET", **headers: str
) -> tuple[int, Mapping[str, str], bytes]:
    """Return the status, the headers and the body of an answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.request(method, f"{API}/{path}", headers=named) as answer:
        return answer.status, answer.headers, await answer.read()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


async def settles(count: int) -> bool:
    """Return whether this many descriptors are open, as soon as it is so."""
    for _ in range(1500):
        if descriptors() <= count:
            return True
        await asyncio.sleep(0.02)
    return False


# -- the bytes


async def test_the_original_is_the_very_bytes(
    any_server: Server,
) -> None:
    stored = await store(any_server.app, DATA, mime="video/mp4", kind="video", name="clip.mp4")
    viewer = await any_server.client_as(Role.VIEWER)

    status, headers, body = await ask(viewer, f"{stored.id}/original")

    assert (status, body) == (200, DATA)
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Content-Length"] == "300000"
    assert headers["ETag"] == f'"{stored.sha256}"'
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Cache-Control"] == "private, no-cache"
    assert (
        headers["Content-Disposition"] == "inline; filename=\"clip.mp4\"; filename*=UTF-8''clip.mp4"
    )
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_a_range_is_the_slice_that_it_names(
    viewer: aiohttp.ClientSession, server: Server
) -> None:
    data = random.Random(2).randbytes(2_500_000)  # noqa: S311  # some blocks
    stored = await store(server.app, data, mime="video/mp4", kind="video", name="clip.mp4")
    dice = random.Random(3)  # noqa: S311
    spans = [(0, 0), (0, len(data) - 1), (len(data) - 1, len(data) - 1), (1_048_575, 1_048_576)]
    spans += [tuple(sorted(dice.randrange(len(data)) for _ in "ab")) for _ in range(60)]  # type: ignore[misc]

    for first, last in spans:
        status, headers, body = await ask(
            viewer, f"{stored.id}/original", Range=f"bytes={first}-{last}"
        )

        assert (status, body == data[first : last + 1]) == (206, True)
        assert headers["Content-Range"] == f"bytes {first}-{last}/{len(data)}"
        assert headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        *(("bytes=299990-", 299_990, 300_000), ("bytes=-7", 299_993, 300_000)),
        *(("bytes=-999999999", 0, 300_000), ("bytes=5-999999999", 5, 300_000)),
    ],
)
async def test_a_range_may_be_open_or_too_long(
    viewer: aiohttp.ClientSession, stored: Stored, wanted: str, start: int, end: int
) -> None:
    status, headers, body = await ask(viewer, f"{stored.id}/original", Range=wanted)

    assert (status, body) == (206, DATA[start:end])
    assert headers["Content-Range"] == f"bytes {start}-{end - 1}/300000"


@pytest.mark.parametrize(
    "wanted",
    ["bytes=0-1,5-9", "bytes=9-5", "bytes=a-b", "items=0-1", "bytes=-", "bytes=1", "bytes"],
)
async def test_what_is_no_single_range_gets_everything(
    viewer: aiohttp.ClientSession, stored: Stored, wanted: str
) -> None:
    status, _, body = await ask(viewer, f"{stored.id}/original", Range=wanted)

    assert (status, body) == (200, DATA)


@pytest.mark.parametrize("wanted", ["bytes=300000-", "bytes=300000-300001", "bytes=-0"])
async def test_a_range_behind_the_end_is_refused(
    viewer: aiohttp.ClientSession, stored: Stored, wanted: str
) -> None:
    status, headers, body = await ask(viewer, f"{stored.id}/original", Range=wanted)

    assert status == 416
    assert headers["Content-Range"] == "bytes */300000"
    assert headers["Content-Type"] == "application/problem+json"
    assert b"behind the end" in body


async def test_an_empty_file_is_sent_and_has_no_parts(
    viewer: aiohttp.ClientSession, server: Server
) -> None:
    empty = await store(server.app, b"")

    assert (await ask(viewer, f"{empty.id}/original"))[::2] == (200, b"")
    assert (await ask(viewer, f"{empty.id}/original", Range="bytes=0-"))[0] == 416


@pytest.mark.parametrize("what", ["original", "thumbnail?size=320", "original?download=1"])
async def test_head_says_what_get_says(
    viewer: aiohttp.ClientSession, picture: Stored, what: str
) -> None:
    _, got, body = await ask(viewer, f"{picture.id}/{what}")

    status, headers, nothing = await ask(viewer, f"{picture.id}/{what}", "HEAD", Range="bytes=0-5")

    passing = {"Date", "X-Request-ID"}
    assert (status, nothing) == (200, b"")
    assert {k: v for k, v in headers.items() if k not in passing} == {
        k: v for k, v in got.items() if k not in passing
    }
    assert headers["Content-Length"] == str(len(body))


# -- what is sent again, and what is not


async def test_a_revision_in_the_address_keeps_it_for_ever(
    viewer: aiohttp.ClientSession, picture: Stored
) -> None:
    for what in ("original?", "thumbnail?size=320&", "thumbnail?"):
        for given, wanted in (
            (picture.revision, "private, max-age=31536000, immutable"),
            (picture.sha256, "private, no-cache"),
            ("0" * 16, "private, no-cache"),
            ("", "private, no-cache"),
        ):
            _, headers, _ = await ask(viewer, f"{picture.id}/{what}v={given}")
            assert headers["Cache-Control"] == wanted


@pytest.mark.parametrize("what", ["original", "thumbnail?size=320", "thumbnail"])
async def test_who_has_it_is_not_sent_it_again(
    viewer: aiohttp.ClientSession, picture: Stored, what: str
) -> None:
    _, got, _ = await ask(viewer, f"{picture.id}/{what}")
    etag = got["ETag"]

    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        status, headers, body = await ask(viewer, f"{picture.id}/{what}", If_None_Match=known)
        assert (status, headers["ETag"], body) == (304, etag, b"")
        assert headers["Cache-Control"] == "private, no-cache"
    for other in ('"other"', etag.strip('"')):
        assert (await ask(viewer, f"{picture.id}/{what}", If_None_Match=other))[0] == 200


async def test_a_part_of_another_version_is_not_sent(
    viewer: aiohttp.ClientSession, stored: Stored
) -> None:
    etag, path = f'"{stored.sha256}"', f"{stored.id}/original"

    assert (await ask(viewer, path, Range="bytes=0-9", If_Range=etag))[::2] == (206, DATA[:10])
    for other in ('"other"', f"W/{etag}", "Wed, 21 Oct 2026 07:28:00 GMT"):
        assert (await ask(viewer, path, Range="bytes=0-9", If_Range=other))[::2] == (200, DATA)


# -- what a browser makes of it


@pytest.mark.parametrize(
    "mime",
    [
        *("text/html", "image/svg+xml", "application/xml", "text/xml", "application/xhtml+xml"),
        *("application/pdf", "text/plain", "application/javascript", "application/zip", "made/up"),
    ],
)
async def test_what_a_browser_would_run_is_only_saved(
    viewer: aiohttp.ClientSession, server: Server, mime: str
) -> None:
    page = await store(server.app, b"<script>alert(1)</script>", mime=mime, name="page.html")

    _, headers, _ = await ask(viewer, f"{page.id}/original")

    assert headers["Content-Disposition"].startswith("attachment; ")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


async def test_anything_is_saved_when_asked_to(
    viewer: aiohttp.ClientSession, picture: Stored
) -> None:
    _, headers, _ = await ask(viewer, f"{picture.id}/original?download=1")

    assert headers["Content-Disposition"].startswith("attachment; ")
    assert headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("name", "plain", "real"),
    [
        ('a"b\\c.jpg', "a_b_c.jpg", "a_b_c.jpg"),
        ("a\r\nX-Evil: 1\r\n\r\n<b>.jpg", "a X-Evil_ 1 _b_.jpg", "a X-Evil_ 1 _b_.jpg"),
        ("Grüße 🎉.jpg", "Gr__e _.jpg", "Grüße 🎉.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe", "photogpj.exe"),
        ("a;b=c%41'.jpg", "a_b_c_41_.jpg", "a;b=c%41'.jpg"),
    ],
)
async def test_a_name_says_nothing_but_a_name(
    viewer: aiohttp.ClientSession, server: Server, name: str, plain: str, real: str
) -> None:
    stored = await store(server.app, name.encode(), name=name)

    status, headers, body = await ask(viewer, f"{stored.id}/original")

    told = Message()
    told["Content-Disposition"] = headers["Content-Disposition"]
    assert (status, body) == (200, name.encode())
    assert headers["Content-Disposition"].startswith(f'inline; filename="{plain}"; filename*=')
    assert unquote(headers["Content-Disposition"].rpartition("UTF-8''")[2]) == real
    assert told.get_filename() in (plain, real)
    assert "X-Evil" not in headers


# -- who may see it


async def test_what_is_in_the_bin_is_shown_to_who_may_write(server: Server) -> None:
    stored = await store(server.app, PICTURE)
    viewer, editor = await server.client_as(Role.VIEWER), await server.client_as(Role.EDITOR)
    whats = (f"original?v={stored.revision}", f"thumbnail?size=320&v={stored.revision}")
    for client in (viewer, editor):
        for what in whats:
            assert (await ask(client, f"{stored.id}/{what}"))[0] == 200
    await server.app.recycle.trash([stored.id])
    async with viewer.post("/api/v1/nothing", json={}):  # a change, which lets go of the look-up
        pass

    for what in whats:
        assert (await ask(viewer, f"{stored.id}/{what}"))[0] == 404
        status, headers, _ = await ask(editor, f"{stored.id}/{what}")
        assert (status, headers["Cache-Control"]) == (200, "private, no-cache")
    assert (await ask(editor, f"{stored.id}/original"))[2] == PICTURE


async def test_who_has_signed_out_sees_nothing_more(server: Server) -> None:
    stored = await store(server.app, PICTURE)
    account = await server.account(Role.VIEWER)
    token = await server.app.people.sessions.begin(account.id, HERE, methods="password", full=True)
    client = await server.client(Cookie=f"{server.site.cookie}={token}")
    for _ in range(3):
        assert (await ask(client, f"{stored.id}/thumbnail?size=320"))[0] == 200

    await server.app.people.sessions.end(token)

    assert (await ask(client, f"{stored.id}/thumbnail?size=320"))[0] == 401


async def test_a_key_in_the_address_opens_nothing(server: Server, picture: Stored) -> None:
    account = await server.account(Role.VIEWER)
    token = await server.app.people.sessions.begin(account.id, HERE, methods="password", full=True)
    client = await server.client()

    for name in (server.site.cookie, "token", "key", "access_token"):
        assert (await ask(client, f"{picture.id}/thumbnail?size=320&{name}={token}"))[0] == 401


async def test_what_else_is_brought_along_counts_as_everywhere(
    server: Server, picture: Stored
) -> None:
    account, name = await server.account(Role.VIEWER), server.site.cookie
    token = await server.app.people.sessions.begin(account.id, HERE, methods="password", full=True)
    client, path = await server.client(), f"{picture.id}/thumbnail?size=320"

    for cookie in (f"{name}={token}", f"a=b; {name}={token}", f"{name}={token}; a=b"):
        assert (await ask(client, path, Cookie=cookie))[0] == 200
    for cookie in (f"x{name}={token}", f"{name}=", f"{name}={token}x", f"{name}x={token}", token):
        assert (await ask(client, path, Cookie=cookie))[0] == 401
    for other in ({"X_Api_Key": "gth_x"}, {"Authorization": "Bearer gth_x"}):
        assert (await ask(client, path, Cookie=f"{name}={token}", **other))[0] == 401


async def test_thumbnails_are_counted_the_short_way_as_well(
    server: Server, picture: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_item", lambda _rate, _ease: parse("5/minute"))
    viewer = await server.client_as(Role.VIEWER)

    answers = [(await ask(viewer, f"{picture.id}/thumbnail?size=320"))[0] for _ in range(7)]

    assert answers == [200] * 5 + [429] * 2


# -- files that are not as they should be


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_is_missing_or_cut_short_is_no_answer(
    viewer: aiohttp.ClientSession, server: Server, stored: Stored, method: str
) -> None:
    path = server.app.settings.library_root / stored.path
    path.write_bytes(DATA[:-1])
    assert (await ask(viewer, f"{stored.id}/original", method))[0] == 404

    path.unlink()
    status, headers, _ = await ask(viewer, f"{stored.id}/original", method)

    assert (status, headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("damage", ["missing", "damaged"])
async def test_what_the_last_check_found_damaged_is_not_sent(
    viewer: aiohttp.ClientSession, server: Server, damage: str
) -> None:
    stored = await store(server.app, PICTURE, file={"damage": damage})

    for what in ("original", "thumbnail?size=320"):
        status, _, body = await ask(viewer, f"{stored.id}/{what}")
        assert (status, damage.encode() in body) == (404, True)


@pytest.mark.parametrize("what", ["original", "thumbnail?size=320"])
async def test_no_link_is_followed_out_of_the_library(
    viewer: aiohttp.ClientSession, server: Server, tmp_path: Path, what: str
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "picture.jpg").write_bytes(PICTURE)
    root = server.app.settings.library_root
    file, folder = await store(server.app, PICTURE), await store(server.app, PICTURE + b"x")
    (root / file.path).unlink()
    (root / file.path).symlink_to(secret / "picture.jpg")
    (root / folder.path).unlink()
    (root / folder.path).parent.rmdir()
    (root / folder.path).parent.symlink_to(secret)

    for stored in (file, folder):
        assert (await ask(viewer, f"{stored.id}/{what}"))[0] == 404


@pytest.mark.parametrize("media", ["wanted", "fetching", "failed"])
async def test_a_media_without_its_file_has_no_bytes(
    viewer: aiohttp.ClientSession, server: Server, media: str
) -> None:
    stored = await store(server.app, PICTURE, media={"state": media, "owner": "somebody"})

    assert (await ask(viewer, f"{stored.id}/original"))[0] == 404
    assert (await ask(viewer, "99999999/original"))[0] == 404
    assert (await ask(viewer, "0/original"))[0] == 422


async def test_an_answer_that_cannot_be_finished_does_not_look_whole(
    viewer: aiohttp.ClientSession, server: Server
) -> None:
    stored = await store(server.app, b"", mime="video/mp4", kind="video")
    path, size = server.app.settings.library_root / stored.path, 64 << 20
    os.truncate(path, size)
    await server.app.database.write(lambda tx: tx.execute(sa.update(FileRow).values(size=size)))

    async with viewer.get(f"{API}/{stored.id}/original") as answer:
        await answer.content.readexactly(1000)
        os.truncate(path, 1 << 20)
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_no_descriptor_is_left_by_any_way_out(
    viewer: aiohttp.ClientSession, server: Server, stored: Stored
) -> None:
    large = await store(server.app, b"", mime="video/mp4", kind="video", name="large.mp4")
    os.truncate(server.app.settings.library_root / large.path, 64 << 20)
    await server.app.database.write(
        lambda tx: tx.execute(
            sa.update(FileRow).where(FileRow.id == large.file).values(size=64 << 20)
        )
    )
    cookie = viewer.headers["Cookie"]
    request = (
        f"GET {API}/{large.id}/original HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
        f"Cookie: {cookie}\r\n\r\n"
    ).encode()

    async def ask_too_far() -> None:
        assert (await ask(viewer, f"{stored.id}/original", Range="bytes=300000-"))[0] == 416

    async def hang_up() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request)
        assert (await reader.readexactly(12)) == b"HTTP/1.1 200"
        writer.transport.abort()

    await asyncio.gather(*(ask_too_far() for _ in range(20)))  # their connections stay
    before = descriptors()
    for _ in range(10):
        await asyncio.gather(*(each() for each in (ask_too_far, hang_up) for _ in range(20)))
    for _ in range(20):
        await ask(viewer, f"{stored.id}/original", "HEAD")
        await ask(viewer, f"{stored.id}/original", If_None_Match="*")
        await ask(viewer, f"{large.id}/original", Range="bytes=9-10")

    assert await settles(before)


# -- thumbnails


async def test_a_thumbnail_is_a_small_picture(any_server: Server) -> None:
    stored = await store(any_server.app, PICTURE)
    viewer = await any_server.client_as(Role.VIEWER)

    status, headers, body = await ask(viewer, f"{stored.id}/thumbnail?size=640")

    assert (status, headers["Content-Type"]) == (200, "image/webp")
    assert headers["ETag"] == f'"{stored.sha256[:32]}-640-1"'
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert Image.open(io.BytesIO(body)).size == (640, 480)


async def test_the_short_way_says_what_the_long_way_says(
    viewer: aiohttp.ClientSession, picture: Stored
) -> None:
    short = f"thumbnail?size=320&v={picture.revision}"
    long = f"thumbnail?v={picture.revision}&size=320"

    one, other = (
        await ask(viewer, f"{picture.id}/{short}"),
        await ask(viewer, f"{picture.id}/{long}"),
    )

    passing = {"Date", "X-Request-ID"}
    assert (one[0], one[2]) == (other[0], other[2])
    assert sorted(each for each in one[1].items() if each[0] not in passing) == sorted(
        each for each in other[1].items() if each[0] not in passing
    )


async def test_a_video_has_one_too(viewer: aiohttp.ClientSession, server: Server) -> None:
    clip = await store(server.app, mp4("a clip", 5.0), mime="video/mp4", kind="video")

    _, _, body = await ask(viewer, f"{clip.id}/thumbnail")

    assert Image.open(io.BytesIO(body)).size == (180, 320)


@pytest.mark.parametrize("size", ["0", "321", "4096", "-1", "x", ""])
async def test_thumbnails_have_no_other_sizes(
    viewer: aiohttp.ClientSession, picture: Stored, size: str
) -> None:
    assert (await ask(viewer, f"{picture.id}/thumbnail?size={size}"))[0] == 422


async def test_what_is_no_picture_has_none(viewer: aiohttp.ClientSession, server: Server) -> None:
    sound = await store(server.app, b"RIFF", mime="audio/wav", kind="audio")
    broken = await store(server.app, b"no picture at all")

    for stored in (sound, broken, broken):
        status, _, body = await ask(viewer, f"{stored.id}/thumbnail?size=320")
        assert (status, b"cannot be shown" in body) == (404, True)


async def test_what_a_picture_looks_like_is_kept(any_server: Server) -> None:
    known = {"width": 8, "height": 6}
    stored = await store(any_server.app, PICTURE)
    other = await store(any_server.app, jpeg("other"), media=known)
    viewer = await any_server.client_as(Role.VIEWER)

    for each in (stored, other):
        await ask(viewer, f"{each.id}/thumbnail?size=320")

    query = (
        sa.select(MediaRow.id, MediaRow.width, MediaRow.height, FileRow.thumbhash)
        .join(FileRow, FileRow.id == MediaRow.file_id)
        .order_by(MediaRow.id)
    )
    rows = await any_server.app.database.read(lambda tx: tx.execute(query).all())
    assert [(row.width, row.height) for row in rows] == [(800, 600), (8, 6)]
    assert all(20 <= len(row.thumbhash) <= 25 for row in rows)


async def test_what_is_purged_leaves_no_thumbnail(server: Server) -> None:
    gone, kept = await store(server.app, PICTURE), await store(server.app, jpeg("another"))
    editor = await server.client_as(Role.EDITOR)
    for stored in (gone, kept):
        await ask(editor, f"{stored.id}/thumbnail?size=320")
    await server.app.recycle.trash([gone.id])

    await server.app.recycle.purge([gone.id])

    cache = server.app.settings.data_dir / "cache"
    assert [path.name[:64] for path in cache.rglob("*.webp")] == [kept.sha256]


@contextmanager
def frozen(processes: set[int]) -> Iterator[None]:
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)


async def test_a_client_that_goes_does_not_keep_others_waiting(
    server: Server, viewer: aiohttp.ClientSession
) -> None:
    """Whoever scrolls past hundreds of pictures leaves no queue behind."""
    large = jpeg("a large picture", 4000, 3000)
    # A comment makes each a file of its own.
    bodies = [large[:2] + b"\xff\xfe\x00\x04" + b"%02d" % n + large[2:] for n in range(40)]
    stored = [await store(server.app, body) for body in bodies]
    cookie = viewer.headers["Cookie"]
    count_from_here()
    firsts = [await store(server.app, jpeg(name)) for name in ("one", "two")]
    await asyncio.gather(*(ask(viewer, f"{each.id}/thumbnail?size=320") for each in firsts))
    painters = children()
    assert len(painters) == 2
    with frozen(painters):  # until all have gone
        for each in stored:
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(
                f"GET {API}/{each.id}/thumbnail?size=1280 HTTP/1.1\r\n"
                f"Host: localhost:{server.port}\r\nCookie: {cookie}\r\n\r\n".encode()
            )
            await writer.drain()
            await asyncio.sleep(0.005)
            writer.transport.abort()
        last = await store(server.app, jpeg("the last"))

    assert (await ask(viewer, f"{last.id}/thumbnail?size=320"))[0] == 200

    made = list((server.app.settings.data_dir / "cache").rglob("*-1280-*"))
    assert len(made) <= len(painters)
