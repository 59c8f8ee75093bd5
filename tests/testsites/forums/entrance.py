"""What the log-ins of forums have in common: tokens that count once, and cookies for who is in."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, compile_path

NAME, PASSWORD = "ada", "fog on the lake"
CAREFUL, CODE = "careful", "123456"  # somebody with a second factor
Form = Mapping[str, str]


@dataclass
class Entrance:
    """Who may go in. `now` is the time of the site; `seen` is what was sent to it, for the test."""

    captcha: bool = False
    now: Callable[[], float] = lambda: 0.0
    seen: list[dict[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def token(self) -> str:
        """Return a token that counts once."""
        made = secrets.token_hex(8)
        self.tokens.add(made)
        return made

    def take(self, token: str | None) -> bool:
        """Return whether a token was given out, and use it up."""
        known = token in self.tokens
        self.tokens.discard(token or "")
        return known

    async def read(self, request: Request) -> dict[str, str]:
        """Return a form that was sent."""
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        self.seen.append(form)
        return form

    @staticmethod
    def knows(name: str | None, password: str | None) -> bool:
        """Return whether this is the password of this person."""
        return name in {NAME, CAREFUL} and password == PASSWORD


def with_entrance(site: Starlette, routes: list[Route], *, folder: str = "") -> Starlette:
    """Return a forum that has a log-in, too."""
    for one in routes:
        one.path_regex, _, _ = compile_path(f"{folder}{one.path}")
    return Starlette(routes=[*routes, *site.routes])


def set_cookie(answer: Response, name: str, value: str, *, days: int | None = 30) -> Response:
    age = None if days is None else days * 86_400
    answer.set_cookie(name, value, max_age=age, secure=True, httponly=True)
    return answer
