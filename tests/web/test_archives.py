"""A selection as one ZIP: what it holds is told first, it is made while it is sent, and it is its maker's."""

import io
import json
import random
import zipfile
from typing import Any

import aiohttp
import pytest

from gatherum.accounts.model import Role
from gatherum.curating import packing
from gatherum.web.routes import archives
from tests.web.conftest import Server
from tests.web.stored import Stored, store
from tests.web.test_files import descriptors, settles
from tests.web.test_jobs import call

DATA = random.Random(2).randbytes(3_000_000)  # noqa: S311 -- more than two blocks


async def fetch(client: aiohttp.ClientSession, told: dict[str, Any]) -> zipfile.ZipFile:
    """Fetch an archive that was told of."""
    async with client.get(told["address"]) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"].startswith("attachment;")
        return zipfile.ZipFile(io.BytesIO(await answer.read()))


def manifest(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read("manifest.jsonl").splitlines()]


async def make(client: aiohttp.ClientSession, **which: object) -> dict[str, Any]:
    status, told = await call(client, "POST", "/archives", which)
    assert status == 201, told
    return told


async def test_a_selection_comes_as_a_zip_with_its_bytes_and_a_manifest(
    any_server: Server,
) -> None:
    app = any_server.app
    clip = await store(app, DATA, name="clip.mp4", media={"posted_at": 1.7e9})
    one = await store(app, b"one", name="picture.jpg", post={"caption": "Früh"})
    two = await store(app, b"two", name="Picture.JPG")
    empty = await store(app, b"", name="manifest.jsonl")
    await store(app, b"other", name="other.jpg")
    client = await any_server.client_as(Role.VIEWER)

    told = await make(client, ids=[two.id, clip.id, one.id, empty.id, clip.id])

    assert (told["media"], told["files"], told["left_out"]) == (4, 4, 0)
    assert told["bytes"] == len(DATA) + 6
    archive = await fetch(client, told)
    assert archive.testzip() is None
    assert {each.filename: archive.read(each) for each in archive.infolist()[:4]} == {
        "clip.mp4": DATA,
        "picture.jpg": b"one",
        "Picture_2.JPG": b"two",
        "manifest_2.jsonl": b"",
    }
    assert {each.compress_type for each in archive.infolist()} == {zipfile.ZIP_STORED}
    assert archive.getinfo("clip.mp4").date_time == (2023, 11, 14, 22, 13, 20)
    lines = manifest(archive)
    assert [(each["id"], each["name"], each["flaw"]) for each in lines] == [
        (str(clip.id), "clip.mp4", None),
        (str(one.id), "picture.jpg", None),
        (str(two.id), "Picture_2.JPG", None),
        (str(empty.id), "manifest_2.jsonl", None),
    ]
    assert (lines[1]["caption"], lines[1]["sha256"]) == ("Früh", one.sha256)


async def test_a_search_is_packed_and_what_has_the_same_bytes_is_packed_once(
    any_server: Server,
) -> None:
    app = any_server.app
    ada: dict[str, object] = {"author_key": "ada"}
    first = await store(app, b"same", media=ada)
    again = await store(app, b"else", name="else.jpg", media={**ada, "file_id": first.file})
    await store(app, b"bruno's", media={"author_key": "bruno"})
    client = await any_server.client_as(Role.VIEWER)

    told = await make(client, query="author:ada")

    assert (told["media"], told["files"], told["bytes"]) == (2, 1, 4)
    archive = await fetch(client, told)
    assert archive.namelist() == ["picture.jpg", "manifest.jsonl"]
    assert [(each["id"], each["name"]) for each in manifest(archive)] == [
        (str(first.id), "picture.jpg"),
        (str(again.id), "picture.jpg"),
    ]


async def test_what_cannot_be_sent_is_told_and_holds_nothing_up(server: Server) -> None:
    app = server.app
    good = await store(app, b"good", name="good.jpg")
    damaged = await store(app, b"bad", file={"damage": "damaged"})
    trashed = await store(app, b"bin", media={"state": "trashed"})
    gone = await store(app, b"gone", name="gone.jpg")
    other = await store(app, b"other", name="other.jpg")
    client = await server.client_as(Role.VIEWER)
    ids = [each.id for each in (good, damaged, trashed, gone, other)]

    told = await make(client, ids=ids)
    (app.settings.library_root / gone.path).unlink()
    (app.settings.library_root / other.path).write_bytes(b"longer than it was")
    archive = await fetch(client, told)

    assert (told["media"], told["left_out"]) == (3, 2)
    assert archive.namelist() == ["good.jpg", "manifest.jsonl"]
    assert [(each["id"], each["name"], each["flaw"]) for each in manifest(archive)] == [
        (str(good.id), "good.jpg", None),
        (str(gone.id), None, "missing"),
        (str(other.id), None, "missing"),
    ]
    status, refused = await call(client, "POST", "/archives", {"ids": [trashed.id]})
    assert (status, refused["detail"]) == (404, "None of these media has a file that can be sent.")


async def test_a_file_that_cannot_be_read_to_its_end_is_told(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = await store(server.app, DATA, name="clip.mp4")
    read_at = server.app.fs.read_at

    def read(fd: int, size: int, offset: int) -> bytes:
        if offset > 0:
            raise OSError(5, "the disk is dying")
        return read_at(fd, size, offset)

    client = await server.client_as(Role.VIEWER)
    told = await make(client, ids=[clip.id])
    monkeypatch.setattr(type(server.app.fs), "read_at", lambda _, *args: read(*args))
    archive = await fetch(client, told)

    assert archive.read("clip.mp4") == DATA[: packing.BLOCK]
    assert [each["flaw"] for each in manifest(archive)] == ["damaged"]


async def test_archives_of_others_and_unknown_ones_are_not_there(server: Server) -> None:
    media = await store(server.app, b"a")
    maker = await server.client_as(Role.VIEWER)
    other = await server.client_as(Role.ADMIN)
    stranger = await server.client()
    told = await make(maker, ids=[media.id])

    assert (await call(other, "GET", f"/archives/{told['id']}"))[0] == 404
    assert (await call(stranger, "GET", f"/archives/{told['id']}"))[0] == 401
    status, gone = await call(maker, "GET", f"/archives/{'0' * 32}")
    assert (status, gone["detail"]) == (404, "This archive has expired: make it again.")


async def test_too_many_are_refused_with_how_many_there_are(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST", 2)
    ids = [(await store(server.app, bytes([n]))).id for n in range(3)]
    client = await server.client_as(Role.VIEWER)

    for which in ({"ids": ids}, {"query": "kind:image"}):
        status, told = await call(client, "POST", "/archives", which)
        assert status == 422
        assert told["detail"] == "A ZIP holds at most 2 media, and these are 3: select fewer."
    for wrong in ({}, {"ids": [], "query": ""}, {"query": "size:big"}):
        assert (await call(client, "POST", "/archives", wrong))[0] == 422


async def test_who_goes_away_in_the_middle_leaves_nothing_open(server: Server) -> None:
    many = [
        await store(server.app, DATA, name=f"{n}.mp4", file={"sha256": f"{n:064}"})
        for n in range(8)
    ]
    client = await server.client_as(Role.VIEWER)
    told = await make(client, ids=[one.id for one in many])
    before = descriptors()

    for _ in range(8):  # more than there are connections that may be closed meanwhile
        async with client.get(told["address"]) as answer:
            await answer.content.readexactly(1000)
            answer.close()

    assert await settles(before)


async def test_a_large_file_has_the_form_for_large_files(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1_000_000)
    clip: Stored = await store(server.app, DATA, name="clip.mp4")
    small = await store(server.app, b"small", name="small.jpg")
    client = await server.client_as(Role.VIEWER)

    archive = await fetch(client, await make(client, ids=[clip.id, small.id]))

    assert archive.read("clip.mp4") == DATA
    assert archive.read("small.jpg") == b"small"
