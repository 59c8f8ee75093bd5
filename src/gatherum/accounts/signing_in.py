"""Signing in, step by step: a password, a second factor where one is due, then a session."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from gatherum.accounts.audit import Audit, Event
from gatherum.accounts.directory import Accounts
from gatherum.accounts.model import Account, Caller, Visitor
from gatherum.accounts.passwords import Passwords, check_password
from gatherum.accounts.secondfactor import RECOVERY, Factors, SecondFactor
from gatherum.accounts.sessions import Session, Sessions
from gatherum.accounts.throttle import Key, Throttle, by_account, by_address, by_name, slowing
from gatherum.errors import Conflict, Forbidden, NotFound, NotSignedIn
from gatherum.ports import Json

WRONG = "The name or the password is wrong."
SIGN_IN, SUDO, FACTOR = "sign-in", "sudo", "factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a step leads to: the token of a session, full if no `factors` are left to choose from."""

    account: Account
    token: str
    factors: tuple[str, ...] = ()


class SigningIn:
    """The ways in, and the ways to prove it again. Every step gives the browser another token.

    Invariant: a try is counted before it is judged, and written down after.
    """

    def __init__(
        self,
        *,
        accounts: Accounts,
        sessions: Sessions,
        passwords: Passwords,
        throttle: Throttle,
        audit: Audit,
        factors: Factors,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._passwords = passwords
        self._throttle = throttle
        self._audit = audit
        self._factors = factors
        self._sleep = sleep

    async def by_password(
        self, name: str, password: str, visitor: Visitor, *, replaces: str | None = None
    ) -> SignedIn:
        """Sign in by name and password; `replaces` is the token that the browser came with.

        `NotSignedIn` does not say which of the two is wrong, nor whether the account is disabled.
        """
        place = by_address(SIGN_IN, visitor.address)
        named, slow = by_name(SIGN_IN, name, visitor.address), slowing(SIGN_IN, name)
        wait = await self._throttle.take(place, named, slow)
        if wait:
            await self._sleep(wait)
        found = await self._accounts.find_with_password(name)
        account, kept = found or (None, None)
        right = await self._passwords.verify(kept, password)
        if account is None or kept is None or account.disabled or not right:
            await self._audit.record(
                Event.SIGN_IN_FAILED, visitor, by=account or "", method="password"
            )
            raise NotSignedIn(WRONG)
        await self._throttle.clear(named, slow, give_back=(place,))
        kept = await self._rehash(account, kept, password)
        return await self._enter(
            account, visitor, method="password", replaces=replaces, password=kept
        )

    async def by_proof(
        self,
        account_id: int,
        visitor: Visitor,
        *,
        method: str,
        strong: bool,
        fresh: bool = True,
        replaces: str | None = None,
    ) -> SignedIn:
        """Sign in somebody who was proven elsewhere: by a passkey, or an OpenID provider.

        `strong`: that was more than one factor (a passkey that verified its user): no other is due.
        `fresh`: it was proven just now; else the session does not begin in sudo mode.
        """
        account = await self._accounts.get(account_id)
        if account.disabled:
            await self._audit.record(Event.SIGN_IN_FAILED, visitor, by=account, method=method)
            raise NotSignedIn(WRONG)
        if not strong:
            return await self._enter(
                account, visitor, method=method, replaces=replaces, fresh=fresh
            )
        token = await self._sessions.begin(
            account.id,
            visitor,
            methods=method,
            full=True,
            fresh=fresh,
            replaces=replaces,
            also=self._audit.entry(Event.SIGNED_IN, visitor, by=account, method=method),
        )
        return SignedIn(account=account, token=token)

    async def begin_factor(self, token: str | None, name: str) -> Mapping[str, Json]:
        """Begin the factor that a pending session chose: return what the browser needs for it."""
        session = await self.pending(token)
        return await (await self._factor(session.account.id, name)).begin(
            session.account.id, session.id
        )

    async def by_factor(
        self, token: str | None, name: str, answer: Mapping[str, Json], visitor: Visitor
    ) -> SignedIn:
        """Let a pending session become a full one by a second factor."""
        session = await self.pending(token)
        account, keys = session.account, (_factor_key(session.account.id, name),)
        right = await self._prove(
            account, session.id, name=name, answer=answer, visitor=visitor, keys=keys
        )
        if not right:
            raise NotSignedIn("This does not prove it: try again.")
        methods = f"{session.methods}+{name}"
        full = await self._sessions.complete(
            token or "",
            visitor,
            methods=methods,
            also=self._audit.entry(Event.SIGNED_IN, visitor, by=account, method=methods),
        )
        return SignedIn(account=account, token=full)

    async def pending(self, token: str | None) -> Session:
        """Return the session that waits for a second factor; `NotSignedIn` if there is none."""
        session = await self._sessions.find(token, full=False) if token else None
        if session is None:
            raise NotSignedIn("Begin with your name and password.")
        return session

    async def sudo_by_password(self, caller: Caller, password: str, visitor: Visitor) -> str:
        """Let a session do for ten minutes what needs a fresh proof; return its new token."""
        await self._confirm(caller, password, visitor)
        return await self._enter_sudo(caller, visitor, method="password")

    async def begin_sudo(self, caller: Caller, name: str) -> Mapping[str, Json]:
        """Begin a factor for `sudo_by_factor`."""
        factor = await self._factor(caller.account.id, name)
        return await factor.begin(caller.account.id, caller.via)

    async def sudo_by_factor(
        self, caller: Caller, name: str, answer: Mapping[str, Json], visitor: Visitor
    ) -> str:
        """`sudo_by_password`, by a second factor."""
        account = caller.account
        keys = (by_account(SUDO, account.id), _factor_key(account.id, name))
        right = await self._prove(
            account, caller.via, name=name, answer=answer, visitor=visitor, keys=keys
        )
        if not right:
            raise Forbidden("This does not prove it: try again.")
        return await self._enter_sudo(caller, visitor, method=name)

    async def sudo_by_proof(self, caller: Caller, visitor: Visitor, *, method: str) -> str:
        """`sudo_by_password`, for somebody who was proven elsewhere just now."""
        return await self._enter_sudo(caller, visitor, method=method)

    async def change_password(
        self, caller: Caller, current: str, new: str, visitor: Visitor
    ) -> str:
        """Change one's own password; other sessions end, this one gets the new token returned."""
        check_password(new, name=caller.account.name)
        kept = await self._confirm(caller, current, visitor)
        await self._accounts.set_password(
            caller.account.id,
            await self._passwords.hash(new),
            was=kept,
            also=self._audit.entry(Event.PASSWORD_CHANGED, visitor, by=caller),
            keep=caller.via,
        )
        return await self._sessions.renew(caller.via, sudo=False)

    async def sign_out(self, token: str, visitor: Visitor, *, caller: Caller | None) -> None:
        """End the session of a token, whether it is full or pending."""
        await self._sessions.end(token)
        if caller is not None:
            await self._audit.record(Event.SIGNED_OUT, visitor, by=caller)

    async def _enter(
        self,
        account: Account,
        visitor: Visitor,
        *,
        method: str,
        replaces: str | None,
        password: str | None = None,
        fresh: bool = True,
    ) -> SignedIn:
        due = await due_factors(self._factors, account.id)
        event = Event.SIGN_IN_BEGUN if due else Event.SIGNED_IN
        token = await self._sessions.begin(
            account.id,
            visitor,
            methods=method,
            full=not due,
            replaces=replaces,
            password=password,
            fresh=fresh,
            also=self._audit.entry(event, visitor, by=account, method=method),
        )
        return SignedIn(account=account, token=token, factors=due)

    async def _enter_sudo(self, caller: Caller, visitor: Visitor, *, method: str) -> str:
        return await self._sessions.renew(
            caller.via,
            sudo=True,
            also=self._audit.entry(Event.SUDO, visitor, by=caller, method=method),
        )

    async def _confirm(self, caller: Caller, password: str, visitor: Visitor) -> str | None:
        """Check the caller's own password; return its hash."""
        key = by_account(SUDO, caller.account.id)
        await self._throttle.take(key)
        kept = await self._accounts.password_of(caller.account.id)
        if not await self._passwords.verify(kept, password):
            await self._audit.record(Event.SUDO_FAILED, visitor, by=caller, method="password")
            raise Forbidden("This is not your password.")
        await self._throttle.clear(key)
        return kept

    async def _prove(
        self,
        account: Account,
        session_id: str,
        *,
        name: str,
        answer: Mapping[str, Json],
        visitor: Visitor,
        keys: tuple[Key, ...],
    ) -> bool:
        factor = await self._factor(account.id, name)
        await self._throttle.take(*keys)
        right = await factor.finish(account.id, session_id, answer)
        event = Event.FACTOR_OK if right else Event.FACTOR_FAILED
        await self._audit.record(event, visitor, by=account, session=session_id, factor=name)
        if right:
            await self._throttle.clear(*keys)
        return right

    async def _factor(self, account_id: int, name: str) -> SecondFactor:
        factor = self._factors.get(name)
        if factor is None or not await factor.enrolled(account_id):
            raise NotFound("This account does not use this second factor.")
        return factor

    async def _rehash(self, account: Account, kept: str, password: str) -> str:
        if not self._passwords.is_outdated(kept):
            return kept
        fresh = await self._passwords.hash(password)
        try:
            await self._accounts.rehash(account.id, fresh, was=kept)
        except Conflict:  # somebody who signed in at the same time has done it, or changed it
            present = await self._accounts.password_of(account.id)
            if present is None or not await self._passwords.verify(present, password):
                raise NotSignedIn(WRONG) from None
            return present
        return fresh


async def due_factors(factors: Factors, account_id: int) -> tuple[str, ...]:
    """Return the names of an account's second factors; none if it has no more than codes."""
    names = tuple([name for name, one in factors.items() if await one.enrolled(account_id)])
    return names if set(names) - {RECOVERY} else ()


def _factor_key(account_id: int, name: str) -> Key:
    # Each kind has its own: guessed codes do not shut out the owner's passkey.
    return by_account(f"{FACTOR}:{name}", account_id)
