"""Scrub sheets, previews and facts over HTTP; the job that looks into files, and its start by hand."""

import io
import json
from collections.abc import Mapping

import aiohttp
import av
import pytest
from PIL import Image

from gatherum.accounts.model import Role
from gatherum.jobs.queue import Lane
from tests.testsites.media import jpeg, mp4
from tests.web.conftest import Server
from tests.web.stored import Stored, store

API = "/api/v1/files"
CLIP = mp4("a clip", 5.0)
NAMES = ["scrub", "scrub-map", "preview"]
TYPES = {"scrub": "image/webp", "scrub-map": "application/json", "preview": "video/mp4"}


@pytest.fixture
async def viewer(server: Server) -> aiohttp.ClientSession:
    return await server.client_as(Role.VIEWER)


@pytest.fixture
async def clip(server: Server) -> Stored:
    return await store(server.app, CLIP, mime="video/mp4", kind="video", name="clip.mp4")


async def ask(
    client: aiohttp.ClientSession, path: str, **headers: str
) -> tuple[int, Mapping[str, str], bytes]:
    """Return the status, the headers and the body of an answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.get(f"{API}/{path}", headers=named) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_a_scrub_sheet_fits_its_map(viewer: aiohttp.ClientSession, clip: Stored) -> None:
    _, _, sheet = await ask(viewer, f"{clip.id}/scrub")
    _, _, told = await ask(viewer, f"{clip.id}/scrub-map")

    where = json.loads(told)
    assert where["count"] * where["interval"] == pytest.approx(5, abs=0.2)
    assert (where["width"], where["height"], where["columns"]) == (90, 160, 10)
    rows = -(-where["count"] // 10)
    assert Image.open(io.BytesIO(sheet)).size == (900, 160 * rows)


async def test_a_preview_is_a_small_silent_film(
    viewer: aiohttp.ClientSession, clip: Stored
) -> None:
    _, _, data = await ask(viewer, f"{clip.id}/preview")

    with av.open(io.BytesIO(data), "r") as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert len(data) < 100_000


@pytest.mark.parametrize("name", NAMES)
async def test_they_are_kept_as_thumbnails_are(
    viewer: aiohttp.ClientSession, clip: Stored, name: str
) -> None:
    status, headers, body = await ask(viewer, f"{clip.id}/{name}")
    kept, kept_headers, again = await ask(viewer, f"{clip.id}/{name}?v={clip.revision}")
    known, known_headers, nothing = await ask(
        viewer, f"{clip.id}/{name}", If_None_Match=headers["ETag"]
    )

    assert (status, kept, known) == (200, 200, 304)
    assert (body, nothing) == (again, b"")
    assert headers["Content-Type"] == TYPES[name]
    assert headers["ETag"] == f'"{clip.sha256[:32]}-{name}-1"' == known_headers["ETag"]
    assert headers["Cache-Control"] == "private, no-cache"
    assert kept_headers["Cache-Control"] == "private, max-age=31536000, immutable"
    for guard in ("Content-Security-Policy", "X-Content-Type-Options", "Content-Disposition"):
        assert headers[guard]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_a_part_of_a_preview_may_be_asked_for(
    viewer: aiohttp.ClientSession, clip: Stored
) -> None:
    _, headers, whole = await ask(viewer, f"{clip.id}/preview")

    part = await ask(viewer, f"{clip.id}/preview", Range="bytes=5-9")
    end = await ask(viewer, f"{clip.id}/preview", Range="bytes=-7")
    stale = await ask(viewer, f"{clip.id}/preview", Range="bytes=5-9", If_Range='"another"')
    behind = await ask(viewer, f"{clip.id}/preview", Range=f"bytes={len(whole)}-")

    assert headers["Accept-Ranges"] == "bytes"
    assert (part[0], part[2]) == (206, whole[5:10])
    assert part[1]["Content-Range"] == f"bytes 5-9/{len(whole)}"
    assert (end[0], end[2]) == (206, whole[-7:])
    assert (stale[0], stale[2]) == (200, whole)
    assert (behind[0], behind[1]["Content-Range"]) == (416, f"bytes */{len(whole)}")


@pytest.mark.parametrize("name", NAMES)
async def test_what_has_none_says_why(
    server: Server, viewer: aiohttp.ClientSession, name: str
) -> None:
    picture = await store(server.app, jpeg("a"))
    broken = await store(server.app, b"no video", mime="video/mp4", kind="video", name="x.mp4")

    for stored, reason in ((picture, "no video"), (broken, "not known here")):
        status, headers, body = await ask(viewer, f"{stored.id}/{name}")
        assert (status, headers["Content-Type"]) == (404, "application/problem+json")
        assert reason in json.loads(body)["detail"]
    assert (await ask(viewer, f"987654321/{name}"))[0] == 404


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_in_the_bin_is_shown_to_editors_and_not_for_keeping(
    server: Server, viewer: aiohttp.ClientSession, clip: Stored, name: str
) -> None:
    editor = await server.client_as(Role.EDITOR)
    await server.app.recycle.trash([clip.id])

    status, headers, _ = await ask(editor, f"{clip.id}/{name}?v={clip.revision}")

    assert (status, headers["Cache-Control"]) == (200, "private, no-cache")
    assert (await ask(viewer, f"{clip.id}/{name}"))[0] == 404


async def test_what_is_purged_leaves_none(server: Server, clip: Stored) -> None:
    editor = await server.client_as(Role.EDITOR)
    for name in NAMES:
        await ask(editor, f"{clip.id}/{name}")
    cache = server.app.settings.data_dir / "cache"
    assert len(list(cache.rglob("*-1.*"))) == 2

    await server.app.recycle.trash([clip.id])
    await server.app.recycle.purge([clip.id])

    assert list(cache.rglob("*-1.*")) == []


# -- facts


async def test_a_media_tells_what_was_learned_of_its_file(any_server: Server) -> None:
    client = await any_server.client_as(Role.VIEWER)
    clip = await store(any_server.app, CLIP, mime="video/mp4", kind="video", name="clip.mp4")
    broken = await store(any_server.app, b"no picture at all")

    before = await _media(client, clip)
    for stored in (clip, broken):
        await ask(client, f"{stored.id}/thumbnail?size=320")
    after, wrong = await _media(client, clip), await _media(client, broken)

    assert (before["facts"], before["trouble"]) == (None, None)
    assert after["facts"] == {
        "width": 180,
        "height": 320,
        "duration": pytest.approx(5, abs=0.2),
        "frames": None,
        "frame_rate": 10.0,
        "container": "mp4",
        "video_codec": "h264",
        "audio_codec": "aac",
        "taken": None,
        "orientation": None,
        "camera": None,
    }
    assert (after["width"], after["height"], after["trouble"]) == (180, 320, None)
    assert after["preview"] == f"{API}/{clip.id}/preview?v={clip.revision}"
    assert (await ask(client, str(after["scrub_map"]).removeprefix(f"{API}/")))[0] == 200
    assert (wrong["trouble"], wrong["scrub"], wrong["preview"]) == ("unknown", None, None)


async def _media(client: aiohttp.ClientSession, stored: Stored) -> dict[str, object]:
    async with client.get(f"/api/v1/media/{stored.id}") as answer:
        told: dict[str, object] = await answer.json()
        return told


# -- the job


async def test_looking_into_files_is_started_once(server: Server) -> None:
    editor = await server.client_as(Role.EDITOR)
    for name in "abc":
        await store(server.app, jpeg(name))

    answers = []
    for _ in range(2):
        async with editor.post(f"{API}/processing") as answer:
            assert answer.status == 202
            answers.append(await answer.json())
    async with editor.get(f"{API}/processing") as answer:
        told = await answer.json()

    assert answers[0] == answers[1] == told
    assert (told["left"], told["job"]["kind"]) == (3, "MediaProcess")
    assert told["job"]["lane"] == Lane.HOUSEKEEPING


async def test_what_could_not_be_shown_is_tried_again_if_asked(server: Server) -> None:
    editor = await server.client_as(Role.EDITOR)
    broken = await store(server.app, b"no picture at all")
    await ask(editor, f"{broken.id}/thumbnail")

    left = []
    for body in ({}, {"again": False}, {"again": True}):
        async with editor.post(f"{API}/processing", json=body) as answer:
            left.append((await answer.json())["left"])

    assert left == [0, 0, 1]


async def test_who_may_not_change_the_library_does_not_start_it(
    viewer: aiohttp.ClientSession,
) -> None:
    async with viewer.post(f"{API}/processing") as answer:
        assert answer.status == 403
    async with viewer.get(f"{API}/processing") as answer:
        assert (answer.status, (await answer.json())["job"]) == (200, None)
