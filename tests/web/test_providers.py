"""How the ways do, over HTTP: what was tried, the canaries, and the versions of the extractors."""

from importlib.metadata import version

from gatherum.accounts.model import Role
from gatherum.errors import UnexpectedResponse
from gatherum.providers import all_providers
from gatherum.providers.chain import Try
from tests.web.conftest import Server


async def test_ways_that_were_tried_are_shown_with_rate_and_last_failure(
    any_server: Server,
) -> None:
    client = await any_server.client_as(Role.VIEWER)
    one = next(one for one in all_providers() if one.name == "reddit.native")
    app = any_server.app
    for failure in (None, None, None, UnexpectedResponse("another form")):
        tried = Try(provider=one, host="", posts=10, failure=failure, resting_until=None)
        await app.tally.note(tried)

    async with client.get("/api/v1/providers") as answer:
        told = await answer.json()

    assert answer.status == 200
    (item,) = told["items"]
    assert (item["name"], item["platform"], item["state"]) == ("reddit.native", "reddit", "closed")
    assert item["day"] == {
        "delivered": 3, "failed": 1, "declined": 0, "posts": 40, "success": 0.75,
    }  # fmt: skip
    assert (item["reason"], item["detail"]) == ("site_changed", "another form")
    assert told["canaries"] == []


async def test_the_versions_of_the_extractors_are_told(server: Server) -> None:
    client = await server.client_as(Role.VIEWER)
    server.app.releases.keep_newest("yt-dlp", "2099.1.1", 1_900_000_000)

    async with client.get("/api/v1/extractors") as answer:
        items = {item["name"]: item for item in (await answer.json())["items"]}

    assert {"yt-dlp", "gallery-dl"} <= items.keys()
    assert items["gallery-dl"]["used"] == version("gallery-dl")
    assert items["yt-dlp"] == {
        "name": "yt-dlp",
        "used": version("yt-dlp"),
        "shipped": version("yt-dlp"),
        "previous": None,
        "newest": "2099.1.1",
        "checked_at": "2030-03-17T17:46:40Z",
    }
