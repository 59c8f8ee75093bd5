"""A provider that says whatever a test tells it to: tokens that lie, metadata that misleads."""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

Json = dict[str, Any]
AnyKey = RSAKey | ECKey | OctKey


class Impostor:
    """Honest until a field is changed: then that is what it says."""

    def __init__(self) -> None:
        self.key: AnyKey = ECKey.generate_key("P-256", {"kid": "one"})
        self.published: list[AnyKey] = [self.key]
        self.alg = "ES256"
        self.kid: str | None = "one"
        self.nonce = ""
        self.claims: Json = {}  # in place of the true ones; None takes one away
        self.metadata: Json = {}
        self.userinfo: Json = {"sub": "ada"}
        self.status = 200
        self.moved = ""  # discovery is a redirect to this address
        self.padding = 0
        self.asked: Counter[str] = Counter()
        self.issuer = ""
        self.time = time.time()
        self.authorization = ""
        self.form: Json = {}

    def token(self) -> str:
        """Return the ID token."""
        now = int(self.time)
        claims = {
            "iss": self.issuer,
            "sub": "ada",
            "aud": "gatherum",
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 300,
            **self.claims,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        if self.alg == "none":
            parts = ({"alg": "none", "typ": "JWT"}, told)
            return ".".join(_text(part) for part in parts) + "."
        header = {"alg": self.alg} if self.kid is None else {"alg": self.alg, "kid": self.kid}
        return jwt.encode(header, told, self.key, algorithms=[self.alg])

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Impostor"]:
        """Serve on a free port of loopback."""
        application = web.Application()
        application.router.add_get("/.well-known/openid-configuration", self._describe)
        application.router.add_get("/jwks", self._keys)
        application.router.add_post("/token", self._exchange)
        application.router.add_get("/userinfo", self._tell)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _describe(self, _: web.Request) -> web.Response:
        self.asked["metadata"] += 1
        if self.moved:
            raise web.HTTPFound(self.moved)
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "padding": "x" * self.padding,
            **self.metadata,
        }
        return web.json_response(told, status=self.status)

    async def _keys(self, _: web.Request) -> web.Response:
        self.asked["keys"] += 1
        keys = [{**key.as_dict(private=False), "use": "sig"} for key in self.published]
        return web.json_response({"keys": [{"kty": "strange"}, *keys]})

    async def _exchange(self, request: web.Request) -> web.Response:
        self.asked["token"] += 1
        self.form = {**await request.post()}
        self.authorization = request.headers.get("Authorization", "")
        told = {"id_token": self.token(), "access_token": "access", "token_type": "Bearer"}
        return web.json_response(told)

    async def _tell(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer access"
        return web.json_response(self.userinfo)


def _text(part: Json) -> str:
    from joserfc.util import urlsafe_b64encode  # noqa: PLC0415

    return urlsafe_b64encode(json.dumps(part).encode()).decode()
