"""Second factors: setting them up and taking them away, which needs a fresh proof; a name does not."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Path
from pydantic import Field

from gatherum.accounts.model import Scope
from gatherum.accounts.secondfactor.passkey import PasskeyInfo
from gatherum.accounts.secondfactor.totp import Enrolment
from gatherum.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from gatherum.moments import Moment, iso, moment
from gatherum.settings import DuoSettings
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, Body, CallerDep, Routes, VisitorDep

routes = Routes("Second factors")
Words = Annotated[str, Field(max_length=128)]
Code = Annotated[str, Field(min_length=1, max_length=64)]
# What the browser's API makes and takes; `PublicKeyCredential.toJSON()` in its own words.
Credential = Annotated[dict[str, Any], Field(description="PublicKeyCredential.toJSON()")]
PasskeyId = Annotated[str, Path(min_length=1, max_length=2048, pattern=r"^[\w-]+$")]


class TotpCode(Body):
    """The code that the app shows now."""

    code: Code


class NewPasskey(Body):
    """What the browser made of the options, and what its owner calls it."""

    name: Words = ""
    credential: Credential


class PasskeyChange(Body):
    """What its owner calls a passkey."""

    name: Annotated[Words, Field(min_length=1)]


class DuoName(Body):
    """Somebody's name at Duo; empty: the same as here."""

    username: Words = ""


class DuoAnswer(Body):
    """What Duo has sent the browser back with."""

    state: Annotated[str, Field(min_length=1, max_length=1024)]
    code: Annotated[str, Field(min_length=1, max_length=1024)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MyFactors:
    """The second factors of one's own account. `duo`: the name at Duo, null without."""

    totp: bool
    passkeys: int
    duo: str | None
    duo_offered: bool
    recovery_codes: int


@dataclass(frozen=True, slots=True)
class Codes:
    """Recovery codes: shown this once, empty if there were some already."""

    recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyView:
    """A passkey as its owner sees it."""

    id: str
    name: str
    created_at: Moment
    used_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedPasskey:
    """A new passkey, and the first recovery codes if there were none: shown this once."""

    passkey: PasskeyView
    recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PasskeyList:
    """One's own passkeys."""

    items: tuple[PasskeyView, ...]


@dataclass(frozen=True, slots=True)
class PasskeyOptions:
    """What `PublicKeyCredential.parseCreationOptionsFromJSON` (or `...Request...`) takes."""

    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where the browser goes next: a page of somebody else's."""

    url: str


@routes.add("GET", "/me/factors", scope=Scope.SELF, rate=Rate.READ)
async def list_my_factors(caller: CallerDep, app: AppDep) -> MyFactors:
    """Say which second factors one has."""
    account_id = caller.account.id
    return MyFactors(
        totp=await app.people.totp.enrolled(account_id),
        passkeys=len(await app.people.passkeys.list(account_id)),
        duo=await app.people.duo.username(account_id),
        duo_offered=(await app.preferences.get(DuoSettings)).enabled,
        recovery_codes=await app.people.recovery_codes.left(account_id),
    )


@routes.add("POST", "/me/totp", scope=Scope.SELF, rate=Rate.SECRET, errors=(Conflict,), sudo=True)
async def begin_totp(caller: CallerDep, app: AppDep) -> Enrolment:
    """Make a secret for an authenticator app. It counts when it is confirmed."""
    return await app.people.totp.enrol(caller.account)


@routes.add(
    "POST",
    "/me/totp/confirm",
    scope=Scope.SELF,
    rate=Rate.SIGN_IN,
    errors=(InvalidInput,),
    sudo=True,
)
async def confirm_totp(
    body: TotpCode, caller: CallerDep, visitor: VisitorDep, app: AppDep
) -> Codes:
    """Let the authenticator app count, by a code of it."""
    return Codes(await app.people.totp.confirm(caller, visitor, body.code))


@routes.add(
    "DELETE",
    "/me/totp",
    scope=Scope.SELF,
    rate=Rate.WRITE,
    errors=(NotFound,),
    sudo=True,
    status=204,
)
async def remove_totp(caller: CallerDep, visitor: VisitorDep, app: AppDep) -> None:
    """Ask for no codes of an app any more."""
    await app.people.totp.remove(caller, visitor)


@routes.add(
    "POST",
    "/me/recovery-codes",
    scope=Scope.SELF,
    rate=Rate.SECRET,
    errors=(Conflict,),
    sudo=True,
)
async def renew_recovery_codes(caller: CallerDep, visitor: VisitorDep, app: AppDep) -> Codes:
    """Make ten new recovery codes; the old ones end."""
    return Codes(await app.people.recovery_codes.renew(caller, visitor))


@routes.add(
    "POST",
    "/me/passkeys/options",
    scope=Scope.SELF,
    rate=Rate.SIGN_IN,
    errors=(Conflict,),
    sudo=True,
)
async def begin_passkey(caller: CallerDep, app: AppDep) -> PasskeyOptions:
    """Give the browser what it makes a passkey from."""
    return PasskeyOptions(**await app.people.passkeys.begin_adding(caller))  # type: ignore[arg-type]


@routes.add("GET", "/me/passkeys", scope=Scope.SELF, rate=Rate.READ)
async def list_passkeys(caller: CallerDep, app: AppDep) -> PasskeyList:
    """Show one's passkeys."""
    found = await app.people.passkeys.list(caller.account.id)
    return PasskeyList(tuple(_passkey(one) for one in found))


@routes.add(
    "POST",
    "/me/passkeys",
    scope=Scope.SELF,
    rate=Rate.SECRET,
    errors=(InvalidInput, Conflict),
    sudo=True,
    status=201,
)
async def add_passkey(
    body: NewPasskey, caller: CallerDep, visitor: VisitorDep, app: AppDep
) -> AddedPasskey:
    """Keep a new passkey."""
    passkey, codes = await app.people.passkeys.add(caller, visitor, body.name, body.credential)
    return AddedPasskey(passkey=_passkey(passkey), recovery_codes=codes)


@routes.add(
    "PATCH",
    "/me/passkeys/{passkey}",
    scope=Scope.SELF,
    rate=Rate.WRITE,
    errors=(InvalidInput, NotFound),
)
async def rename_passkey(
    passkey: PasskeyId, body: PasskeyChange, caller: CallerDep, visitor: VisitorDep, app: AppDep
) -> PasskeyView:
    """Call a passkey by another name."""
    return _passkey(await app.people.passkeys.rename(caller, visitor, passkey, body.name))


@routes.add(
    "DELETE",
    "/me/passkeys/{passkey}",
    scope=Scope.SELF,
    rate=Rate.WRITE,
    errors=(NotFound,),
    sudo=True,
    status=204,
)
async def remove_passkey(
    passkey: PasskeyId, caller: CallerDep, visitor: VisitorDep, app: AppDep
) -> None:
    """Accept a passkey no longer."""
    await app.people.passkeys.remove(caller, visitor, passkey)


@routes.add(
    "POST",
    "/me/duo",
    scope=Scope.SELF,
    rate=Rate.SECRET,
    errors=(InvalidInput, Conflict, Refused, Unavailable),
    sudo=True,
)
async def begin_duo(body: DuoName, caller: CallerDep, app: AppDep) -> Elsewhere:
    """Send the browser to Duo, to prove that this is one's name there."""
    return Elsewhere(**await app.people.duo.begin_adding(caller, body.username))  # type: ignore[arg-type]


@routes.add(
    "POST",
    "/me/duo/confirm",
    scope=Scope.SELF,
    rate=Rate.SIGN_IN,
    errors=(InvalidInput, Conflict, Refused, Unavailable),
    sudo=True,
)
async def confirm_duo(
    body: DuoAnswer, caller: CallerDep, visitor: VisitorDep, app: AppDep
) -> Codes:
    """Use Duo from now on, with what Duo has answered."""
    return Codes(await app.people.duo.add(caller, visitor, state=body.state, code=body.code))


@routes.add(
    "DELETE",
    "/me/duo",
    scope=Scope.SELF,
    rate=Rate.WRITE,
    errors=(NotFound,),
    sudo=True,
    status=204,
)
async def remove_duo(caller: CallerDep, visitor: VisitorDep, app: AppDep) -> None:
    """Use Duo no longer."""
    await app.people.duo.remove(caller, visitor)


def _passkey(one: PasskeyInfo) -> PasskeyView:
    return PasskeyView(
        id=one.id, name=one.name, created_at=moment(one.created_at), used_at=iso(one.used_at)
    )
