"""The recycle bin over HTTP: what lies there, and that only a person who proves it empties it."""

import pytest

from gatherum.accounts.model import Role
from tests.curating.world import places
from tests.web.conftest import Server
from tests.web.curated import call, media_states, stocked


async def test_the_bin_is_shown_page_by_page_with_who_and_why(any_server: Server) -> None:
    await stocked(any_server, 4, files=True)
    eve = await any_server.client_as(Role.EDITOR, name="eve")
    for number, why in ((1, ""), (3, "blurred"), (2, "twice")):
        await call(eve, "POST", f"/media/{number}/trash", {"why": why})
    viewer = await any_server.client_as(Role.VIEWER)

    status, first = await call(viewer, "GET", "/trash?limit=2")
    _, rest = await call(viewer, "GET", f"/trash?limit=2&cursor={first['next']}")

    shown = [(one["media"]["id"], one["by"], one["why"]) for one in first["items"] + rest["items"]]
    assert status == 200
    assert shown == [("2", "eve", "twice"), ("3", "eve", "blurred"), ("1", "eve", None)]
    assert (first["count"], first["bytes"], first["days"], rest["next"]) == (3, 30, 30, None)
    assert {(one["days_left"], one["bytes"]) for one in first["items"]} == {(30, 10)}
    assert first["items"][0]["media"]["path"] is None  # a viewer sees no paths
    assert (await call(viewer, "GET", "/trash?cursor=nonsense"))[0] == 422
    assert (await call(viewer, "GET", "/trash?cursor=1:99999999999999999999999"))[0] == 422
    assert (await call(viewer, "GET", "/trash?cursor=nan:1"))[0] == 422


async def test_emptying_the_bin_leaves_tombstones_and_has_no_way_back(any_server: Server) -> None:
    await stocked(any_server, 4, files=True)
    admin = await any_server.client_as(Role.ADMIN)
    for number in (1, 2, 3):
        await call(admin, "POST", f"/media/{number}/trash")

    some = await call(admin, "POST", "/trash/purge", {"ids": [1, 4]})
    rest = await call(admin, "POST", "/trash/empty", {})
    nothing = await call(admin, "POST", "/trash/empty", {})

    assert (some[1]["kind"], some[1]["done"], some[1]["left"]) == ("media.purge", 1, 1)
    assert (rest[0], rest[1]["done"], rest[1]["can_undo"]) == (200, 2, False)
    assert nothing[0] == 404
    undo = await call(admin, "POST", f"/decisions/{rest[1]['id']}/undo")
    assert (undo[0], undo[1]["type"]) == (409, "urn:gatherum:problem:conflict")
    assert places(any_server.app.fs, ".trash") == []
    assert await media_states(any_server) == ["trashed", "trashed", "trashed", "stored"]
    assert (await call(admin, "GET", "/trash"))[1]["items"] == []
    purged = await call(admin, "GET", "/trash?purged=true")
    assert [one["media"]["id"] for one in purged[1]["items"]] == ["3", "2", "1"]
    allowed = await call(admin, "POST", "/media/3/allow", {})
    assert (allowed[0], allowed[1]["done"]) == (200, 1)


@pytest.mark.parametrize(("path", "body"), [("/trash/empty", {}), ("/trash/purge", {"ids": [1]})])
async def test_nobody_deletes_for_ever_without_having_just_proven_who_they_are(
    server: Server, path: str, body: object
) -> None:
    await stocked(server, 1, files=True)
    editor = await server.client_as(Role.EDITOR)
    await call(editor, "POST", "/media/1/trash")
    admin = await server.client_as(Role.ADMIN, sudo=False)

    assert (await call(editor, "POST", path, body))[0] == 403
    status, told = await call(admin, "POST", path, body)

    assert (status, told["type"]) == (403, "urn:gatherum:problem:sudo-required")
    assert places(server.app.fs, ".trash") == [".trash/1.jpg"]


async def test_what_is_deleted_for_ever_is_written_down(server: Server) -> None:
    await stocked(server, 3, files=True)
    admin = await server.client_as(Role.ADMIN)
    for number in (1, 2, 3):
        await call(admin, "POST", f"/media/{number}/trash")

    await call(admin, "POST", "/trash/purge", {"ids": [1]})
    await call(admin, "POST", "/trash/empty", {})

    entries, _ = await server.app.people.audit.list(limit=10, event="purged")
    told = [(entry.name, entry.address, entry.detail) for entry in entries]
    assert told == [("admin", "127.0.0.1", {"media": 2}), ("admin", "127.0.0.1", {"media": 1})]
