"""Attacks on the network policy: every spelling of a private address, by name and by number."""

import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from gatherum.errors import InvalidInput, Refused
from gatherum.safety.policy import Blocked, Doors, Policy, check_url, find_blocked
from gatherum.safety.resolver import NamingResolver

SPELLINGS = [
    *("127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.0.0.1."),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:7f00:0001]"),
    *("[64:ff9b::127.0.0.1]", "[2002:7f00:1::1]", "0", "0.0.0.0", "[::]", "[::1]", "localhost"),
]


class Answer(AbstractResolver):
    """A DNS that says what a hostile one might."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 (of the interface)
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self.addresses
        ]

    async def close(self) -> None:
        pass


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async def secret(_: web.Request) -> web.Response:
        return web.Response(text="secret")

    application = web.Application()
    application.router.add_get("/", secret)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def fetch(url: str, policy: Policy, dns: AbstractResolver | None = None) -> str:
    connector = aiohttp.TCPConnector(
        socket_factory=policy.socket_for, resolver=NamingResolver(dns), force_close=True
    )
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url) as answer:
        return await answer.text()


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_a_private_address_is_connected_to(host: str, port: int) -> None:
    url = f"http://{host}:{port}/"
    with pytest.raises(aiohttp.ClientError) as caught:
        await fetch(url, Policy())

    # What is no name and no plain address never comes to a socket.
    if not find_blocked(caught.value):
        with pytest.raises(Refused):
            check_url(url)


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("::1", "127.0.0.1"), ("::ffff:7f00:1",)])
async def test_a_name_that_resolves_to_a_private_address_is_refused(
    addresses: tuple[str, ...], port: int
) -> None:
    with pytest.raises(aiohttp.ClientConnectorError) as caught:
        await fetch(f"http://public.example:{port}/", Policy(), Answer(*addresses))

    assert find_blocked(caught.value)


async def test_an_allowed_network_is_reached_on_any_port(port: int) -> None:
    policy = Policy.from_names(("127.0.0.0/8",))

    assert await fetch(f"http://127.0.0.1:{port}/", policy) == "secret"
    assert await fetch(f"http://any.example:{port}/", policy, Answer("127.0.0.1")) == "secret"
    policy.check("127.0.0.1", 22)
    policy.check("::ffff:127.0.0.1", 22)


async def test_an_allowed_host_opens_its_address_to_no_other_name(port: int) -> None:
    policy = Policy.from_names(("NAS.example.",))

    assert await fetch(f"http://nas.example:{port}/", policy, Answer("127.0.0.1")) == "secret"
    for host in ("evil.example", "127.0.0.1"):
        with pytest.raises(aiohttp.ClientConnectorError):
            await fetch(f"http://{host}:{port}/", policy, Answer("127.0.0.1"))


async def test_a_door_leads_to_one_port_of_one_address_while_it_is_open(port: int) -> None:
    doors = Doors()
    policy = Policy.from_names((), doors)
    doors.open("127.0.0.1", port)

    assert await fetch(f"http://127.0.0.1:{port}/", policy) == "secret"
    for address, other in (("127.0.0.1", port + 1), ("127.0.0.2", port), ("::1", port)):
        with pytest.raises(Blocked):
            policy.check(address, other)
    doors.close("127.0.0.1", port)
    with pytest.raises(Blocked):
        policy.check("127.0.0.1", port)


async def test_the_next_address_of_a_name_is_tried_when_the_first_is_refused(port: int) -> None:
    policy = Policy.from_names(("127.0.0.1",))
    dns = Answer("10.0.0.1", "127.0.0.1")

    assert await fetch(f"http://two.example:{port}/", policy, dns) == "secret"


@pytest.mark.parametrize(
    "address",
    [
        *("10.1.2.3", "100.64.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255"),
        *("192.168.1.1", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "255.255.255.255"),
        *("::", "::1", "::10.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1"),
        *("fec0::1", "2001:db8::1", "3fff::1", "5f00::1", "100::1", "4000::1", "64:ff9b:1::1"),
        *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:a00:1::", "64:ff9b::a9fe:a9fe"),
        "2001:0:a00:1::1",  # Teredo with a private server
        "2001:0:808:808::f5ff:fffe",  # Teredo with a private client (10.0.0.1, inverted)
        "2606:4700::5efe:10.0.0.1",  # ISATAP
        "2606:4700::200:5efe:192.168.0.1",
        *("", "localhost", "1.2.3", "unix"),
    ],
)
def test_what_is_not_public_is_blocked(address: str) -> None:
    with pytest.raises(Blocked):
        Policy().check(address, 443)


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "1.1.1.1", "172.32.0.1", "192.169.0.1", "::ffff:8.8.8.8"),
        *("2606:4700::1", "64:ff9b::808:808", "2002:808:808::1", "2a00:1450::5efe:808:808"),
    ],
)
def test_what_is_public_is_reached(address: str) -> None:
    for port in (80, 443, 8000, 8080, 1337, 65535):
        Policy().check(address, port)


@pytest.mark.parametrize("port", [22, 23, 25, 53, 110, 143, 445, 3306, 5432, 6379, 11211, 27017])
def test_services_that_are_no_web_sites_are_not_spoken_to(port: int) -> None:
    with pytest.raises(Blocked):
        Policy().check("8.8.8.8", port)


def test_only_the_internet_has_sockets() -> None:
    with pytest.raises(Blocked):
        Policy().socket_for((socket.AF_UNIX, socket.SOCK_STREAM, 0, "", ("/run/socket", 0)))


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://a.example/x", "javascript:alert(1)", "data:text/plain,x"),
        *("gopher://a.example/", "localhost:8000/x", "http://me:secret@a.example/"),
        *("http://0x7f.1/", "http://2130706433/", "http://0/", "http://127.1/", "http://1.2.3.08/"),
        *("https://me@a.example/", "http://a.example@127.0.0.1/"),
    ],
)
def test_links_of_other_schemes_or_with_passwords_are_refused(url: str) -> None:
    with pytest.raises(Refused):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        *("", "a.example/x", "//a.example/x", "http://", "http:///x", "http:/a.example", "https:x"),
        *("http://a.example:99999/", "http://a.example:0/", "http://a.example:x/", "http://[::1/"),
        *("http://a.example/\n", "http://a.example/\x00", "http://\u202ea.example/", "nonsense"),
        *("http://a\\b.example/", "http://a b.example/", "http://a.example/" + "x" * 9000),
    ],
)
def test_links_that_cannot_be_links_say_so(url: str) -> None:
    with pytest.raises(InvalidInput):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://a.example", "HTTPS://A.example:8443/x?y=z#f", "http://127.0.0.1:8080/"),
        *("https://bücher.example/straße.jpg", "http://[2606:4700::1]/", "http://a.example/a b"),
    ],
)
def test_web_addresses_pass(url: str) -> None:
    check_url(url)
