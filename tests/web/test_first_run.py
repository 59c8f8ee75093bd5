"""The first ten minutes: is the folder fit, and what can be tried without the internet."""

import errno
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest

from gatherum.accounts.model import Role
from gatherum.demo.server import running
from gatherum.errors import OutsideLibrary
from gatherum.settings import BootSettings
from tests.web.conftest import Server, serving


@pytest.fixture
async def neighbour() -> AsyncIterator[str]:
    """Another server of this machine."""
    async with running() as address:
        yield address


async def post(
    client: aiohttp.ClientSession, path: str, body: object = None
) -> tuple[int, Mapping[str, Any]]:
    async with client.post(f"/api/v1{path}", json=body) as answer:
        return answer.status, await answer.json()


async def test_the_folder_of_the_library_is_tried_for_real(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await server.client_as(Role.ADMIN)

    _, well = await post(client, "/setup/library")
    with monkeypatch.context() as patch:
        patch.setattr(server.app.fs, "fsync", _full)
        _, full = await post(client, "/setup/library")

    assert well["folder"] == str(server.app.settings.library_root)
    assert (well["writable"], well["detail"]) == (True, None)
    assert 0 < well["reserve"] < well["total"]
    assert 0 < well["free"] <= well["total"]
    assert set(well["extractors"]) == {"yt-dlp", "gallery-dl"}
    assert (full["writable"], full["detail"]) == (
        False,
        "The folder cannot be written to: No space left on device.",
    )
    assert list(server.app.fs.list(".staging")) == []


@pytest.mark.parametrize(
    ("call", "fault", "told"),
    [
        ("free", OSError(errno.ESTALE, "Stale file handle"), "Stale file handle"),
        ("open_part", OutsideLibrary("It is a link."), "a link or another disk"),
    ],
)
async def test_a_library_that_is_away_is_told_as_such(
    server: Server, monkeypatch: pytest.MonkeyPatch, call: str, fault: Exception, told: str
) -> None:
    client = await server.client_as(Role.ADMIN)

    def fail(*_: object) -> None:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(server.app.fs, call, fail)
        status, trial = await post(client, "/setup/library")

    assert (status, trial["writable"]) == (200, False)
    assert told in trial["detail"]
    assert (trial["free"] == 0) == (call == "free")


def _full(_fd: int) -> None:
    raise OSError(28, os.strerror(28))


async def test_the_demonstration_can_be_reached_and_nothing_else_of_this_machine(
    server: Server, neighbour: str
) -> None:
    client = await server.client_as(Role.ADMIN)

    status, begun = await post(client, "/demo")
    again = (await post(client, "/demo"))[1]
    _, ours = await post(client, "/links/preview", {"url": f"{begun['address']}/@ada"})
    _, other = await post(client, "/links/preview", {"url": f"{neighbour}/@ada"})
    _, own = await post(client, "/links", {"urls": [f"{server.url}/@ada"]})

    assert status == 202
    assert begun["address"].startswith("http://127.0.0.1:")
    assert [each["accepted"] for each in begun["items"]] == [True] * len(begun["items"])
    assert again["address"] == begun["address"]
    assert (ours["reason"], len(ours["items"])) == (None, 8)
    assert (other["reason"], other["items"]) == ("refused", [])
    assert own["items"][0]["reason"] == "refused"


async def test_the_door_closes_with_the_demonstration(settings: BootSettings) -> None:
    async with serving(settings) as server:
        client = await server.client_as(Role.ADMIN)
        _, begun = await post(client, "/demo")
        policy, port = server.app.doors, int(begun["address"].rpartition(":")[2])

    assert port not in {open_port for _, open_port in policy.places}


async def test_behind_a_proxy_there_is_no_demonstration(settings: BootSettings) -> None:
    proxied = settings.model_copy(update={"network_proxy": "http://127.0.0.1:9"})
    async with serving(proxied) as server:
        client = await server.client_as(Role.ADMIN)

        status, told = await post(client, "/demo")

    assert status == 409
    assert told["detail"] == (
        "The demonstration runs on this machine, and a proxy stands in between."
    )
    assert not server.app.doors.places


@pytest.mark.parametrize("path", ["/demo", "/setup/library"])
async def test_only_administrators_try_things_out(server: Server, path: str) -> None:
    client = await server.client_as(Role.EDITOR)

    status, _ = await post(client, path)

    assert status == 403
