import asyncio
import importlib
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI

from gatherum.web.interface import Interface, read_interface


@pytest.fixture(scope="module")
def built() -> Interface:
    return read_interface("")


@dataclass
class Answer:
    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def text(self) -> str:
        return self.content.decode()


class Client:
    """Asks an application as a server does, without one."""

    def __init__(self, web: FastAPI) -> None:
        self._web = web

    def get(self, address: str, headers: dict[str, str] | None = None) -> Answer:
        return self.request("GET", address, headers)

    def request(self, method: str, address: str, headers: dict[str, str] | None = None) -> Answer:
        path, _, query = address.partition("?")
        answer = Answer()
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status_code = message["status"]
                answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            else:
                answer.content += message.get("body", b"")

        asyncio.run(self._web(scope, receive, send))
        return answer


def client(interface: Interface) -> Client:
    web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @web.post("/api/v1/links")
    def post() -> None: ...

    web.router.routes.append(interface)
    return Client(web)


def assets(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)


@pytest.mark.parametrize("address", ["/", "/library?q=x", "/posts/7", "/settings/logs", "/a.b"])
def test_every_address_of_a_page_is_the_page(address: str, built: Interface) -> None:
    answer = client(built).get(address)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert '<div id="root">' in answer.text


def test_what_a_page_loads_is_there_for_good_and_compressed(built: Interface) -> None:
    browser = client(built)
    sent = whole = 0
    for address in assets(browser.get("/").text):
        answer = browser.get(address, headers={"accept-encoding": "gzip, br"})
        plain = browser.get(address, headers={"accept-encoding": "gzip, br;q=0"})

        assert "immutable" in answer.headers["cache-control"]
        if address.endswith(".woff2"):  # which is compressed in itself
            assert "content-encoding" not in answer.headers
            assert answer.content == plain.content
            continue
        assert answer.headers["content-encoding"] == "br"
        assert "content-encoding" not in plain.headers
        assert importlib.import_module("brotli").decompress(answer.content) == plain.content
        assert int(answer.headers["content-length"]) == len(answer.content)
        sent += len(answer.content)
        whole += len(plain.content)
    assert 0 < sent < whole / 2


def test_the_font_is_asked_for_with_the_page(built: Interface) -> None:
    [font] = [one for one in assets(client(built).get("/").text) if one.endswith(".woff2")]

    assert client(built).get(font).headers["content-type"] == "font/woff2"


def test_search_engines_are_asked_to_stay_out(built: Interface) -> None:
    answer = client(built).get("/robots.txt")

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.splitlines()[-2:] == ["User-agent: *", "Disallow: /"]


def test_a_page_that_has_not_changed_is_not_sent_again(built: Interface) -> None:
    browser = client(built)
    first = browser.get("/")

    again = browser.get("/library", headers={"if-none-match": first.headers["etag"]})
    other = browser.get("/library", headers={"if-none-match": '"other"'})

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/assets/none.js", 404),
        ("GET", "/api/v1/none", 404),
        ("GET", "/api/v1/links", 405),
        ("GET", "/health/none", 404),
        ("POST", "/library", 404),
        ("GET", "/assets/../../app.py", 404),
    ],
)
def test_what_is_no_page_is_not_answered_as_one(
    method: str, address: str, status: int, built: Interface
) -> None:
    assert client(built).request(method, address).status_code == status


def test_behind_a_proxy_pages_name_their_files_below_its_path() -> None:
    page = client(read_interface("/gatherum")).get("/settings/logs").text

    assert re.findall(r'(?:src|href)="(?!/gatherum/)', page) == []
    assert 'src="/gatherum/assets/' in page


def test_without_a_build_it_says_what_to_do() -> None:
    answer = client(Interface({})).get("/library")

    assert (answer.status_code, "GATHERUM_SKIP_UI" in answer.text) == (200, True)


def test_all_texts_of_the_build_are_compressed_by_the_build(built: Interface) -> None:
    files = built._files
    texts = [name for name in files if name.endswith((".js", ".css")) and "assets/" in name]

    assert texts
    assert [name for name in texts if files[name].brotli is None] == []
