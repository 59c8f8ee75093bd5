"""Cookies: read as browsers export them, sent only to where they belong."""

import json

import pytest

from gatherum.errors import InvalidInput
from gatherum.fetching.cookies import ends_at, parse_cookies

LINE = "{domain}\tTRUE\t{path}\t{secure}\t0\tsid\tsecret"


def line(domain: str = ".site.example", path: str = "/", secure: str = "FALSE") -> str:
    return LINE.format(domain=domain, path=path, secure=secure)


@pytest.mark.parametrize(
    ("cookie", "url", "sent"),
    [
        (line(), "https://site.example/", True),
        (line(), "https://www.site.example/", True),
        (line(), "https://evilsite.example/", False),
        (line(), "https://site.example.evil.example/", False),
        (line(secure="TRUE"), "http://site.example/", False),
        (line(path="/a"), "https://site.example/a", True),
        (line(path="/a"), "https://site.example/a/b", True),
        (line(path="/a/"), "https://site.example/a/b", True),
        (line(path="/a"), "https://site.example/ab", False),
        (line(path="/a"), "https://site.example/", False),
    ],
)
def test_a_cookie_goes_to_its_own_host_and_path_alone(
    cookie: str,
    url: str,
    sent: bool,  # noqa: FBT001 - a parameter
) -> None:
    jar = parse_cookies(cookie)

    assert jar.header(url) == ("sid=secret" if sent else "")


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "{}", '{"cookies": []}'])
def test_an_export_without_cookies_is_refused_when_it_is_given(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_cookies(text)


@pytest.mark.parametrize("value", ["a\nb", "a\r\nX: y", "a\tb", "a\0b"])
def test_a_cookie_cannot_bring_a_line_of_its_own(value: str) -> None:
    export = json.dumps([{"domain": "site.example", "name": "sid", "value": value}])

    with pytest.raises(InvalidInput):
        parse_cookies(export)


def test_what_is_kept_is_what_was_given() -> None:
    export = json.dumps(
        [{"domain": ".site.example", "name": "sid", "value": "é=1; x", "expirationDate": 4e9}]
    )
    jar = parse_cookies(export)

    assert parse_cookies(jar.netscape() or "") == jar


def until(name: str, ends: float | None) -> dict[str, object]:
    return {"domain": ".site.example", "name": name, "value": "v", "expirationDate": ends}


@pytest.mark.parametrize(
    ("platform", "cookies", "ends"),
    [
        ("x", [until("auth_token", 900.0), until("guest", 5.0), until("other", 2000.0)], 900.0),
        ("x", [until("auth_token", None), until("guest", 5.0)], None),
        ("tiktok", [until("sessionid", 700.0), until("sessionid_ss", 800.0)], 800.0),
        ("x", [until("guest", 5.0), until("other", 2000.0)], 2000.0),
        ("forum", [until("a", 5.0), until("b", 600.0), until("c", None)], 600.0),
        ("", [until("auth_token", 900.0), until("b", 2000.0)], 2000.0),
        ("forum", [until("a", None)], None),
    ],
)
def test_cookies_end_with_their_session_and_not_with_the_first_of_them(
    platform: str, cookies: list[dict[str, object]], ends: float | None
) -> None:
    assert ends_at(parse_cookies(json.dumps(cookies)), platform) == ends


def test_a_cookie_is_repeated_in_a_header_only_where_a_host_wants_it() -> None:
    jar = parse_cookies('.www.linkedin.com\tTRUE\t/\tTRUE\t0\tJSESSIONID\t"ajax:1"')
    elsewhere = parse_cookies('.site.example\tTRUE\t/\tTRUE\t0\tJSESSIONID\t"ajax:1"')

    assert jar.headers("https://www.linkedin.com/voyager/api/me") == {
        "Cookie": 'JSESSIONID="ajax:1"',
        "Csrf-Token": "ajax:1",
    }
    assert jar.headers("https://media.licdn.com/") == {}
    assert elsewhere.headers("https://www.linkedin.com/") == {}
    assert elsewhere.headers("https://site.example/") == {"Cookie": 'JSESSIONID="ajax:1"'}
