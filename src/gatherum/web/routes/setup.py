"""The first run, and passwords chosen by a token."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Final

from fastapi import Response
from pydantic import Field, SecretStr

from gatherum.accounts.model import Scope
from gatherum.accounts.passwords import LONGEST
from gatherum.errors import Conflict, InvalidInput, NotSignedIn, OutsideLibrary
from gatherum.library.trial import try_out
from gatherum.settings import LibrarySettings, free_space_reserve
from gatherum.web.cookies import CookieDep
from gatherum.web.limits import Rate
from gatherum.web.routing import OPEN, AppDep, Body, Routes, VisitorDep

routes = Routes("The first run")
EXTRACTORS: Final = ("yt-dlp", "gallery-dl")
Name = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]
Token = Annotated[SecretStr, Field(min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True)
class SetupState:
    """Whether somebody must make the first account."""

    needed: bool


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """The administrator who was made, and is signed in."""

    id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTrial:
    """Where the library is, and whether it can be used. Sizes in bytes, 0 where nothing can be told.

    `detail` says what is wrong where it cannot be written to. `extractors`: their versions.
    """

    folder: str
    writable: bool
    detail: str | None
    free: int
    total: int
    reserve: int  # what is kept free
    extractors: Mapping[str, str]


class Setup(Body):
    """The token that the console shows, and who the administrator will be."""

    token: Token
    name: Name
    password: Password


class Acceptance(Body):
    """The token of an invitation or a reset, and the password to come."""

    token: Token
    password: Password


@routes.add("GET", "/setup", scope=OPEN, rate=Rate.READ)
async def get_setup(app: AppDep) -> SetupState:
    """Say whether this installation waits for its first account."""
    return SetupState(needed=await app.people.invitations.needs_setup())


@routes.add(
    "POST",
    "/setup",
    scope=OPEN,
    rate=Rate.SIGN_IN,
    errors=(NotSignedIn, Conflict, InvalidInput),
    status=201,
)
async def set_up(
    body: Setup, app: AppDep, visitor: VisitorDep, cookie: CookieDep, response: Response
) -> FirstAccount:
    """Make the first administrator, once, by the token that the console shows."""
    account = await app.people.admission.set_up(
        body.token.get_secret_value(), body.name, body.password.get_secret_value(), visitor
    )
    entered = await app.people.signing_in.by_proof(
        account.id, visitor, method="setup", strong=True, replaces=cookie.token
    )
    await cookie.set(response, entered.token)
    return FirstAccount(account.id, account.name, account.role)


@routes.add("POST", "/setup/library", scope=Scope.SETTINGS_READ, rate=Rate.HEAVY)
async def try_library(app: AppDep) -> LibraryTrial:
    """Write a small file into the library's folder, read it back and remove it; say how it went."""
    detail: str | None = None
    free = total = 0
    try:
        free, total = await asyncio.to_thread(app.fs.free)
        await asyncio.to_thread(try_out, app.fs)
    except OSError as error:
        detail = f"The folder cannot be written to: {error.strerror or 'the disk has a fault'}."
    except OutsideLibrary:
        detail = "The folder cannot be written to: a link or another disk stands in its way."
    chosen = app.preferences.latest(LibrarySettings).free_space_reserve
    return LibraryTrial(
        folder=str(app.settings.library_root),
        writable=detail is None,
        detail=detail,
        free=free,
        total=total,
        reserve=free_space_reserve(chosen, total),
        extractors={name: version(name) for name in EXTRACTORS},
    )


@routes.add(
    "POST",
    "/invitations/accept",
    scope=OPEN,
    rate=Rate.SIGN_IN,
    errors=(NotSignedIn, InvalidInput),
    status=204,
)
async def accept_invitation(body: Acceptance, app: AppDep, visitor: VisitorDep) -> None:
    """Choose a password by a token that an administrator gave out; then sign in with it."""
    await app.people.admission.accept(
        body.token.get_secret_value(), body.password.get_secret_value(), visitor
    )
