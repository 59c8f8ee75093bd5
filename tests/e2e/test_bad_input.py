"""Input that is wrong, hostile or huge: each time a clear reason, and nothing lost or written elsewhere."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.program import Gatherum, digests
from tests.testsites.faulty import FaultySite, Offer
from tests.testsites.media import jpeg
from tests.testsites.samples import pixel_bomb

PRIVATE = [
    "http://10.0.0.1/a.jpg",
    "http://192.168.1.1/",
    "http://172.16.0.9/feed.xml",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/a.jpg",
    "http://[::ffff:10.0.0.1]/a.jpg",
    "http://[fe80::1]/a.jpg",
    "http://127.0.0.2/a.jpg",
    "http://0x7f000002/a.jpg",
    "http://2130706434/a.jpg",
    "http://0/a.jpg",
]
SCHEMES = [
    "file:///etc/passwd",
    "ftp://files.example/a.jpg",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "gopher://old.example/1",
]
NAMES = [
    "..%2F..%2F..%2F..%2Fetc%2Fcron.jpg",
    "..%5C..%5Cwindows.jpg",
    "%2E%2E%2F%2E%2E%2Fup.jpg",
    "a%00b.jpg",
    "bell%07%1B%5B31mred.jpg",
    "line%0Abreak%0D.jpg",
    "%E2%80%AEgpj.exe.jpg",
    "zero%E2%80%8Bwidth%EF%BB%BF.jpg",
    "CON.jpg",
    "%20%20.jpg",
    "...jpg",
    "~.jpg",
    "-rf.jpg",
    "%F0%9F%8F%94%EF%B8%8F.jpg",
    "%FF%FE%FD.jpg",
    "x" * 400 + ".jpg",
    "%C3%A9" * 200 + ".jpg",
]


@pytest.mark.parametrize("arguments", [["--from", "-"], []], ids=["pipe", "none"])
def test_where_nothing_was_given_the_code_is_2(arguments: list[str], program: Gatherum) -> None:
    ran = program("get", "--json", *arguments, stdin="# nothing\n\n")

    assert (ran.code, ran.out) == (2, "")
    assert "There is no link to get." in ran.err


ASKED_WRONG = [
    ["get", "--limit", "0", "http://a.example/"],
    ["get", "--limit", "many", "http://a.example/"],
    ["get", "--nothing", "http://a.example/"],
    ["get", "--from", "/there/is/no/list"],
    ["get", "--cookies", "/there/are/none", "http://a.example/a.jpg"],
    ["nonsense"],
    ["config", "set", "network.pace", "fast"],
    ["config", "set", "nothing.at_all", "1"],
    ["config", "set", "library.template", "../{nothing}"],
    ["follow", "http://a.example/a.jpg"],
    ["follow", "--every", "sometimes", "http://a.example/"],
    ["follow", "--filter", "colour:red", "http://a.example/"],
    ["media", "--state", "lost"],
    ["purge"],
    ["queue", "pause", "fast"],
    ["queue", "cancel", "nope"],
    ["subscriptions", "pause", "77"],
]


def test_what_cannot_be_done_as_asked_is_2_and_a_sentence(program: Gatherum) -> None:
    with ThreadPoolExecutor(3) as pool:
        for ran in pool.map(lambda arguments: program(*arguments), ASKED_WRONG):
            assert (ran.code, ran.out) == (2, ""), ran
            assert len(ran.err.strip()) > 20


def test_nonsense_beside_a_link_costs_only_itself(program: Gatherum, site: FaultySite) -> None:
    nonsense = ["hello", "http://", f"http://{'a' * 64}.example/a.jpg", "http://a.example:99999/"]

    ran = program.get(*nonsense, site.put("/a.jpg", jpeg("a")))

    assert (ran.code, ran.counts) == (1, (1, 0, 0, len(nonsense)))
    assert [(line.url, line.reason) for line in ran.links] == [
        (text, "unsupported") for text in nonsense
    ]


def test_private_addresses_and_other_schemes_are_refused(program: Gatherum) -> None:
    wrong = [*PRIVATE, *SCHEMES]

    ran = program.get(*wrong)

    assert (ran.code, ran.counts) == (1, (0, 0, 0, len(wrong)))
    told = {line.url: line.reason for line in ran.outcomes}
    assert set(told.values()) == {"refused"}, told
    assert len(told) >= len(wrong) - 1  # two forms of one address may become one
    assert program.held() == {}


def test_a_password_in_a_link_is_refused_and_not_repeated(program: Gatherum) -> None:
    ran = program.get("https://user:s3cret@files.example/a.jpg")

    assert (ran.code, ran.links[0].reason) == (1, "refused")
    assert "s3cret" not in ran.links[0].detail


@pytest.mark.parametrize(
    "goal",
    [
        "http://127.0.0.2:{port}/secret.jpg",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/a.jpg",
        "ftp://127.0.0.1/a.jpg",
    ],
)
def test_a_redirect_to_where_nobody_may_go_is_refused(
    goal: str, program: Gatherum, site: FaultySite
) -> None:
    port = site.url("").rpartition(":")[2]
    site.put("/secret.jpg", jpeg("secret"))
    file = site.redirect("/a.jpg", goal.format(port=port))
    page = site.redirect("/page", goal.format(port=port))

    ran = program.get(file, page)

    assert ran.code == 1
    assert [line.reason for line in ran.outcomes] == ["refused", "refused"], ran.out
    assert site.bodies["/secret.jpg"] == 0
    assert program.held() == {}


def test_a_redirect_within_what_is_allowed_is_followed(program: Gatherum, site: FaultySite) -> None:
    site.put("/true.jpg", jpeg("true"))

    ran = program.get(site.redirect("/a.jpg", "/true.jpg"))

    assert (ran.code, program.body(ran.only())) == (0, jpeg("true"))


def test_wicked_names_become_plain_ones_inside_the_library(
    program: Gatherum, site: FaultySite
) -> None:
    bodies = [jpeg(f"name {number}") for number in range(len(NAMES))]
    links = "".join(f'<a href="/f/{name}">x</a>' for name in NAMES)
    for name, body in zip(NAMES, bodies, strict=True):
        site.put(f"/f/{name.replace('%2E', '.')}", body)  # as a link in normal form has it
    assert program("config", "set", "library.template", "{title}/{filename}.{ext}").code == 0
    page = f"<!DOCTYPE html><title>../../../tmp/\u202eevil\x07</title>{links}"
    url = site.put("/list", page.encode(), content_type="text/html; charset=utf-8")
    before = outside(program)

    ran = program.get(url)

    assert (ran.code, ran.counts) == (0, (len(NAMES), 0, 0, 0)), ran.out
    held = program.held()
    assert sorted(held.values()) == digests(bodies)
    for path in held:
        odd = [c for c in path if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"}]
        assert odd == [], path
        parts = path.split("/")
        assert not {"", ".", ".."} & set(parts)
        assert all(len(part.encode()) <= 255 for part in parts)
        assert all(not part.startswith(("-", "~", " ")) for part in parts[1:])
    assert outside(program) == before


def test_a_caption_of_ten_megabytes_costs_no_file(program: Gatherum, site: FaultySite) -> None:
    body = jpeg("talker")
    words = "Ünd so weiter. " * 700_000
    image = site.put("/talk.jpg", body)
    feed = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>T</title><item>'
        f"<title>{words}</title><guid>1</guid><description>{words[:2_000_000]}</description>"
        f'<enclosure url="{image}" type="image/jpeg" length="1"/></item></channel></rss>'
    )
    link = site.put("/feed.xml", feed.encode(), content_type="application/rss+xml")

    ran = program.get(link)
    listed = program("posts")

    assert ran.code == 0, (ran.err[-500:], [line.detail for line in ran.links])
    assert ran.only().sha256 == digests([body])[0]
    assert (ran.only().caption or "").startswith("Ünd so weiter.")
    assert listed.code == 0
    assert len(listed.out) < 1000
    assert max(len(part.encode()) for path in program.held() for part in path.split("/")) < 256


def test_a_picture_that_is_a_web_page_is_never_stored(program: Gatherum, site: FaultySite) -> None:
    page = b"<!DOCTYPE html><html><title>Not found</title><p>Sorry</p></html>"
    login = b"<!DOCTYPE html><form><input type='password' name='p'></form>"
    one = site.put("/one.jpg", page)
    two = site.put("/two.jpg", login, content_type="text/html")

    ran = program.get(one, two)

    assert {line.url: line.reason for line in ran.media} == {
        one: "corrupt",
        two: "login_required",
    }
    assert ran.code == 3
    assert program.held() == {}


def test_a_picture_of_900_megapixels_is_stored_as_the_bytes_it_is(
    program: Gatherum, site: FaultySite
) -> None:
    bomb = pixel_bomb()

    ran = program.get(site.put("/bomb.png", bomb, content_type="image/png"))

    assert (ran.code, program.body(ran.only())) == (0, bomb)
    assert ran.seconds < 20


def test_a_body_without_end_is_given_up_where_the_settings_say(
    program: Gatherum, site: FaultySite
) -> None:
    program("config", "set", "network.max_file_size", "3MB")
    url = site.offer("/endless.jpg", Offer(body=jpeg("endless") * 20, endless=True))

    ran = program.get(url)

    assert (ran.code, ran.counts) == (0, (0, 0, 1, 0))
    assert ran.only().reason == "too_large"


def test_cookies_that_are_none_are_told(program: Gatherum, tmp_path: Path) -> None:
    junk = tmp_path / "cookies.txt"
    junk.write_text("this is my shopping list\n")

    ran = program.get("https://forum.example/a.jpg", "--cookies", str(junk))

    assert ran.code == 2
    assert "cookie" in ran.err.lower()


def outside(program: Gatherum) -> set[str]:
    """Return every path near the data folder that is not in the library's own folders."""
    top = program.data.parent
    return {
        str(path.relative_to(top))
        for path in top.rglob("*")
        if not path.is_relative_to(program.root)
        and not path.name.startswith("gatherum.db")
        and path.name != "scratch"  # where the engines work
    }
