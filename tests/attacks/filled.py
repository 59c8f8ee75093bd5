"""Something of everything in a server, with the strings in it that attackers would put there."""

import io
import re
from dataclasses import dataclass

import sqlalchemy as sa
from PIL import Image

from gatherum.accounts.model import Role
from gatherum.db import Tx
from tests.web.conftest import Server
from tests.web.routes import ROUTES, rule
from tests.web.stored import store

SCRIPT = "<script>alert(1)</script><img src=x onerror=a()>\"'`${7*7}"
BREAKS = 'a\r\nX-Injected: 1\r\n\r\n<script>".jpg'
COOKIES = "# Netscape HTTP Cookie File\n.reddit.com\tTRUE\t/\tTRUE\t2147483647\tsession\tplanted\n"


@dataclass(frozen=True, slots=True)
class Filled:
    """The numbers of what there is, by the name that routes have for it."""

    ids: dict[str, str]

    def path(self, path: str, other: str | None = None) -> str:
        """Return an address with real numbers in it, or with `other` in their place."""
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}}}", other or value)
        assert "{" not in path, f"nobody knows a value for {path}"
        return path


def picture() -> bytes:
    """Return a small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(buffer, "JPEG")
    return buffer.getvalue()


async def fill(server: Server) -> Filled:
    """Put something of everything into a server, by its own routes where it has them."""
    client = await server.client_as(Role.ADMIN)
    made: dict[str, dict[str, object]] = {}
    stored = await store(server.app, picture(), name="plain.jpg")
    await store(server.app, picture() + b"\0", name="other.jpg", media={"remote_id": BREAKS})
    await server.app.database.write(_dress)
    for name, path, body in (
        ("key", "/api-keys", {"name": SCRIPT, "scopes": ["library:read", "self"]}),
        ("login", "/logins", {"platform": "reddit", "name": SCRIPT, "cookies": COOKIES}),
        (
            "subscription",
            "/subscriptions",
            {"url": "https://www.reddit.com/user/bob", "title": SCRIPT},
        ),
        ("links", "/links", {"urls": ["https://www.reddit.com/user/alice"]}),
        ("account", "/accounts", {"name": SCRIPT[:60], "role": "viewer"}),
    ):
        async with client.post(f"/api/v1{path}", json=body) as answer:
            assert answer.status < 300, (path, await answer.text())
            made[name] = await answer.json()
    async with client.get("/api/v1/me/sessions") as answer:
        sessions = await answer.json()
    async with client.get("/api/v1/jobs") as answer:
        jobs = await answer.json()
    number = str(made["subscription"]["id"])
    return Filled(
        {
            "number": number,
            "subscription": number,
            "id": str(stored.id),
            "media_id": str(stored.id),
            "post_id": "1",
            "job_id": str(jobs["items"][0]["id"]) if jobs.get("items") else "1",
            "key_id": str(made["key"]["id"]),
            "session_id": str(sessions["items"][0]["id"]),
            "section": "network",
            "field": "pace",
            "factor": "totp",
            **dict.fromkeys(_names() - KNOWN, "1"),
        }
    )


KNOWN = {
    *("number", "subscription", "id", "media_id", "post_id", "job_id", "key_id"),
    *("session_id", "section", "field", "factor"),
}


def _names() -> set[str]:
    return {name for route in ROUTES for name in re.findall(r"\{(\w+)", route)}


def _dress(tx: Tx) -> None:
    tx.execute(
        sa.text("update post set author = :text, caption = :text"), {"text": f"{SCRIPT}\r\n"}
    )


__all__ = ["BREAKS", "ROUTES", "SCRIPT", "Filled", "fill", "picture", "rule"]
