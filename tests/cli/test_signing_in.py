"""`gatherum logins sign-in`: the password comes from standard input, and a login comes of it."""

import io
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

from gatherum.app import open_app
from gatherum.cli.signing_in import show, sign_in
from gatherum.errors import InvalidInput
from gatherum.settings import BootSettings
from tests.testsites.forums.entrances import (
    CAREFUL,
    NAME,
    PASSWORD,
    Entrance,
    mybb_entrance,
    with_entrance,
    xenforo_entrance,
)
from tests.testsites.gateway import Gateway
from tests.testsites.world import World


def before(gateway: Gateway, folder: Path) -> BootSettings:
    return BootSettings(
        data_dir=folder / "data",
        network_proxy=gateway.url,
        network_ca_bundle=gateway.bundle,
        _env_file=None,
    )


async def shared(request: Request, go_on: RequestResponseEndpoint) -> Response:
    """Answer with a cookie that the sites of one domain have in common."""
    answer = await go_on(request)
    answer.set_cookie("common", "1", domain="many.example", secure=True)
    return answer


async def test_who_signs_in_anew_renews_a_login_whatever_it_is_called_by_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, entrance = World(), Entrance()
    for host in ("mybb.example", "other.example", "a.many.example", "b.many.example"):
        site = with_entrance(Starlette(), mybb_entrance(entrance))
        if host.endswith(".many.example"):
            site.add_middleware(BaseHTTPMiddleware, dispatch=shared)
        world.mount(host, site)
    async with Gateway(world) as gateway:
        settings = before(gateway, tmp_path)

        async def enter(forum: str) -> None:
            monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
            await sign_in(settings, forum, name=NAME, from_stdin=True, code=None)

        async with open_app(settings) as app:
            await app.preferences.set("network.pace", "0")
        await enter("mybb.example")
        async with open_app(settings) as app:
            (made,) = await app.logins.list()
            await app.logins.rename(made.id, "My forum")
        await enter("mybb.example")
        for other in ("other.example", "a.many.example", "b.many.example"):
            await enter(other)
        async with open_app(settings) as app:
            kept = await app.logins.list()

    others = ("other.example", "a.many.example", "b.many.example")
    assert {one.name for one in kept} == {"My forum", *(f"{NAME} at {host}" for host in others)}
    (again,) = (one for one in kept if one.id == made.id)
    assert again.version > made.version + 1  # renamed, then renewed


async def test_somebody_signs_in_and_the_login_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world, entrance = World(), Entrance()
    world.mount("mybb.example", with_entrance(Starlette(), mybb_entrance(entrance)))
    world.mount("xenforo.example", with_entrance(Starlette(), xenforo_entrance(entrance)))
    async with Gateway(world) as gateway:
        settings = before(gateway, tmp_path)
        async with open_app(settings) as app:
            await app.preferences.set("network.pace", "0")

        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
        code = await sign_in(settings, "mybb.example", name=NAME, from_stdin=True, code=None)
        await show(settings, as_json=False)
        told = capsys.readouterr()

        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
        with pytest.raises(InvalidInput, match="second factor"):
            await sign_in(settings, "xenforo.example", name=CAREFUL, from_stdin=True, code=None)

    assert code == 0
    assert f"{NAME} at mybb.example" in told.out
    assert PASSWORD not in told.out + told.err
