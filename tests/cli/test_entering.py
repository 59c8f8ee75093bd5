"""`gatherum logins sign-in`: the password comes from standard input, and a login comes of it."""

import io
from pathlib import Path

import pytest
from starlette.applications import Starlette

from gatherum.app import open_app
from gatherum.cli.entering import show, sign_in
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


async def test_somebody_signs_in_and_the_login_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world, entrance = World(), Entrance()
    world.mount("mybb.example", with_entrance(Starlette(), mybb_entrance(entrance)))
    world.mount("xenforo.example", with_entrance(Starlette(), xenforo_entrance(entrance)))
    async with Gateway(world) as gateway:
        settings = BootSettings(
            data_dir=tmp_path / "data",
            network_proxy=gateway.url,
            network_ca_bundle=gateway.bundle,
            _env_file=None,
        )
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
