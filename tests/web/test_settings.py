"""Settings over HTTP: typed, versioned, locked where the environment says so; secrets never shown."""

import pytest

from gatherum.accounts.model import Role
from gatherum.settings import SECTIONS, BootSettings
from tests.web.conftest import Server, serving


async def test_every_section_is_shown_with_its_defaults(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)

    async with client.get("/api/v1/settings") as answer:
        told = await answer.json()

    assert [one["section"] for one in told["sections"]] == list(SECTIONS)
    assert all(one["values"] == one["defaults"] and one["version"] == 0 for one in told["sections"])
    assert told["environment"]["GATHERUM_PORT"] == "0"


async def test_a_change_counts_and_moves_the_version_on(any_server: Server) -> None:
    client = await any_server.client_as(Role.ADMIN)

    async with client.patch("/api/v1/settings/network", json={"pace": 0.5, "retries": 2}) as answer:
        told, tag = await answer.json(), answer.headers["ETag"]
    async with client.patch(
        "/api/v1/settings/network", json={"pace": 3}, headers={"If-Match": '"0"'}
    ) as stale:
        pass
    async with client.patch(
        "/api/v1/settings/network", json={"pace": 2}, headers={"If-Match": tag}
    ) as fresh:
        values = (await fresh.json())["values"]

    assert (answer.status, told["version"], told["values"]["pace"]) == (200, 1, 0.5)
    assert (stale.status, fresh.status) == (412, 200)
    assert (values["pace"], values["retries"]) == (2, 2)


@pytest.mark.parametrize(
    ("section", "changes", "words"),
    [
        ("network", {"pace": -1}, "from 0 to 100"),
        ("network", {"pace": "fast"}, "from 0 to 100"),
        ("network", {"nonsense": 1}, "There is no setting"),
        ("network", {"max_file_size": 10**30}, "max_file_size"),
        ("library", {"template": "../{post}"}, "character"),
        ("library", {"trash_days": 1.5}, "whole number"),
    ],
)
async def test_what_does_not_fit_is_refused_and_changes_nothing(
    server: Server, section: str, changes: dict[str, object], words: str
) -> None:
    client = await server.client_as(Role.ADMIN)

    async with client.patch(f"/api/v1/settings/{section}", json=changes) as answer:
        told = await answer.json(content_type="application/problem+json")

    assert answer.status == 422
    assert words in told["detail"]
    async with client.get(f"/api/v1/settings/{section}") as after:
        assert (await after.json())["version"] == 0


async def test_a_secret_is_written_and_never_shown(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)

    async with client.patch("/api/v1/settings/duo", json={"client_secret": "hunter2"}) as answer:
        text = await answer.text()
    async with client.get("/api/v1/settings") as everything:
        text += await everything.text()

    assert answer.status == 200
    assert '"client_secret":true' in text
    assert "hunter2" not in text


async def test_null_and_delete_give_the_default_back(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)
    changes = {"pace": 3, "retries": 1}
    async with client.patch("/api/v1/settings/network", json=changes):
        pass

    async with client.patch("/api/v1/settings/network", json={"pace": None}) as one:
        first = (await one.json())["values"]
    async with client.delete("/api/v1/settings/network/retries") as two:
        second = (await two.json())["values"]

    assert (first["pace"], first["retries"], second["retries"]) == (1.0, 1, 5)


async def test_what_the_environment_pins_is_locked(
    settings: BootSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHERUM_NETWORK_PACE", "0.25")
    async with serving(settings) as server:
        client = await server.client_as(Role.ADMIN)

        async with client.get("/api/v1/settings/network") as answer:
            told = await answer.json()
        async with client.patch("/api/v1/settings/network", json={"pace": 1}) as refused:
            problem = await refused.json(content_type="application/problem+json")

    assert told["values"]["pace"] == 0.25
    assert told["locked"] == {"pace": "GATHERUM_NETWORK_PACE"}
    assert (refused.status, "GATHERUM_NETWORK_PACE" in problem["detail"]) == (409, True)


async def test_a_form_can_be_drawn_from_the_schema(server: Server) -> None:
    client = await server.client_as(Role.ADMIN)

    async with client.get("/api/v1/settings/duo/schema") as answer:
        fields = (await answer.json())["properties"]

    assert fields["client_secret"]["writeOnly"] is True
    assert all(field["description"] for field in fields.values())


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_only_an_administrator_sees_or_changes_settings(server: Server, role: Role) -> None:
    client = await server.client_as(role)

    async with client.get("/api/v1/settings") as read:
        pass
    async with client.patch("/api/v1/settings/network", json={"pace": 3}) as written:
        pass

    assert (read.status, written.status) == (403, 403)


async def test_what_decides_who_gets_in_needs_sudo_mode(server: Server) -> None:
    client = await server.client_as(Role.ADMIN, sudo=False)

    async with client.patch("/api/v1/settings/security", json={"session_days": 3}) as guarded:
        pass
    async with client.patch("/api/v1/settings/network", json={"pace": 3}) as plain:
        pass

    assert (guarded.status, guarded.headers["X-Reauth"], plain.status) == (403, "required", 200)
