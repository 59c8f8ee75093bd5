"""Edits over HTTP: one media by its version, thousands by a search, subscriptions in bulk."""

import asyncio
from typing import Any

import pytest

from gatherum.accounts.model import Role
from gatherum.app import run_worker
from gatherum.model import Target
from tests.web.conftest import Server
from tests.web.curated import call, media_states, stocked

EDIT = {"description": "at the sea", "tags_add": ["Sylt"], "favourite": True}


async def test_a_media_is_edited_as_it_was_seen(any_server: Server) -> None:
    await stocked(any_server, 2)
    client = await any_server.client_as(Role.EDITOR, name="eve")
    async with client.get("/api/v1/media/1") as answer:
        seen = answer.headers["ETag"]

    async with client.patch("/api/v1/media/1", json=EDIT, headers={"If-Match": seen}) as answer:
        told, now = await answer.json(), answer.headers["ETag"]
    stale = await call(client, "PATCH", "/media/1", {"favourite": False}, **{"If-Match": seen})
    shown = await call(client, "GET", "/media/1")

    assert told == {
        "id": 1,
        "at": told["at"],
        "kind": "media.edit",
        "title": "1 media described and made favourites and tagged Sylt",
        "state": "done",
        "total": 1,
        "done": 1,
        "same": 0,
        "left": 0,
        "job": None,
        "undo_of": None,
        "undone_by": None,
        "can_undo": True,
        "by": "eve",
    }
    assert (seen, now) == ('"1"', '"2"')
    assert (stale[0], stale[1]["type"]) == (412, "urn:gatherum:problem:stale")
    assert (shown[1]["description"], shown[1]["tags"], shown[1]["favourite"]) == (
        "at the sea",
        ["Sylt"],
        True,
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"favourite": True, "state": "trashed"}, 422),
        ({}, 422),
        ({"date": "yesterday"}, 422),
        ({"tags_add": ["a"], "tags": ["b"]}, 422),
        ({"tags_add": [" "]}, 422),
        ({"date": "0001-01-01T00:00:00+14:00"}, 422),
    ],
)
async def test_an_edit_that_makes_no_sense_changes_nothing(
    server: Server, body: object, status: int
) -> None:
    await stocked(server, 1)
    client = await server.client_as(Role.EDITOR)

    assert (await call(client, "PATCH", "/media/1", body))[0] == status
    assert (await call(client, "PATCH", "/media/9", {"favourite": True}))[0] == 404
    assert (await call(client, "GET", "/decisions"))[1]["items"] == []


async def test_thousands_are_found_previewed_edited_and_given_back(any_server: Server) -> None:
    await stocked(any_server, 1000)
    client = await any_server.client_as(Role.EDITOR)
    which = {"query": "author:ada", "action": {"kind": "edit", "tags_add": ["fog"]}}

    preview = await call(client, "POST", "/media/batch", {**which, "preview": True})
    async with run_worker(any_server.app):
        status, made = await call(client, "POST", "/media/batch", which)
        done = await _ended(client, made["id"])
        tagged = await call(client, "GET", "/media/count?q=tag:fog")
        undo_status, undo = await call(client, "POST", f"/decisions/{made['id']}/undo")
        undone = await _ended(client, undo["id"])

    assert preview == (
        200,
        {
            "total": 500,
            "change": 500,
            "same": 0,
            "cannot": [],
            "bytes": 5000,
            "examples": preview[1]["examples"],
        },
    )
    assert preview[1]["examples"][0] == {
        "id": 1,
        "before": {"tag:fog": False},
        "after": {"tag:fog": True},
    }
    assert (status, made["state"], made["job"] is not None) == (202, "working", True)
    assert (done["state"], done["done"], done["can_undo"]) == ("done", 500, True)
    assert tagged[1]["count"] == 500
    assert (undo_status, undone["done"], undone["left"]) == (202, 500, 0)
    assert (await call(client, "GET", "/media/count?q=tag:fog"))[1]["count"] == 0


async def test_a_batch_says_which_in_one_way_and_never_purges(server: Server) -> None:
    await stocked(server, 2, files=True)
    client = await server.client_as(Role.ADMIN)
    trash = {"kind": "trash", "why": "blurred"}

    refused = [
        await call(client, "POST", "/media/batch", body)
        for body in (
            {"action": trash},
            {"action": trash, "ids": [1], "query": ""},
            {"action": trash, "ids": []},
            {"action": {"kind": "purge"}, "ids": [1]},
            {"action": {"kind": "unfollow"}, "ids": [1]},
            {"action": {"kind": "edit"}, "ids": [1]},
            {"action": trash, "query": "knid:image"},
        )
    ]
    nothing = await call(client, "POST", "/media/batch", {"action": trash, "query": "author:eve"})
    assert [status for status, _ in refused] == [422] * 7
    assert nothing[0] == 404
    assert await media_states(server) == ["stored", "stored"]

    both = await call(client, "POST", "/media/batch", {"action": trash, "ids": ["1", 2, 99]})

    assert (both[0], both[1]["done"], both[1]["left"]) == (200, 2, 1)
    assert await media_states(server) == ["trashed", "trashed"]


async def test_one_media_goes_to_the_bin_and_comes_back(any_server: Server) -> None:
    await stocked(any_server, 1, files=True)
    client = await any_server.client_as(Role.EDITOR)

    trashed = await call(client, "POST", "/media/1/trash", {"why": "blurred"})
    again = await call(client, "POST", "/media/1/trash")
    allowed = await call(client, "POST", "/media/1/allow", {})
    restored = await call(client, "POST", "/media/1/restore", {})

    assert (trashed[0], trashed[1]["kind"], trashed[1]["done"]) == (200, "media.trash", 1)
    assert (again[0], again[1]["done"], again[1]["same"]) == (200, 0, 1)
    assert (allowed[0], allowed[1]["detail"]) == (409, "It is in the recycle bin: restore it.")
    assert (restored[0], restored[1]["done"]) == (200, 1)
    assert await media_states(any_server) == ["stored"]


async def test_subscriptions_are_paused_changed_and_unfollowed_in_bulk(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    ids = []
    for key in ("a", "b"):
        target = Target(platform="plaza", feed="user", key=key, url=f"https://plaza.example/{key}")
        ids.append((await any_server.app.subscriptions.follow(target)).id)
    path = "/subscriptions/batch"

    preview = await call(
        client, "POST", path, {"ids": ids, "action": {"kind": "pause"}, "preview": True}
    )
    await call(client, "POST", path, {"ids": ids, "action": {"kind": "pause"}})
    edit = {"kind": "edit", "timing": "0 6 * * *", "zone": "Europe/Berlin", "limit": 10}
    edited = await call(client, "POST", path, {"ids": ids, "action": edit})
    shown = await call(client, "GET", f"/subscriptions/{ids[0]}")
    gone = await call(client, "POST", path, {"ids": [*ids, 99], "action": {"kind": "unfollow"}})
    missing = await call(client, "GET", f"/subscriptions/{ids[0]}")
    back = await call(client, "POST", f"/decisions/{gone[1]['id']}/undo")
    after = await call(client, "GET", f"/subscriptions/{ids[0]}")

    assert (preview[1]["change"], preview[1]["bytes"]) == (2, 0)
    assert edited[1]["title"] == "2 subscriptions given another limit and timing"
    assert (shown[1]["paused"], shown[1]["timing"], shown[1]["zone"], shown[1]["limit"]) == (
        True,
        "0 6 * * *",
        "Europe/Berlin",
        10,
    )
    assert (gone[1]["done"], gone[1]["left"], missing[0]) == (2, 1, 404)
    assert (back[1]["kind"], back[1]["done"]) == ("subscription.follow", 2)
    assert after[1] == shown[1]
    wrong = {"ids": ids, "action": {"kind": "edit", "filter": "knid:image"}}
    assert (await call(client, "POST", path, wrong))[0] == 422


async def test_bounds_of_checking_are_set_and_taken_in_bulk(any_server: Server) -> None:
    client = await any_server.client_as(Role.EDITOR)
    target = Target(platform="plaza", feed="user", key="a", url="https://plaza.example/a")
    number = (await any_server.app.subscriptions.follow(target)).id
    path, bounds = "/subscriptions/batch", {"shortest": "30m", "longest": "1w"}

    async def shown() -> Any:
        return (await call(client, "GET", f"/subscriptions/{number}"))[1]["adaptive"]

    edit = {"kind": "edit", "adaptive": bounds}
    preview = await call(client, "POST", path, {"ids": [number], "action": edit, "preview": True})
    given = await call(client, "POST", path, {"ids": [number], "action": edit})
    adapts = await shown()
    back = await call(client, "POST", f"/decisions/{given[1]['id']}/undo")
    before = await shown()
    await call(client, "POST", path, {"ids": [number], "action": edit})
    taken = {"kind": "edit", "timing": "6h", "jitter_s": 60, "adaptive": None}
    await call(client, "POST", path, {"ids": [number], "action": taken})
    timed = (await call(client, "GET", f"/subscriptions/{number}"))[1]

    assert preview[1]["examples"] == [
        {
            "id": number,
            "before": {"adaptive": None},
            "after": {"adaptive": {"shortest_s": 1800.0, "longest_s": 604_800.0}},
        }
    ]
    assert given[1]["title"] == "1 subscription given another timing"
    assert (adapts, back[0], before) == (bounds, 200, None)
    assert await shown() is None
    assert (timed["timing"], timed["jitter_s"]) == ("6h", 60)
    edit["adaptive"] = {"shortest": "0 6 * * *", "longest": "1w"}
    assert (await call(client, "POST", path, {"ids": [number], "action": edit}))[0] == 422


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/media/1", {"favourite": True}),
        ("POST", "/media/batch", {"ids": [1], "action": {"kind": "trash"}}),
        ("POST", "/media/batch", {"ids": [1], "action": {"kind": "trash"}, "preview": True}),
        ("POST", "/media/1/trash", {}),
        ("POST", "/media/1/restore", {}),
        ("POST", "/media/1/allow", {}),
        ("POST", "/subscriptions/batch", {"ids": [1], "action": {"kind": "pause"}}),
        ("POST", "/decisions/1/undo", {}),
        ("POST", "/trash/empty", {}),
        ("POST", "/trash/purge", {"ids": [1]}),
    ],
)
async def test_a_viewer_changes_nothing(
    server: Server, method: str, path: str, body: object
) -> None:
    await stocked(server, 1)
    viewer = await server.client_as(Role.VIEWER)

    status, told = await call(viewer, method, path, body)

    assert (status, told["type"]) == (403, "urn:gatherum:problem:forbidden")
    assert await media_states(server) == ["stored"]
    assert await server.app.decisions.list(author=None, limit=9) == ()


async def _ended(client: object, number: int) -> dict[str, object]:
    for _ in range(600):
        _, told = await call(client, "GET", f"/decisions/{number}")  # type: ignore[arg-type]  # a session
        if told["state"] != "working":
            return dict(told)
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to its end")
