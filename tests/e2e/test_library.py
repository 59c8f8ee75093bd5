"""The commands that look at the library, clean it, check it and give it away."""

import json

import pytest

from tests.e2e.contract import (
    Explained,
    FindingLine,
    MediaLine,
    PostLine,
    SettingLine,
    SubscriptionLine,
)
from tests.e2e.program import Gatherum, Ran, digests
from tests.testsites.faulty import FaultySite, Offer
from tests.testsites.media import jpeg


@pytest.fixture
def bodies(site: FaultySite) -> dict[str, bytes]:
    made = {f"/pic/{number}.jpg": jpeg(f"pic {number}") for number in range(4)}
    return {site.put(path, body): body for path, body in made.items()}


@pytest.fixture
def media(program: Gatherum, bodies: dict[str, bytes]) -> dict[str, MediaLine]:
    """A library of four files, by link."""
    ran = program.get(*bodies)
    assert ran.counts == (4, 0, 0, 0)
    return {line.url: line for line in ran.media}


def test_trash_restore_purge_and_allow(
    program: Gatherum, media: dict[str, MediaLine], bodies: dict[str, bytes], site: FaultySite
) -> None:
    url, line = next(iter(media.items()))
    whole = program.held()

    trashed = program("trash", line.id)
    listed = program("media", "--json", "--state", "trashed").media
    kept_away = program.get(url)
    assert trashed.code == 0
    assert [one.id for one in listed] == [line.id]
    assert line.path not in program.held()
    assert (kept_away.code, kept_away.counts) == (0, (0, 0, 1, 0))
    assert kept_away.only().reason == "deleted"

    restored = program("restore", line.id)
    assert restored.code == 0
    assert program.held() == whole

    assert program("trash", line.id).code == 0
    purged = program("purge", line.id, "--yes")
    assert purged.code == 0
    assert list((program.root / ".trash").rglob("*.jpg")) == []
    still_away = program.get(url)
    assert (still_away.code, still_away.only().reason) == (0, "deleted")
    assert program("restore", line.id).code == 2
    assert site.bodies[url.removeprefix(site.url(""))] == 1

    allowed = program("allow", line.id)
    assert allowed.code == 0
    assert program.held() == whole
    assert site.bodies[url.removeprefix(site.url(""))] == 2
    assert program("check", "--json").out == ""
    assert sorted(program.held().values()) == digests(list(bodies.values()))


def test_what_is_not_there_cannot_be_trashed(program: Gatherum) -> None:
    ran = program("trash", "4711")

    assert ran.code == 1
    assert "0 of 1" in ran.out


def test_a_purge_asks_first(program: Gatherum, media: dict[str, MediaLine]) -> None:
    line = next(iter(media.values()))
    program("trash", line.id)

    refused = program("purge", "--all", stdin="n\n")

    assert refused.code == 1
    assert program("restore", line.id).code == 0


def test_check_finds_what_is_damaged_missing_or_strange_and_repairs(
    program: Gatherum, media: dict[str, MediaLine], bodies: dict[str, bytes]
) -> None:
    damaged, missing, resized, _ = media.values()
    whole = program.held()
    assert program("check", "--json").code == 0
    flip(program, damaged)
    (program.root / str(missing.path)).unlink()
    (program.root / str(resized.path)).write_bytes(b"short")
    (program.root / "library" / "stranger.txt").write_text("hello")

    full, quick = program("check", "--json"), program("check", "--json", "--quick")

    assert full.code == quick.code == 1
    stranger = ("stranger", "library/stranger.txt")
    assert findings(full) == {
        ("damaged", damaged.path),
        ("missing", missing.path),
        ("damaged", resized.path),
        stranger,
    }
    assert findings(quick) == findings(full) - {("damaged", damaged.path)}
    (one,) = (f for f in full.all(FindingLine) if f.flaw == "missing")
    assert one.media == [missing.media]

    repaired = program("check", "--repair", "--json")

    assert repaired.code == 1  # the stranger is still there: it is never touched
    after = {path: digest for path, digest in program.held().items() if "stranger" not in path}
    assert sorted(after.values()) == digests(list(bodies.values()))
    assert set(after) == set(whole)
    assert findings(program("check", "--json")) == {stranger}


def test_a_file_that_is_gone_at_its_source_stays_missing_and_is_told(
    program: Gatherum, site: FaultySite
) -> None:
    line = program.get(site.put("/a.jpg", jpeg("a"))).only()
    (program.root / str(line.path)).unlink()
    site.offer("/a.jpg", Offer(status=404, body=b"no"))

    ran = program("check", "--repair", "--json")

    assert ran.code == 1
    assert program.get(line.url).code == 1


def test_export_writes_everything_as_lines(
    program: Gatherum, media: dict[str, MediaLine], site: FaultySite
) -> None:
    link = site.put("/feed.xml", FEED, content_type="application/rss+xml")
    assert program("follow", link, "--filter", "kind:image", "--every", "6h").code == 0

    ran = program("export")

    assert ran.code == 0
    assert {line.media for line in ran.all(MediaLine)} == {line.media for line in media.values()}
    assert len(ran.all(PostLine)) == 4
    (followed,) = ran.all(SubscriptionLine)
    assert (followed.url, followed.filter) == (link, "kind:image")
    settings = {line.key: line.value for line in ran.all(SettingLine)}
    assert settings["network.pace"] == "0.0"


def test_settings_are_read_changed_listed_and_taken_back(program: Gatherum) -> None:
    assert program("config", "get", "library.trash_days").out == "30\n"
    assert program("config", "set", "library.trash_days", "7").code == 0
    assert program("config", "get", "library.trash_days").out == "7\n"
    wrong = program("config", "set", "library.trash_days", "-7")
    assert (wrong.code, wrong.out) == (2, "")
    assert program("config", "set", "library.trash_days").out == "library.trash_days = 30\n"

    listed = {line.key for line in program("config", "list", "--json").all(SettingLine)}

    assert {"network.pace", "library.template", "instagram.viewer_sites"} <= listed
    words = program("config", "list").out
    assert all(f"{key} = " in words for key in listed)


def test_a_template_shows_where_files_will_lie_and_moves_none(
    program: Gatherum, media: dict[str, MediaLine], site: FaultySite
) -> None:
    before = {str(line.path) for line in media.values()}
    wrong = program("config", "set", "library.template", "{nonsense}/{ext}")
    ran = program("config", "set", "library.template", "{kind}/{filename}.{ext}")

    new = program.get(site.put("/x/Beach day.jpg".replace(" ", "%20"), jpeg("beach")))
    twin = program.get(site.put("/y/Beach%20day.jpg", jpeg("another beach")))

    assert wrong.code == 2
    assert ran.code == 0
    assert new.only().path == "library/image/Beach day.jpg"
    assert twin.only().path != new.only().path
    assert set(program.held()) == before | {str(new.only().path), str(twin.only().path)}


def test_links_are_explained_without_any_request(program: Gatherum, site: FaultySite) -> None:
    unknown = site.put("/some/page", b"<p>hello", content_type="text/html")
    links = {
        "https://www.reddit.com/user/alice": ("reddit", "user", []),
        "https://files.example/a.jpg": ("direct", "file", []),
        "https://vimeo.com/76979871": ("vimeo", "ytdlp", []),
        unknown: (None, None, ["probe"]),
    }

    ran = program("explain", "--json", *links, "--from", "-", stdin="nonsense\n")

    assert ran.code == 1
    assert "nonsense" in ran.err
    explained = [Explained.model_validate_json(line) for line in ran.out.splitlines()[:-1]]
    assert [line.url for line in explained] == list(links)
    assert json.loads(ran.out.splitlines()[-1])["url"] == "nonsense"
    for line in explained:
        assert (line.platform, line.feed, line.needs) == links[line.url]
        assert bool(line.providers) == (line.needs != ["probe"])
    assert site.log == []
    assert program("explain", *links).code == 0
    assert program("explain", "file:///etc/passwd").code == 1
    assert program("explain", "nonsense").code == 2


def test_explain_remembers_what_a_host_was_found_to_be(program: Gatherum, site: FaultySite) -> None:
    link = site.put("/feed.xml", FEED, content_type="application/rss+xml")
    program.get(link)
    asked = len(site.log)

    (line,) = program("explain", "--json", link).explained

    assert (line.platform, line.feed, line.needs) == ("feed", "entries", [])
    assert len(site.log) == asked


def test_every_line_is_one_object_even_if_a_caption_has_many(
    program: Gatherum, site: FaultySite
) -> None:
    image = site.put("/p.jpg", jpeg("p"))
    text = FEED.replace(
        b"</channel>",
        b"<item><title>one&#10;two&#x2028;three</title><guid>g</guid>"
        b'<enclosure url="' + image.encode() + b'" type="image/jpeg" length="1"/></item></channel>',
    )
    link = site.put("/feed.xml", text, content_type="application/rss+xml")

    ran = program.get(link)

    assert len(ran.out.strip("\n").split("\n")) == 2
    assert all(isinstance(json.loads(line), dict) for line in ran.out.strip("\n").split("\n"))


def findings(ran: Ran) -> set[tuple[str, str | None]]:
    return {(line.flaw, line.path) for line in ran.all(FindingLine)}


def flip(program: Gatherum, line: MediaLine) -> None:
    """Turn one bit of a file, as an old disk does."""
    path = program.root / str(line.path)
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)


FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title></channel></rss>'
