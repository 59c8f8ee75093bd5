"""A fixture is made from a live site by one command, and replays."""

import asyncio
from pathlib import Path

import pytest

from gatherum.demo import running
from gatherum.providers import get_chain
from gatherum.providers.recognise import recognise
from tests.providers.record import main
from tests.providers.replay import Fixture, ReplayClient
from tests.providers.test_providers import expected


async def test_what_is_recorded_replays_without_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHERUM_NETWORK_ALLOW", "127.0.0.1")
    async with running() as address:
        assert await asyncio.to_thread(main, f"{address}/@ada/stories", tmp_path) == 0

    fixture = Fixture.model_validate_json((tmp_path / "plaza.stories.json").read_text())
    client = ReplayClient(fixture.exchanges)
    target = await recognise(fixture.url, client)
    [(provider, _)] = get_chain(target)
    posts = [post async for page in provider.listing(target, client, None) for post in page.posts]
    assert posts
    assert [expected(post) for post in posts] == fixture.posts


async def test_what_cannot_be_recorded_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GATHERUM_NETWORK_ALLOW", raising=False)
    async with running() as address:
        assert await asyncio.to_thread(main, f"{address}/@ada", tmp_path) == 1

    assert "private" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
