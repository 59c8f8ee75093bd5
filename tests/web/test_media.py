"""Media and posts over HTTP: exact answers in a seeded library, on both engines."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
import sqlalchemy as sa

from gatherum.accounts.model import Role
from gatherum.library.listings import Way
from gatherum.library.tables import FileRow, MediaRow
from gatherum.model import KEEP, Media, MediaKind, Page, Post, Target
from tests.web.conftest import Server

TARGET = Target(platform="plaza", feed="user", key="ada", url="https://plaza.example/@ada")
KINDS = (MediaKind.IMAGE, MediaKind.VIDEO)
COUNT = 7


@pytest.fixture
async def server(any_server: Server) -> Server:
    """A library of seven posts with two media each; those of the last post are only wanted."""
    posts = tuple(_post(number) for number in range(COUNT))
    await any_server.app.catalogue.record(
        "job",
        TARGET,
        Page(posts=posts, cursor=None),
        [KEEP] * COUNT * 2,
        provider="plaza.native",
        way=Way.ASIDE,
    )
    await any_server.app.database.write(_store)
    return any_server


def _post(number: int) -> Post:
    return Post(
        platform="plaza",
        id=f"p{number}",
        url=f"https://plaza.example/p{number}",
        author="Ada" if number % 2 else "@Bob",
        caption=f"Sunset number {number} at the Café",
        posted_at=datetime(2024, 1, 1 + number, tzinfo=UTC),
        media=tuple(
            Media(
                id=f"p{number}-{kind}",
                url=f"https://plaza.example/p{number}.{kind}",
                kind=kind,
                width=1600,
                height=900,
                size=1000,
            )
            for kind in KINDS
        ),
    )


def _store(tx: sa.Connection) -> None:
    rows = tx.execute(sa.select(MediaRow.id, MediaRow.remote_id, MediaRow.kind)).all()
    for row in rows:
        if row.remote_id.startswith(f"p{COUNT - 1}"):
            continue
        number = tx.execute(
            sa.insert(FileRow)
            .values(
                state="stored",
                sha256=f"{row.id:064x}",
                size=1000 + row.id,
                mime=f"{row.kind}/x",
                kind=row.kind,
                part="",
                path=f"library/plaza/{row.remote_id}.bin",
                stored_at=1.0,
            )
            .returning(FileRow.id)
        ).scalar_one()
        values = {"state": "stored", "file_id": number, "stored_at": 1_700_000_000.0 + row.id}
        values |= {"size": 1000 + row.id, "mime": f"{row.kind}/x"}
        tx.execute(sa.update(MediaRow).where(MediaRow.id == row.id).values(**values))


async def read(client: aiohttp.ClientSession, path: str, status: int = 200) -> Any:
    async with client.get(f"/api/v1{path}") as answer:
        assert answer.status == status, await answer.text()
        return json.loads(await answer.read())


async def test_a_list_of_media_goes_page_by_page_to_its_end(server: Server) -> None:
    client = await server.client_as(Role.EDITOR)
    seen: list[str] = []
    cursor = ""

    for _ in range(3):
        told = await read(client, f"/media?limit=5{cursor}")
        seen += [item["media"] for item in told["items"]]
        cursor = f"&cursor={told['next']}"

    assert told["next"] is None
    assert sorted(seen) == sorted(f"p{n}-{kind}" for n in range(COUNT - 1) for kind in KINDS)
    assert [name[:2] for name in seen] == [f"p{n // 2}" for n in reversed(range(12))]
    (item,) = [one for one in told["items"] if one["media"] == "p0-image"]
    number, post = item["id"], item["post_id"]
    assert item == {
        "id": number,
        "platform": "plaza",
        "host": "",
        "post_id": post,
        "post": "p0",
        "media": "p0-image",
        "position": 1,
        "url": "https://plaza.example/p0.image",
        "state": "stored",
        "reason": None,
        "detail": None,
        "path": "library/plaza/p0-image.bin",
        "sha256": f"{int(number):064x}",
        "size": 1000 + int(number),
        "posted_at": "2024-01-01T00:00:00Z",
        "caption": "Sunset number 0 at the Café",
        "author": "@Bob",
        "kind": "image",
        "mime": "image/x",
        "width": 1600,
        "height": 900,
        "duration": None,
        "favourite": False,
        "tags": [],
        "description": None,
        "shown_at": "2024-01-01T00:00:00Z",
        "added_at": f"2023-11-14T22:13:{20 + int(number)}Z",
        "version": 1,
        "revision": "0" * 16,
        "original": f"/api/v1/files/{number}/original",
        "thumbnail": f"/api/v1/files/{number}/thumbnail?v={'0' * 16}",
        "thumbhash": None,
    }


async def test_a_viewer_sees_no_paths(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)

    page = await read(client, "/media?limit=100")
    whole = await read(client, f"/media/{page['items'][0]['id']}")
    post = await read(client, f"/posts/{page['items'][0]['post_id']}")

    shown = [*page["items"], whole, *whole["whole_post"]["items"], *post["items"]]
    assert len(shown) == 12 + 1 + 2 + 2
    assert {item["path"] for item in shown} == {None}
    assert "library/plaza" not in json.dumps([page, whole, post])


COUNTS = [
    ("sunset", 12),
    ("cafe kind:video ", 6),
    ("author:bob", 6),
    ("state:open", 2),
    ("state:open,stored kind:image", 7),
    ('"number 3"', 2),
    ("type:video/x", 6),
    ("file:p1-", 2),
    ("date:2024-01-02..2024-01-03", 4),
    ("tag:none", 0),
    ("ratio:16:9 -kind:image", 6),
]


async def test_searches_and_counts_agree(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)

    for query, count in COUNTS:
        page = await read(client, f"/media?q={quote(query)}")
        told = await read(client, f"/media/count?q={quote(query)}")

        assert len(page["items"]) == count, query
        sizes = sum(item["size"] for item in page["items"] if item["state"] == "stored")
        assert told == {"count": count, "bytes": sizes, "exact": True, "hints": []}, query


MISTAKES = [
    ("/media?q=kind:imag", "Did you mean image"),
    ("/media?q=%22", "quotation mark is not closed"),
    ("/media?q=%00", "characters"),
    ("/media?cursor=x", "This cursor"),
    ("/media?order=random", "order"),
    ("/media?limit=0", "limit"),
    ("/media?limit=501", "limit"),
    ("/media/count?q=size%3Ebig", "no size"),
    ("/media/facets?q=date:x", "no date"),
    ("/media/calendar?from=2024-01-02&to=2024-01-01", "the first one first"),
    ("/media/calendar?from=1000-01-01&to=2024-01-01", "1 to 3701 days"),
    ("/timeline/buckets?q=state:nowhere", "no state"),
    ("/timeline/assets?newest=1&oldest=2", "before the oldest"),
    ("/timeline/assets?cursor=eA", "cursor"),
    ("/timeline/assets?cursor=eA&skip=1", "not by both"),
    ("/posts?cursor=eA", "cursor"),
    ("/media/0", "media_id"),
    ("/media/x", "media_id"),
]


async def test_a_mistake_is_told(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)

    for path, detail in MISTAKES:
        assert detail in (await read(client, path, 422))["detail"], path


async def test_a_media_shows_its_post_and_where_else_its_bytes_came_from(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)
    await server.app.database.write(_share)

    page = await read(client, f"/media?q={quote('file:p1-image')}")
    whole = await read(client, "/media/" + page["items"][-1]["id"])

    assert {one["media"] for one in whole["provenances"]} == {"p1-image", "p2-image"}
    assert len(whole["provenances"]) == 2
    assert whole["whole_post"]["media"] == ["p1-image", "p1-video"]
    assert whole["whole_post"]["media_ids"] == [one["id"] for one in whole["whole_post"]["items"]]
    async with client.get(f"/api/v1/media/{whole['id']}") as answer:
        assert answer.headers["ETag"] == '"1"'
    await read(client, "/media/99999", 404)


async def test_a_post_keeps_its_order_and_how_it_read_before(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)
    edited = replace(_post(2), caption="Sunrise")
    page = Page(posts=(edited,), cursor=None)
    await server.app.catalogue.record(
        "job", TARGET, page, [KEEP] * 2, provider="plaza.native", way=Way.ASIDE
    )

    listed = await read(client, "/posts?limit=5")
    rest = await read(client, f"/posts?limit=5&cursor={listed['next']}")
    elsewhere = await read(client, "/posts?platform=reddit")
    (item,) = [post for post in listed["items"] + rest["items"] if post["post"] == "p2"]
    post = await read(client, f"/posts/{item['id']}")

    assert len(listed["items"]) + len(rest["items"]) == COUNT
    assert (rest["next"], elsewhere) == (None, {"items": [], "next": None})
    assert (item["caption"], item["versions"], item["gone_since"]) == ("Sunrise", 2, None)
    assert item["media"] == ["p2-image", "p2-video"]
    covers = {one["post"]: one["covers"] for one in listed["items"] + rest["items"]}
    assert covers.pop(f"p{COUNT - 1}") == []  # nothing of it is stored
    assert [[cover["media"] for cover in of] for of in covers.values()] == [
        [f"{post}-image", f"{post}-video"] for post in covers
    ]
    assert [one["media"] for one in post["items"]] == ["p2-image", "p2-video"]
    (before,) = post["earlier"]
    assert (before["number"], before["caption"]) == (1, "Sunset number 2 at the Café")
    assert before["media"] == ["p2-image", "p2-video"]
    assert len((await read(client, "/media?q=sunrise"))["items"]) == 2
    await read(client, "/posts/99999", 404)


async def test_the_days_come_once_until_they_change(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)

    async with client.get("/api/v1/timeline/buckets") as answer:
        tag, told = answer.headers["ETag"], await answer.json()
    async with client.get("/api/v1/timeline/buckets", headers={"If-None-Match": tag}) as again:
        assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", tag)
    await server.app.database.write(lambda tx: tx.execute(sa.update(MediaRow).values(width=900)))
    async with client.get("/api/v1/timeline/buckets", headers={"If-None-Match": tag}) as changed:
        assert changed.status == 200
        assert changed.headers["ETag"] != tag

    assert told == {
        "day": [19_728 - n for n in range(6)],
        "count": [2] * 6,
        "width": [3.556] * 6,
        "exact": True,
    }
    found = await read(client, "/timeline/buckets?q=kind:video")
    assert (found["count"], found["exact"]) == ([1] * 6, True)


async def test_tiles_come_as_columns(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)

    first = await read(client, "/timeline/assets?newest=19725&oldest=19724&limit=3")
    rest = await read(
        client, f"/timeline/assets?newest=19725&oldest=19724&limit=3&cursor={first['next']}"
    )
    last = await read(client, "/timeline/assets?newest=19725&oldest=19724&skip=3")
    video = await read(client, f"/timeline/assets?q={quote('sunset kind:video')}")

    assert [len(column) for name, column in first.items() if name != "next"] == [3] * 12
    assert (len(rest["id"]), rest["next"]) == (1, None)
    assert last["id"] == rest["id"]
    assert set(first["author"]) <= {"Ada", "@Bob"}
    assert len({*first["id"], *rest["id"]}) == 4
    assert first["ratio"] == [1.7778] * 3
    assert first["revision"] == ["0" * 16] * 3
    assert video["kind"] == ["video"] * 6


async def test_facets_and_calendars_count(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)

    facets = await read(client, "/media/facets?q=sunset")
    days = await read(client, "/media/calendar?from=2024-01-02&to=2024-01-03&q=kind:video")
    plain = await read(client, "/media/calendar?from=2024-01-02&to=2024-01-03")

    assert facets["author"] == [{"value": "ada", "count": 6}, {"value": "bob", "count": 6}]
    assert facets["kind"] == [{"value": "image", "count": 6}, {"value": "video", "count": 6}]
    assert facets["year"] == [{"value": "2024", "count": 12}]
    assert (facets["looked_at"], facets["exact"]) == (12, True)
    assert days == {"day": ["2024-01-02", "2024-01-03"], "count": [1, 1], "exact": True}
    assert plain["count"] == [2, 2]


async def test_a_kept_search_is_its_owners_alone(server: Server) -> None:
    ada = await server.client_as(Role.VIEWER, name="ada")
    eve = await server.client_as(Role.ADMIN, name="eve")
    async with ada.post(
        "/api/v1/searches", json={"name": "Boats", "query": "boat kind:video"}
    ) as made:
        saved = await made.json()
        assert (made.status, made.headers["ETag"], saved["version"]) == (201, '"1"', 1)
    path = f"/api/v1/searches/{saved['id']}"

    async with ada.patch(path, json={"query": "ship"}, headers={"If-Match": '"1"'}) as changed:
        assert (await changed.json())["query"] == "ship"
        assert changed.headers["ETag"] == '"2"'
    async with ada.patch(path, json={"name": "Ships"}, headers={"If-Match": '"1"'}) as stale:
        assert stale.status == 412
    async with ada.patch(path, json={"query": "size>big"}) as wrong:
        assert wrong.status == 422
    async with ada.post("/api/v1/searches", json={"name": " ", "query": ""}) as blank:
        assert blank.status == 422
    async with eve.patch(path, json={"name": "Mine"}) as foreign:
        assert foreign.status == 404
    async with eve.delete(path) as foreign:
        assert foreign.status == 404
    assert (await read(eve, "/searches"))["items"] == []
    (kept,) = (await read(ada, "/searches"))["items"]
    assert (kept["name"], kept["query"], kept["version"]) == ("Boats", "ship", 2)
    async with ada.delete(path, headers={"If-Match": '"2"'}) as gone:
        assert gone.status == 204
    assert (await read(ada, "/searches"))["items"] == []


def _share(tx: sa.Connection) -> None:
    file = sa.select(MediaRow.file_id).where(MediaRow.remote_id == "p1-image").scalar_subquery()
    tx.execute(sa.update(MediaRow).where(MediaRow.remote_id == "p2-image").values(file_id=file))
