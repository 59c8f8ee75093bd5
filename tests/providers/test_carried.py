"""A link that carries another one is that one, everywhere."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatherum.acquiring.jobs import new_link_job
from gatherum.errors import InvalidInput, Refused
from gatherum.providers import find_targets, normalise
from gatherum.providers.urls import DEEPEST, resolve

FOG = "https://fog.example/a%20walk?x=1&y=%C3%A4"
CARRIED = quote(FOG, safe="")
LOGIN = "https://www.instagram.com/accounts/login/?next="


@pytest.mark.parametrize(
    "link",
    [
        f"https://l.instagram.com/?u={CARRIED}&e=AT0x",
        f"https://l.facebook.com/l.php?u={CARRIED}&h=AT0x",
        f"https://lm.facebook.com/l.php?u={CARRIED}&h=AT0x",
        f"https://www.facebook.com/l.php?h=AT0x&u={CARRIED}",
        f"https://l.threads.net/?u={CARRIED}&e=AT0x",
        f"https://l.threads.com/?u={CARRIED}&e=AT0x",
        f"https://l.messenger.com/l.php?u={CARRIED}",
        f"https://out.reddit.com/t3_1abc?url={CARRIED}&token=AQ",
        f"https://out.reddit.com/?url={CARRIED}",
        f"https://www.reddit.com/media?url={CARRIED}",
        f"https://www.youtube.com/redirect?event=x&redir_token=Q&q={CARRIED}&v=dQw4w9WgXcQ",
        f"https://m.youtube.com/redirect?q={CARRIED}",
        f"https://www.google.com/url?q={CARRIED}&sa=D",
        f"https://www.google.co.uk/url?sa=t&q=&esrc=s&url={CARRIED}&usg=x",
        f"http://google.de/url?url={CARRIED}",
        f"https://www.google.com/imgres?imgurl={CARRIED}&imgrefurl=https%3A%2F%2Fh.example%2F",
        f"https://t.umblr.com/redirect?z={CARRIED}&t=YzZk",
        f"https://vk.com/away.php?to={CARRIED}&cc_key=",
        f"https://steamcommunity.com/linkfilter/?u={CARRIED}",
        f"https://steamcommunity.com/linkfilter/?url={CARRIED}",
        f"https://www.linkedin.com/redir/redirect?url={CARRIED}&urlhash=x&trk=y",
        f"https://www.linkedin.com/redir/general-malware-page?url={CARRIED}",
        f"https://www.linkedin.com/safety/go?url={CARRIED}&trk=x",
        f"https://www.tiktok.com/link/v2?aid=1988&lang=en&scene=bio_url&target={CARRIED}",
        f"https://in.pinterest.com/offsite/?token=900-267&url={CARRIED}&pin=24",
        f"https://twitter.com/i/redirect?url={CARRIED}",
        f"https://go.bsky.app/redirect?u={CARRIED}",
        f"https://exit.sc/?url={CARRIED}",
        f"https://gate.sc/?url={CARRIED}&token=x",
        f"https://duckduckgo.com/l/?uddg={CARRIED}&rut=x",
        f"https://l.instagram.com/?u={CARRIED.replace('%2520', '%20')}",
        f"https://l.instagram.com/?u={CARRIED.replace('%2520', '+')}",
        f"https://L.INSTAGRAM.com/?u={CARRIED.replace('%3A', '%3a').replace('%2F', '%2f')}#x",
        f"https://l.instagram.com/?u={quote(f'https://l.facebook.com/l.php?u={CARRIED}', safe='')}",
    ],
)  # fmt: skip
def test_a_link_that_leads_out_is_what_it_leads_to(link: str) -> None:
    assert normalise(link) == FOG


@pytest.mark.parametrize(
    ("wall", "behind"),
    [
        (f"{LOGIN}/p/DPlabcdEFGH/", "https://www.instagram.com/p/DPlabcdEFGH/"),
        (
            f"{LOGIN}https%3A%2F%2Fwww.instagram.com%2Fann%2F%3Fhl%3Dfr&is_from_rle",
            "https://www.instagram.com/ann/?hl=fr",
        ),
        (
            f"{LOGIN}%2Faccounts%2Flogin%2F%3Fnext%3D%252Fann%252F",
            "https://www.instagram.com/ann/",
        ),
        (
            "https://www.facebook.com/login/?next=https%3A%2F%2Fwww.facebook.com%2Fphoto%2F%3Ffbid%3D1",
            "https://www.facebook.com/photo/?fbid=1",
        ),
        ("https://m.facebook.com/login.php?next=%2Fann", "https://m.facebook.com/ann"),
        ("https://www.pinterest.com/login/?next=%2Fpin%2F12%2F", "https://www.pinterest.com/pin/12/"),
        ("https://x.com/login?redirect_after_login=%2Fann", "https://x.com/ann"),
        (
            "https://twitter.com/i/flow/login?redirect_after_login=%2Fann%2Fstatus%2F12",
            "https://twitter.com/ann/status/12",
        ),
        (
            "https://www.tiktok.com/login?redirect_url=https%3A%2F%2Fwww.tiktok.com%2F%40ann&lang=en",
            "https://www.tiktok.com/@ann",
        ),
        (
            "https://www.linkedin.com/uas/login?session_redirect=%2Fin%2Fann&trk=x",
            "https://www.linkedin.com/in/ann",
        ),
        (
            "https://www.linkedin.com/authwall?trk=bf&sessionRedirect=https%3A%2F%2Fde.linkedin.com%2Fin%2Fann",
            "https://de.linkedin.com/in/ann",
        ),
        (
            "https://www.reddit.com/login/?dest=https%3A%2F%2Fwww.reddit.com%2Fr%2Fcats",
            "https://www.reddit.com/r/cats",
        ),
        (
            "https://old.reddit.com/over18?dest=https://old.reddit.com/r/cats",
            "https://old.reddit.com/r/cats",
        ),
        (
            "https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3DdQw4w9WgXcQ%26feature%3Dshare",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ&feature=share",
        ),
    ],
)  # fmt: skip
def test_a_wall_is_what_stands_behind_it(wall: str, behind: str) -> None:
    assert normalise(wall) == normalise(behind)
    assert find_targets(wall) == find_targets(behind)


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/url?q=cats",
        "https://www.google.com/search?q=https://a.example/",
        "https://l.instagram.com/?u=javascript:alert(1)",
        "https://l.instagram.com/?u=//evil.example/",
        "https://l.instagram.com/?u=%2F%2Fevil.example%2F",
        "https://l.instagram.com/?u=file:///etc/passwd",
        "https://l.instagram.com/?e=x",
        "https://www.instagram.com/accounts/login/?hl=de",
        "https://www.instagram.com/p/DPlabcdEFGH/?next=https://a.example/",
        "https://l.facebook.com.evil.example/l.php?u=https://a.example/",
        "https://evil.example/l.facebook.com/l.php?u=https://a.example/",
        "https://notvk.com/away.php?to=https://a.example/",
        "https://x.com/intent/tweet?url=https://a.example/",
        "https://web.archive.org/web/2026/https://a.example/?u=https://b.example/",
    ],
)
def test_any_other_link_stays_what_it_is(link: str) -> None:
    assert normalise(link) == link


def test_what_is_carried_is_judged_as_if_it_came_bare() -> None:
    with pytest.raises(Refused, match="password"):
        normalise("https://l.instagram.com/?u=https%3A%2F%2Fme%3Asecret%40a.example%2F")
    with pytest.raises(InvalidInput):
        normalise("https://l.instagram.com/?u=https%3A%2F%2F%5B")
    with pytest.raises(InvalidInput):
        normalise("https://l.instagram.com/?u=https%3A%2F%2Fa.example%2F%0Ab")
    assert resolve(FOG, "https://l.instagram.com/?u=https%3A%2F%2Fme%40a.example%2F") is None


def test_a_link_in_a_link_over_and_over_is_refused() -> None:
    link = FOG
    for _ in range(DEEPEST):
        link = f"https://vk.com/away.php?to={quote(link, safe='')}"
    assert normalise(link) == FOG

    with pytest.raises(Refused, match="over and over"):
        normalise(f"https://vk.com/away.php?to={quote(link, safe='')}")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_what_was_carried_is_in_its_normal_form(rest: str) -> None:
    carried = quote(f"https://fog.example/{rest}", safe="")
    try:
        link = normalise(f"https://l.instagram.com/?u={carried}&e=AT0")
    except InvalidInput:
        return

    assert normalise(link) == link


def test_a_link_and_one_that_carries_it_are_one_job() -> None:
    wall, post = f"{LOGIN}/p/DPlabcdEFGH/", "https://www.instagram.com/p/DPlabcdEFGH/"

    one, other = (new_link_job(url, None, limit=None, login=None).dedup_key for url in (wall, post))

    assert one == other
