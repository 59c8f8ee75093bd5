"""A Duo of our own, by its published protocol (OIDC Auth API): it checks what we sign, and signs."""

import secrets
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme
from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

CLIENT_ID = "DI" + "X" * 18
CLIENT_SECRET = "s" * 40
ALGORITHM = "HS512"
Json = dict[str, Any]


class FakeDuo:
    """It answers as Duo does, over TLS on loopback; what a test changes, it does wrong."""

    def __init__(self, authority: trustme.CA) -> None:
        self._authority = authority
        self._key = OctKey.import_key(CLIENT_SECRET)
        self._codes: dict[str, Json] = {}
        self.asked: Counter[str] = Counter()
        self.health: tuple[int, object] = (200, None)
        self.claims: Json = {}  # in place of the true ones; None takes one away
        self.host = ""

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeDuo"]:
        """Serve on a free port of loopback."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert("localhost").configure_cert(context)
        application = web.Application()
        application.router.add_post("/oauth/v1/health_check", self._check)
        application.router.add_post("/oauth/v1/token", self._exchange)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        self.host = f"localhost:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def approve(self, prompt: str, *, username: str = "") -> tuple[str, str]:
        """Be the person who says yes on the page; return the state and code they come back with."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(prompt).query).items()}
        assert prompt.startswith(f"{self.url}/oauth/v1/authorize?")
        told = self._read(query["request"], self.url)
        assert (query["client_id"], query["response_type"]) == (CLIENT_ID, "code")
        assert (told["client_id"], told["response_type"]) == (CLIENT_ID, "code")
        assert (told["scope"], told["use_duo_code_attribute"]) == ("openid", True)
        assert 16 <= len(told["state"]) <= 1024
        self.redirect_uri = told["redirect_uri"]
        code = secrets.token_hex(16)
        self._codes[code] = {
            "username": username or told["duo_uname"],
            "nonce": query["nonce"],
            "redirect_uri": told["redirect_uri"],
        }
        return told["state"], code

    async def _check(self, request: web.Request) -> web.Response:
        self.asked["health"] += 1
        form = await request.post()
        status, body = self.health
        if body is not None:
            return web.json_response(body, status=status)
        try:
            self._read(str(form["client_assertion"]), f"{self.url}/oauth/v1/health_check")
        except (JoseError, AssertionError):
            refusal = {"stat": "FAIL", "code": 40002, "message": "invalid_client"}
            return web.json_response(refusal, status=400)
        return web.json_response({"stat": "OK", "response": {"timestamp": int(time.time())}})

    async def _exchange(self, request: web.Request) -> web.Response:
        self.asked["token"] += 1
        sent = request.query
        address = f"{self.url}/oauth/v1/token"
        self._read(sent["client_assertion"], address)
        held = self._codes.pop(sent["code"], None)
        if held is None or held["redirect_uri"] != sent["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {
            "iss": address,
            "sub": held["username"],
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "preferred_username": held["username"],
            "nonce": held["nonce"],
            "auth_result": {"result": "allow", "status": "allow"},
            **self.claims,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode({"alg": ALGORITHM}, told, self._key, algorithms=[ALGORITHM])
        return web.json_response({"id_token": token, "access_token": "x", "expires_in": 300})

    def _read(self, token: str, audience: str) -> Json:
        """Return what we have signed; it must be ours, for this address, and young."""
        claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
        assert (claims["iss"], claims["aud"]) == (CLIENT_ID, audience)
        assert time.time() < claims["exp"] <= time.time() + 300
        return claims
