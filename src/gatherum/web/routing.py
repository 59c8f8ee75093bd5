"""How a route is declared: no route without who may call it, how often, and how it may fail."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, model_validator

from gatherum.accounts.model import Caller, Scope, Visitor
from gatherum.app import App
from gatherum.errors import Forbidden, GatherumError, NotSignedIn, SudoRequired, TooManyRequests
from gatherum.web.errors import PROBLEM, Problem, status_of
from gatherum.web.limits import Rate

F = TypeVar("F", bound=Callable[..., object])
NO_TEXT: Final = re.compile("[\\x00\\ud800-\\udfff]")
OPEN: Final = None  # the scope of routes for people who are not signed in


class Body(BaseModel):
    """What is sent to us: unknown names are refused, texts have an end."""

    model_config = ConfigDict(extra="forbid", str_max_length=65_536, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _check_texts(cls, sent: object) -> object:
        if _holds_what_is_no_text(sent):
            raise ValueError("A text holds a NUL, or half a character.")
        return sent


def _holds_what_is_no_text(value: object) -> bool:
    """Return whether there is a text in it that databases refuse; JSON can spell them."""
    left = [value]
    while left:  # no call for each level: a client chooses how deep it goes
        match left.pop():
            case str() as text if NO_TEXT.search(text) is not None:
                return True
            case dict() as pairs:
                left += pairs.keys()
                left += pairs.values()
            case list() as several:
                left += several
    return False


@dataclass(frozen=True, slots=True)
class Rules:
    """What a route asks of its caller."""

    scope: Scope | None
    rate: Rate
    sudo: bool
    anonymous: bool  # who asks is not even looked up


def get_app(request: Request) -> App:
    """Return the opened program."""
    app: App = request.app.state.app
    return app


def get_visitor(request: Request) -> Visitor:
    """Return where a request comes from; the shield has settled the address."""
    return Visitor(
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", "")[:200],
    )


def get_caller(request: Request) -> Caller:
    """Return who sends the request; the rules of the route have been checked."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        raise NotSignedIn("Sign in first.")
    return caller


AppDep = Annotated[App, Depends(get_app)]
CallerDep = Annotated[Caller, Depends(get_caller)]
VisitorDep = Annotated[Visitor, Depends(get_visitor)]


class Routes:
    """The routes of one part of the API."""

    def __init__(self, tag: str, *, prefix: str = "/api/v1") -> None:
        self.router = APIRouter(prefix=prefix, tags=[tag])

    def add(
        self,
        method: str,
        path: str,
        *,
        scope: Scope | None,
        rate: Rate,
        errors: Sequence[type[GatherumError]] = (),
        sudo: bool = False,
        anonymous: bool = False,
        status: int = 200,
        answer: type[Response] | None = None,
        model: Any = ...,
        described: dict[int | str, dict[str, Any]] | None = None,
    ) -> Callable[[F], F]:
        """Declare a route. `scope` None: for everybody. `sudo`: a person who has just proven it.

        `anonymous`: who asks is not even looked up, so that it answers without a database.

        `errors` are the classes that it may raise beyond those of its rules. `model` is what it
        answers, where its function returns a ready `Response`.
        """
        rules = Rules(scope=scope, rate=rate, sudo=sudo, anonymous=anonymous)
        raised: list[type[GatherumError]] = [TooManyRequests, *errors]
        if scope is not None:
            raised += [NotSignedIn, Forbidden]
        if sudo:
            raised.append(SudoRequired)
        options: dict[str, Any] = {}
        if model is not ...:
            options["response_model"] = model
        if answer is not None:
            options["response_class"] = answer

        def declare(function: F) -> F:
            self.router.add_api_route(
                path,
                function,
                methods=[method],
                status_code=status,
                dependencies=[Depends(_checked(rules))],
                responses={**_problems(raised), **(described or {})},
                operation_id=function.__name__,
                openapi_extra={
                    "x-scope": scope.value if scope is not None else None,
                    "x-rate": rate.value,
                    "x-sudo": sudo,
                    "security": [] if scope is None else SECURITY if not sudo else SECURITY[:1],
                },
                **options,
            )
            return function

        return declare


SECURITY: Final[list[dict[str, list[str]]]] = [{"session": []}, {"bearer": []}, {"apiKey": []}]


def _checked(rules: Rules) -> Callable[[Request], object]:
    async def check(request: Request) -> None:
        gate = request.app.state.gate
        if rules.anonymous:
            gate.check_anonymous(request, rate=rules.rate)
        else:
            await gate.check(request, scope=rules.scope, rate=rules.rate, sudo=rules.sudo)

    return check


def _problems(raised: Sequence[type[GatherumError]]) -> dict[int | str, dict[str, Any]]:
    """Return the answers that a route declares for the errors that it may raise."""
    titles: dict[int, list[str]] = {}
    for error in raised:
        status, title = status_of(error)
        titles.setdefault(status, []).append(title)
    return {
        status: {
            "model": Problem,
            "description": " · ".join(dict.fromkeys(words)),
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, words in sorted(titles.items())
    }
