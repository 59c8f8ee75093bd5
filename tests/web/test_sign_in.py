"""A forum's login is made of a name and a password over HTTP, and of neither anything stays but cookies."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette

from gatherum.accounts.model import Role
from gatherum.settings import BootSettings
from tests.testsites.forums.entrances import (
    CAREFUL,
    CODE,
    NAME,
    PASSWORD,
    Entrance,
    with_entrance,
    xenforo_entrance,
)
from tests.testsites.gateway import Gateway
from tests.testsites.world import World
from tests.web.conftest import Server, serving

KEY = {"url": "xenforo.example", "name": NAME, "password": PASSWORD}


@dataclass(frozen=True)
class Scene:
    server: Server
    entrance: Entrance
    folder: Path


@pytest.fixture
async def scene(tmp_path: Path, settings: BootSettings) -> AsyncIterator[Scene]:
    """A server whose way out leads to a forum, and nowhere else."""
    world, entrance = World(), Entrance()
    world.mount("xenforo.example", with_entrance(Starlette(), xenforo_entrance(entrance)))
    async with Gateway(world) as gateway:
        far = {"network_proxy": gateway.url, "network_ca_bundle": gateway.bundle}
        async with serving(settings.model_copy(update=far)) as server:
            await server.app.preferences.set("network.pace", "0")
            yield Scene(server, entrance, tmp_path / "data")


async def test_a_password_becomes_a_login_and_is_kept_nowhere(scene: Scene) -> None:
    client = await scene.server.client_as(Role.ADMIN)

    async with client.post("/api/v1/logins/sign-in", json=KEY) as answer:
        made = await answer.json()
        assert answer.status == 201
    async with client.post("/api/v1/logins/sign-in", json=KEY) as answer:
        again = await answer.json()

    assert (made["platform"], made["name"]) == ("xenforo", f"{NAME} at xenforo.example")
    assert made["sites"] == ["xenforo.example"]
    assert made["expires_at"] is not None
    assert (again["id"], again["version"]) == (made["id"], made["version"] + 1)
    jar = await scene.server.app.logins.jar(made["id"])
    assert "xf_user=2%2C0a1b" in jar.header("https://xenforo.example/threads/x.1/")
    assert not [path for path in scene.folder.glob("gatherum.db*") if PASSWORD.encode() in path.read_bytes()]  # fmt: skip
    async with client.get("/api/v1/audit?event=login.changed") as answer:
        told = [one["detail"] for one in (await answer.json())["items"]]
    assert told == [{"added": NAME, "signed_in": True}] * 2


async def test_what_cannot_be_is_said_in_words(scene: Scene) -> None:
    client = await scene.server.client_as(Role.ADMIN)

    async def told(**other: str) -> tuple[int, str, str]:
        async with client.post("/api/v1/logins/sign-in", json=KEY | other) as answer:
            body = await answer.json()
            assert PASSWORD not in await answer.text()
            return answer.status, body["type"].rpartition(":")[2], body["detail"]

    wrong = await told(password="something else")
    second = await told(name=CAREFUL)
    scene.entrance.captcha = True
    captcha = await told()

    assert wrong == (
        422,
        "invalid-input",
        "The forum does not accept this name with this password.",
    )
    assert second[:2] == (422, "code-needed")
    assert captcha[:2] == (502, "challenge")
    assert "captcha" in captcha[2]
    assert await scene.server.app.logins.list() == ()


async def test_a_second_factor_goes_with_the_password(scene: Scene) -> None:
    client = await scene.server.client_as(Role.ADMIN)

    async with client.post(
        "/api/v1/logins/sign-in", json=KEY | {"name": CAREFUL, "code": CODE}
    ) as answer:
        assert answer.status == 201
