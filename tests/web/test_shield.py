"""The shield, round a small application: what is let in, what is told, and in which form."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from ipaddress import ip_network

import aiohttp
import pytest
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from gatherum.errors import InvalidInput
from gatherum.safety.serving import bound, listening
from gatherum.settings import BootSettings
from gatherum.web import bodies
from gatherum.web.answers import Json
from gatherum.web.errors import install
from gatherum.web.headers import ALWAYS
from gatherum.web.routing import Body
from gatherum.web.shield import Shield
from gatherum.web.site import Site, check_plain_http, make_site
from tests.attacks.raw import exchange, head

FOREIGN = "https://evil.example"


class Small(Body):
    text: str


def make_application(seen: list[str]) -> FastAPI:
    """Return a few routes that say what reaches them."""
    web = FastAPI(default_response_class=Json, openapi_url=None, redirect_slashes=False)
    install(web)

    @web.get("/api/v1/things/{name}")
    async def thing(name: str, request: Request) -> dict[str, str]:
        seen.append(name)
        assert request.client is not None
        return {"name": name, "client": request.client.host, "scheme": request.url.scheme}

    @web.post("/api/v1/things")
    async def make(body: Small) -> dict[str, str]:
        seen.append(body.text)
        return {"text": body.text}

    @web.post("/api/v1/import")
    async def take(request: Request) -> dict[str, int]:
        size = 0
        async for piece in request.stream():
            size += len(piece)
        seen.append(f"{size} bytes")
        return {"size": size}

    @web.get("/api/v1/boom")
    async def boom() -> None:
        raise RuntimeError("a path /opt/secret and select 1")

    @web.get("/api/v1/half")
    async def half() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"first"
            raise RuntimeError("too late to say so")

        return StreamingResponse(pieces())

    @web.get("/file")
    async def file() -> Response:
        return Response(b"x", headers={"Content-Security-Policy": "sandbox"})

    @web.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    return web


class Running:
    """The small application behind the shield, on a port."""

    def __init__(self, shield: Shield, site: Site, port: int, seen: list[str]) -> None:
        self.shield, self.site, self.port, self.seen = shield, site, port, seen
        self.url = f"http://127.0.0.1:{port}"

    async def ask(
        self, method: str, path: str, *, data: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request with just these headers (`_` stands for `-`)."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = None if data is None else io.BytesIO(data)
        skip = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
        async with (
            aiohttp.ClientSession(skip_auto_headers=skip) as session,
            session.request(method, self.url + path, data=sent, headers=named) as answer,
        ):
            body = await answer.read()
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, body


async def start(
    *, public: str = "", base_path: str = "", proxies: tuple[str, ...] = ()
) -> AsyncIterator[Running]:
    seen: list[str] = []
    with bound("127.0.0.1", 0) as place:
        settings = BootSettings(
            public_url=public, base_path=base_path, trusted_proxies=proxies, _env_file=None
        )
        site = make_site(settings, place.getsockname()[1])
        shield = Shield(make_application(seen), site, lambda *_: None)
        async with listening(shield, on=place, refuse=shield.refuse, grace_s=1) as port:
            yield Running(shield, site, port, seen)


@pytest.fixture
async def here() -> AsyncIterator[Running]:
    async for running in start():
        yield running


@pytest.fixture
async def public() -> AsyncIterator[Running]:
    """As it stands behind a proxy with https, below a path."""
    async for running in start(public="https://media.example/gatherum", proxies=("127.0.0.0/8",)):
        yield running


JSON = {"Content_Type": "application/json"}
SENT = b'{"text":"hello"}'


# What comes from another site.


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Cookie": "sid=x", "Origin": "OURS"}, 200),
        ({"Cookie": "sid=x", "Origin": "OURS", "Sec_Fetch_Site": "same-origin"}, 200),
        ({"Cookie": "sid=x", "Sec_Fetch_Site": "same-origin"}, 200),
        ({"Cookie": "sid=x"}, 403),
        ({"Cookie": "sid=x", "Origin": FOREIGN}, 403),
        ({"Cookie": "sid=x", "Origin": "null"}, 403),
        ({"Cookie": "sid=x", "Origin": ""}, 403),
        ({"Cookie": "sid=x", "Origin": "OURS", "Sec_Fetch_Site": "cross-site"}, 403),
        ({"Cookie": "sid=x", "Origin": "OURS", "Sec_Fetch_Site": "same-site"}, 403),
        ({"Cookie": "sid=x", "Sec_Fetch_Site": "none"}, 403),
        ({"Cookie": "sid=x", "Origin": "OURS.evil.example"}, 403),
        ({"Cookie": "sid=x", "Origin": "https://127.0.0.1:PORT"}, 403),  # another scheme
        ({"Cookie": "sid=x", "Origin": "http://localhost:PORT"}, 403),  # ours, under another name
        ({"Cookie": "sid=x", "Origin": "http://127.0.0.1"}, 403),  # another port
        ({"Cookie": "other=x", "Authorization": "Bearer y", "Origin": FOREIGN}, 403),
        ({"Cookie": "sid=x", "X_Api_Key": "y"}, 403),
        ({"Origin": FOREIGN}, 403),  # to be signed in as somebody else is an attack, too
        ({"Authorization": "Bearer y"}, 200),
        ({"X_Api_Key": "y", "Origin": FOREIGN}, 200),
        ({}, 200),  # a program that signs in
    ],
)
async def test_an_unsafe_request_must_come_from_our_own_page(
    headers: dict[str, str], status: int, here: Running
) -> None:
    sent = {
        name: value.replace("OURS", here.url).replace("PORT", str(here.port))
        for name, value in headers.items()
    }

    told, _, body = await here.ask("POST", "/api/v1/things", data=SENT, **JSON, **sent)

    assert told == status, body
    assert here.seen == (["hello"] if status == 200 else [])


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_every_unsafe_method_is_judged(method: str, here: Running) -> None:
    assert (await here.ask(method, "/api/v1/things", Cookie="sid=x", Origin=FOREIGN))[0] == 403
    assert (await here.ask(method, "/api/v1/things", Cookie="sid=x", Origin=here.url))[0] == 405


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}, 403),
        ({"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}, 200),
        ({"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors"}, 200),
        ({"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate"}, 200),
        ({}, 200),
    ],
)
async def test_another_site_cannot_embed_what_only_a_cookie_opens(
    headers: dict[str, str], status: int, here: Running
) -> None:
    sent = {"Cookie": "sid=x", **headers}

    assert (await here.ask("GET", "/api/v1/things/a", data=None, **sent))[0] == status


async def test_no_other_origin_is_given_leave(here: Running) -> None:
    for method in ("OPTIONS", "GET"):
        _, headers, _ = await here.ask(
            method, "/api/v1/things/a", Origin=FOREIGN, Access_Control_Request_Method="POST"
        )
        assert not [name for name in headers if name.startswith("access-control-")]


# Under which name.


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:PORT", 200),
        ("localhost:PORT", 200),
        ("LOCALHOST:PORT", 200),
        ("[::1]:PORT", 200),
        ("localhost", 421),
        ("localhost:1", 421),
        ("evil.example", 421),
        ("evil.example:PORT", 421),
        ("localhost:PORT.evil.example", 421),
        ("localhost.:PORT", 421),
        ("user@localhost:PORT", 421),
        ("127.0.0.1.nip.io:PORT", 421),
        ("2130706433:PORT", 421),
        ("", 421),
    ],
)
async def test_only_our_own_names_are_answered(host: str, status: int, here: Running) -> None:
    told, _, _ = await here.ask(
        "GET", "/api/v1/things/a", Host=host.replace("PORT", str(here.port))
    )

    assert told == status


@pytest.mark.parametrize(
    ("host", "status"),
    [("10.0.0.7:8420", 200), ("localhost", 200), ("[fd00::1]", 200), ("evil.example", 421)],
)
async def test_a_supervisor_may_ask_by_the_address_of_the_machine(
    host: str, status: int, here: Running
) -> None:
    assert (await here.ask("GET", "/health/live", Host=host))[0] == status
    assert (await here.ask("GET", "/api/v1/things/a", Host=host))[0] == 421


@pytest.mark.parametrize("name", ["Host", "Origin", "Sec-Fetch-Site", "Content-Type"])
async def test_what_counts_must_not_be_said_twice(name: str, here: Running) -> None:
    values = {"Host": f"localhost:{here.port}", "Content-Type": "application/json"}
    value = values.get(name, "same-origin")
    twice = [f"{name}: {value}"] * (1 if name == "Host" else 2)

    told = await exchange(here.port, head(here.port, "GET", "/api/v1/things/a", *twice))

    assert told.status == 400


# In which form.


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("text/plain", 415),
        ("text/plain; application/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonp", 415),
        ("", 415),
    ],
)
async def test_a_body_is_json_and_says_so(kind: str, status: int, here: Running) -> None:
    told, _, _ = await here.ask("POST", "/api/v1/things", data=SENT, Content_Type=kind)

    assert told == status
    assert here.seen == (["hello"] if status == 200 else [])


async def test_a_packed_body_is_not_unpacked(here: Running) -> None:
    assert (await here.ask("POST", "/api/v1/things", data=SENT, Content_Encoding="gzip", **JSON))[
        0
    ] == 415


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PROPFIND", "LOCK", "PURGE", "MKCOL"])
async def test_methods_that_nobody_needs_are_refused(method: str, here: Running) -> None:
    told = await exchange(
        here.port, head(here.port, method, "/api/v1/things/a", "X-Api-Key: secret"), seconds=0.5
    )

    assert told.status == 405 if method != "TRACK" else 400
    assert b"secret" not in told.raw


async def test_a_trace_is_no_request_of_another_site(here: Running) -> None:
    told = await exchange(
        here.port, head(here.port, "TRACE", "/api/v1/things/a", "Cookie: sid=secret"), seconds=0.5
    )

    assert told.status == 405
    assert b"secret" not in told.raw


async def test_a_tunnel_is_refused(here: Running) -> None:
    told = await exchange(here.port, head(here.port, "CONNECT", "evil.example:443"))

    assert (told.status, told.closed) == (405, True)


@pytest.mark.parametrize("path", ["/api/v1/things/a%00b", "/api/v1/things/a%0d%0ab", "/?q=%00"])
async def test_control_characters_are_refused(path: str, here: Running) -> None:
    assert (await exchange(here.port, head(here.port, "GET", path))).status == 422


# How much.


async def test_a_body_that_says_to_be_too_large_is_refused_before_it_is_read(
    here: Running,
) -> None:
    sent = head(here.port, "POST", "/api/v1/things", "Content-Type: application/json")
    sent = sent[:-2] + b"Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n"

    told = await exchange(here.port, sent)

    assert (told.status, told.closed) == (413, True)


async def test_a_body_that_becomes_too_large_is_refused_and_forgotten(here: Running) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"text":"'
        for _ in range(40):
            yield b"x" * 65_536
        yield b'"}'

    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{here.url}/api/v1/things",
            data=pieces(),
            headers={"Content-Type": "application/json"},
        ) as answer,
    ):
        told = await answer.json(content_type="application/problem+json")

    assert (answer.status, told["title"], here.seen) == (413, "Too large", [])


async def test_the_largest_body_is_taken(here: Running) -> None:
    frame = b'{"text":""}'
    body = b'{"text":"' + b"x" * 65_000 + b'"}' + b" " * (1024**2 - 65_000 - len(frame))

    assert len(body) == 1024**2
    assert (await here.ask("POST", "/api/v1/things", data=body, **JSON))[0] == 200
    assert (await here.ask("POST", "/api/v1/things", data=body + b" ", **JSON))[0] == 413


async def test_an_import_is_larger_than_others_and_has_an_end_too(
    here: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = {"Content_Type": "application/x-ndjson"}
    body = b"x" * (3 * 1024**2)

    assert (await here.ask("POST", "/api/v1/import", data=body, **kind))[0] == 200
    assert here.seen == [f"{len(body)} bytes"]

    small = bodies.Intake(types=frozenset({"application/x-ndjson"}), limit=1024)
    monkeypatch.setattr(bodies, "STREAMS", {("POST", "/api/v1/import"): small})
    assert (await here.ask("POST", "/api/v1/import", data=body, **kind))[0] == 413
    assert len(here.seen) == 1


# What is told.

REFUSED = [
    ("GET", "/api/v1/things/a", {}, 200),
    ("GET", "/api/v1/nothing", {}, 404),
    ("DELETE", "/api/v1/things/a", {}, 405),
    ("POST", "/api/v1/things", {"Cookie": "sid=x"}, 403),
    ("POST", "/api/v1/things", {"Content-Length": "2000000", "Expect": "100-continue"}, 413),
    ("POST", "/api/v1/things", {"Content-Length": "2", "Content-Type": "text/plain"}, 415),
    ("POST", "/api/v1/things", {"Content-Length": "2", "Content-Type": "application/json"}, 422),
    ("GET", "/api/v1/boom", {}, 500),
    ("TRACE", "/api/v1/things/a", {}, 405),
    ("CONNECT", "evil.example:443", {}, 405),
    ("GET", "http://evil.example/", {}, 400),
    ("GET", "/" + "x" * 9000, {}, 414),
    ("GET", "/api/v1/things/a", {"X-Long": "x" * 40_000}, 431),
    ("GET", "/api/v1/things/a", {f"X-{number}": "x" for number in range(120)}, 431),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), REFUSED)
async def test_every_answer_has_all_headers_whoever_gives_it(
    method: str, path: str, headers: dict[str, str], status: int, here: Running
) -> None:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    body = b"{}" if headers.get("Content-Length") == "2" else b""

    told = await exchange(here.port, head(here.port, method, path, *lines) + body)

    assert told.status == status
    for name, value in ALWAYS:
        assert told.headers[name.decode()] == value.decode()
    assert "require-trusted-types-for 'script'" in told.headers["content-security-policy"]
    assert told.headers["cache-control"] == "no-store"
    assert len(told.headers["x-request-id"]) == 16
    assert "strict-transport-security" not in told.headers
    assert "server" not in told.headers
    if status >= 400:
        problem = json.loads(told.body)
        assert told.headers["content-type"] == "application/problem+json"
        assert (problem["status"], set(problem)) == (
            status,
            {"type", "title", "status", "detail", "id"},
        )


async def test_a_host_that_is_not_ours_gets_the_headers_too(here: Running) -> None:
    status, headers, body = await here.ask("GET", "/api/v1/things/a", Host="evil.example")

    assert (status, json.loads(body)["status"]) == (421, 421)
    assert {name.decode(): value.decode() for name, value in ALWAYS}.items() <= headers.items()


async def test_an_answer_keeps_its_own_policy(here: Running) -> None:
    _, headers, _ = await here.ask("GET", "/file")

    assert headers["content-security-policy"] == "sandbox"
    assert "cache-control" not in headers


async def test_https_is_asked_for_where_people_use_it(public: Running) -> None:
    for path in ("/gatherum/api/v1/things/a", "/gatherum/api/v1/nothing", "/gatherum/api/v1/boom"):
        _, headers, _ = await public.ask("GET", path, Host="media.example")
        assert headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


async def test_an_error_of_ours_tells_an_id_and_the_log_tells_the_rest(here: Running) -> None:
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as logged:
        status, headers, body = await here.ask("GET", "/api/v1/boom")

    problem = json.loads(body)
    crash = next(each for each in logged if each["event"] == "request_crashed")
    assert status == 500
    assert problem["id"] == headers["x-request-id"] == crash["request"]
    assert b"secret" not in body
    assert b"select" not in body
    assert b"RuntimeError" not in body


async def test_an_answer_that_breaks_off_is_cut_and_not_ended(here: Running) -> None:
    told = await exchange(here.port, head(here.port, "GET", "/api/v1/half"))

    assert (told.status, told.closed) == (200, True)
    assert b"first" in told.raw
    assert not told.raw.endswith(b"0\r\n\r\n")


async def test_the_id_of_a_request_is_ours(here: Running) -> None:
    ids = {
        (await here.ask("GET", "/api/v1/things/a", X_Request_Id="chosen"))[1]["x-request-id"]
        for _ in range(3)
    }

    assert len(ids) == 3
    assert "chosen" not in ids


async def test_the_log_of_requests_knows_no_query(here: Running) -> None:
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as logged:
        _, headers, _ = await here.ask("GET", "/api/v1/things/secret-name?token=abc")

    (line,) = [each for each in logged if each["event"] == "request"]
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "path": "/api/v1/things/{name}",
        "status": 200,
        "address": "127.0.0.1",
        "account": None,
        "via": None,
        "request": headers["x-request-id"],
        "_in_detail": True,  # of requests, standard error tells only at `debug`
    }


# On the way to us.


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (None, "127.0.0.1"),
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),  # what the client said itself
        ("203.0.113.9, 127.0.0.3", "203.0.113.9"),  # two proxies of ours
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("nonsense", "127.0.0.1"),
        ("203.0.113.9, nonsense", "127.0.0.1"),
        ("nonsense, 203.0.113.9", "203.0.113.9"),
        ("", "127.0.0.1"),
        (",,,", "127.0.0.1"),
        ("9" * 500, "127.0.0.1"),
        ("\xff\xfe", "127.0.0.1"),
        ("unix:", "127.0.0.1"),
        ("%00", "127.0.0.1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
    ],
)
async def test_a_trusted_proxy_says_who_asks(
    forwarded: str | None, client: str, public: Running
) -> None:
    more = [] if forwarded is None else [f"X-Forwarded-For: {forwarded}"]
    sent = head(0, "GET", "/gatherum/api/v1/things/a", *more, "X-Forwarded-Proto: https")
    sent = sent.replace(b"localhost:0", b"media.example")

    told = await exchange(public.port, sent)

    assert told.status == 200
    assert json.loads(told.body) == {"name": "a", "client": client, "scheme": "https"}


async def test_nobody_else_says_who_asks(here: Running) -> None:
    _, _, body = await here.ask(
        "GET", "/api/v1/things/a", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https"
    )

    assert json.loads(body) == {"name": "a", "client": "127.0.0.1", "scheme": "http"}


async def test_the_base_path_is_taken_off_whoever_takes_it_off(public: Running) -> None:
    for path, status in (
        ("/gatherum/api/v1/things/a", 200),
        ("/api/v1/things/a", 200),  # the proxy has taken it off
        ("/gatherum", 404),
        ("/gatherumapi/v1/things/a", 404),
        ("/gatherum/gatherum/api/v1/things/a", 404),
    ):
        assert (await public.ask("GET", path, Host="media.example"))[0] == status, path


async def test_behind_https_the_origin_has_https(public: Running) -> None:
    for origin, status in (
        ("https://media.example", 200),
        ("http://media.example", 403),
        ("https://media.example:8443", 403),
        (public.url, 403),
    ):
        told, _, _ = await public.ask(
            "POST",
            "/gatherum/api/v1/things",
            data=SENT,
            Host="media.example",
            Cookie="__Host-sid=x",
            Origin=origin,
            **JSON,
        )
        assert told == status, origin


def test_a_proxy_that_is_no_address_is_told_at_the_start() -> None:
    with pytest.raises(InvalidInput, match="GATHERUM_TRUSTED_PROXIES"):
        make_site(BootSettings(trusted_proxies=("proxy.example",), _env_file=None), 1)
    site = make_site(BootSettings(trusted_proxies=("10.0.0.2", "fd00::/8"), _env_file=None), 1)
    assert site.trusted == (ip_network("10.0.0.2/32"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("host", "url", "allowed", "fine"),
    [
        ("127.0.0.1", "", False, True),
        ("127.0.0.1", "http://media.example", False, True),  # a proxy on this machine
        ("0.0.0.0", "https://media.example", False, True),
        ("0.0.0.0", "http://media.example", False, False),
        ("::", "http://media.example", False, False),
        ("0.0.0.0", "http://media.example", True, True),
    ],
)
def test_passwords_do_not_cross_a_network_in_the_clear_unasked(
    host: str,
    url: str,
    allowed: bool,  # noqa: FBT001
    fine: bool,  # noqa: FBT001
) -> None:
    settings = BootSettings(host=host, public_url=url, _env_file=None)
    site = make_site(settings, 8420)

    if fine:
        check_plain_http(settings, site, allowed=allowed)
    else:
        with pytest.raises(InvalidInput, match="GATHERUM_SECURITY_ALLOW_PLAIN_HTTP"):
            check_plain_http(settings, site, allowed=allowed)


async def test_a_body_that_drips_has_one_deadline(
    here: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "DEFAULT", bodies.Intake(seconds=0.4))
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    sent = head(here.port, "POST", "/api/v1/things", "Content-Type: application/json")
    writer.write(sent[:-2] + b"Content-Length: 1000\r\n\r\n")

    async def drip() -> None:
        while True:
            writer.write(b" ")
            await asyncio.sleep(0.05)  # never long without a byte

    dripping = asyncio.create_task(drip())
    async with asyncio.timeout(10):
        told = await reader.readuntil(b"\r\n\r\n")
    dripping.cancel()
    writer.close()

    assert told.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in told
    assert here.seen == []
