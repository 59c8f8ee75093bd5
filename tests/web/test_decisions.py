"""The log of decisions over HTTP: each sees and undoes their own, an administrator all."""

import pytest

from gatherum.accounts.model import Role
from gatherum.app import run_worker
from tests.web.conftest import Server
from tests.web.curated import call, stocked

EDIT = {"favourite": True}
# Who asks: (role, name), what they get for one decision of eve, its undo, and how long their list is.
MATRIX = [
    (Role.EDITOR, "eve", 200, 200, 1),
    (Role.EDITOR, "bob", 404, 404, 0),
    (Role.ADMIN, "ada", 200, 200, 1),
    (Role.VIEWER, "vic", 404, 403, 0),
]


@pytest.mark.parametrize(("role", "name", "get", "undo", "count"), MATRIX)
async def test_a_decision_is_seen_and_undone_by_who_took_it_and_by_administrators(
    any_server: Server, *, role: Role, name: str, get: int, undo: int, count: int
) -> None:
    await stocked(any_server, 1)
    eve = await any_server.client_as(Role.EDITOR, name="eve")
    _, made = await call(eve, "PATCH", "/media/1", EDIT)
    asker = await any_server.client_as(role, name=name)

    one = await call(asker, "GET", f"/decisions/{made['id']}")
    several = await call(asker, "GET", "/decisions")
    undone = await call(asker, "POST", f"/decisions/{made['id']}/undo")
    _, shown = await call(eve, "GET", "/media/1")

    assert (one[0], undone[0], len(several[1]["items"])) == (get, undo, count)
    assert shown["favourite"] is (undo != 200)
    if get == 200:
        assert one[1]["can_undo"] is True
    if undo == 200:
        assert (undone[1]["by"], undone[1]["undo_of"], undone[1]["done"]) == (name, made["id"], 1)


async def test_a_new_account_does_not_inherit_the_decisions_of_one_that_is_gone(
    any_server: Server,
) -> None:
    await stocked(any_server, 1)
    eve = await any_server.client_as(Role.EDITOR, name="eve")
    await any_server.account(Role.ADMIN)
    gone = await any_server.account(Role.EDITOR, "eva")
    client = await any_server.client_as(Role.EDITOR, name="eva")
    await call(client, "PATCH", "/media/1", EDIT)
    await any_server.app.people.accounts.remove(gone.id)

    bob = await any_server.client_as(Role.EDITOR, name="bob")

    assert (await call(bob, "GET", "/decisions"))[1]["items"] == []
    assert (await call(eve, "GET", "/decisions/1"))[0] == 404


async def test_nobody_who_is_not_signed_in_hears_of_decisions(server: Server) -> None:
    await stocked(server, 1)
    eve = await server.client_as(Role.EDITOR)
    _, made = await call(eve, "PATCH", "/media/1", EDIT)
    client = await server.client()

    for method, path in (
        ("GET", "/decisions"),
        ("GET", f"/decisions/{made['id']}"),
        ("POST", f"/decisions/{made['id']}/undo"),
    ):
        assert (await call(client, method, path))[0] == 401


async def test_the_log_comes_in_pages_the_latest_first(any_server: Server) -> None:
    await stocked(any_server, 5)
    eve = await any_server.client_as(Role.EDITOR, name="eve")
    bob = await any_server.client_as(Role.EDITOR, name="bob")
    for number in range(1, 6):
        await call(eve if number % 2 else bob, "PATCH", f"/media/{number}", EDIT)

    _, first = await call(eve, "GET", "/decisions?limit=2")
    _, rest = await call(eve, "GET", f"/decisions?limit=2&cursor={first['next']}")
    admin = await any_server.client_as(Role.ADMIN)
    _, all_ = await call(admin, "GET", "/decisions")

    assert [one["id"] for one in first["items"]] == [5, 3]
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([1], None)
    assert [(one["id"], one["by"]) for one in all_["items"]] == [
        (5, "eve"),
        (4, "bob"),
        (3, "eve"),
        (2, "bob"),
        (1, "eve"),
    ]
    assert (await call(eve, "GET", "/decisions?cursor=x"))[0] == 422
    assert (await call(eve, "GET", "/decisions/4"))[0] == 404
    assert (await call(eve, "GET", "/decisions/99"))[0] == 404
    assert (await call(eve, "POST", "/decisions/99/undo"))[0] == 404


async def test_what_is_undone_can_be_redone_and_not_undone_twice(server: Server) -> None:
    await stocked(server, 1)
    eve = await server.client_as(Role.EDITOR)
    _, made = await call(eve, "PATCH", "/media/1", {"description": "mine"})

    _, undo = await call(eve, "POST", f"/decisions/{made['id']}/undo")
    twice = await call(eve, "POST", f"/decisions/{made['id']}/undo")
    _, redo = await call(eve, "POST", f"/decisions/{undo['id']}/undo")
    _, shown = await call(eve, "GET", "/media/1")
    _, first = await call(eve, "GET", f"/decisions/{made['id']}")

    assert twice[0] == 409
    assert [one["title"] for one in (made, undo, redo)] == [
        "1 media described",
        "Undo: 1 media described",
        "Redo: 1 media described",
    ]
    assert shown["description"] == "mine"
    assert (first["undone_by"], first["can_undo"]) == (undo["id"], False)


async def test_what_is_still_being_done_is_cancelled_first(server: Server) -> None:
    await stocked(server, 300)
    eve = await server.client_as(Role.EDITOR)
    action = {"query": "kind:image", "action": {"kind": "edit", "favourite": True}}
    _, made = await call(eve, "POST", "/media/batch", action)

    early = await call(eve, "POST", f"/decisions/{made['id']}/undo")
    cancelled = await call(eve, "POST", f"/jobs/{made['job']}/cancel", {})
    _, stopped = await call(eve, "GET", f"/decisions/{made['id']}")
    async with run_worker(server.app):
        pass

    assert (early[0], cancelled[0] < 300) == (409, True)
    assert (stopped["state"], stopped["done"], stopped["left"]) == ("stopped", 0, 300)
    assert (await call(eve, "GET", "/media/count?q=is:favourite"))[1]["count"] == 0


async def test_a_change_of_settings_is_undone_where_nobody_has_changed_them_since(
    any_server: Server,
) -> None:
    ada = await any_server.client_as(Role.ADMIN, name="ada")
    eve = await any_server.client_as(Role.EDITOR, name="eve")
    path = "/settings/library"
    await call(ada, "PATCH", path, {"trash_days": 9, "free_space_reserve": 5_000_000_000})
    await call(ada, "PATCH", path, {"free_space_reserve": 6_000_000_000})
    _, log = await call(ada, "GET", "/decisions")
    first = log["items"][1]

    refused = await call(eve, "POST", f"/decisions/{first['id']}/undo")
    _, undo = await call(ada, "POST", f"/decisions/{first['id']}/undo")
    _, undone = await call(ada, "GET", path)
    twice = await call(ada, "POST", f"/decisions/{first['id']}/undo")
    _, redo = await call(ada, "POST", f"/decisions/{undo['id']}/undo")
    _, redone = await call(ada, "GET", path)

    assert first["kind"] == "setting.edit"
    assert first["title"] == ("Settings changed: library.free_space_reserve, library.trash_days")
    assert (refused[0], twice[0]) == (404, 409)
    assert (undo["title"], undo["done"]) == (f"Undo: {first['title']}", 1)
    assert (undone["values"]["trash_days"], undone["values"]["free_space_reserve"]) == (
        30,
        6_000_000_000,
    )
    assert (redo["title"], redone["values"]["trash_days"]) == (f"Redo: {first['title']}", 9)
    _, audit = await call(ada, "GET", "/audit?limit=9")
    assert [one["event"] for one in audit["items"]].count("settings.changed") == 4


async def test_what_decides_who_gets_in_is_never_undone_without_a_proof(server: Server) -> None:
    ada = await server.client_as(Role.ADMIN)

    status, told = await call(ada, "PATCH", "/settings/security", {"session_idle_days": 3})

    assert status == 200, told
    assert (await call(ada, "GET", "/decisions"))[1]["items"] == []
