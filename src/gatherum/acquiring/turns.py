"""Whose turn a login is: one job's at a time, and who goes on when a login may not.

A login that its platform turns away is parked, and the next one that is fit goes on in its place.
Without a chosen one a job begins as a visitor; where that is not enough, a login that is kept for the
place goes on.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

import structlog

from gatherum.errors import (
    Busy,
    Challenge,
    LoginRequired,
    NotFound,
    RateLimited,
    SourceError,
    Spent,
)
from gatherum.fetching.cookies import Jar, renew
from gatherum.fetching.logins import Login as Kept
from gatherum.fetching.logins import Logins
from gatherum.fetching.standings import TURN_S, Parked, Standing, Standings
from gatherum.model import Reason, Target
from gatherum.moments import moment
from gatherum.ports import Clock
from gatherum.safety.vault import Unsealable

log = structlog.get_logger()
PATIENCE_S: Final = 30.0  # how long a job waits for its turn before it gives its slot back
BUSY_S: Final = 15.0  # until it asks again
LOOK_S: Final = 0.25
REFUSALS: Final = 2  # targets in a row that are not shown: it is the login, not the target
ENDED: Final = "Its cookies have ended: bring fresh ones."
SEALED: Final = "It was sealed with another key: bring fresh cookies."


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A login as a job uses it: its number for the budget, its cookies for the requests."""

    id: str = ""
    jar: Jar = Jar()  # noqa: RUF009 - frozen
    turn: str = ""  # by which requests prove that it is still this job's
    user_agent: str = ""
    version: int = 0  # of the login whose cookies these are


@dataclass(frozen=True, slots=True)
class _One:
    """A login that may serve, and what keeps it from that."""

    kept: Kept
    rests: Parked | None
    spent: int


def is_for(login: Kept, platform: str, host: str) -> bool:
    """Return whether a login counts at a platform, and at one host of those that it is made of."""
    return login.platform == platform != "" and _reaches(login, {host} - {""})


def _reaches(login: Kept, hosts: Collection[str]) -> bool:
    names = [host.partition(":")[0] for host in hosts]
    return not names or any(
        name == site or name.endswith(f".{site}") for name in names for site in login.sites
    )


class Turn:
    """A job's turn at a login. `login` is the one that counts now; it changes by `hand_over`."""

    def __init__(
        self, turns: "Turns", holder: str, platform: str, host: str, *, alone: bool
    ) -> None:
        self._turns = turns
        self._holder = holder
        self._alone = alone
        self._lock = asyncio.Lock()
        self._tried: set[int] = set()
        self._renewed: Jar | None = None
        self._busy: tuple[float, Busy] | None = None  # until when, and why, nobody can come in
        self._host = host
        self.platform = platform
        self.login = Login()

    async def has_spare(self, target: Target) -> bool:
        """Return whether another login is fit to go on with a target."""
        return bool(self.login.id) and any(
            one.rests is None for one in await self._others(target.host)
        )

    async def could_come_in(self, target: Target) -> bool:
        """Return whether a kept login is fit to go on for a visitor who is told to log in."""
        return not self.login.id and any(
            one.rests is None for one in await self._others(target.host)
        )

    async def hand_over(
        self, failed: Login, error: SourceError, *, begun: bool, target: Target
    ) -> bool:
        """Park the login that met `error`, and go on with the next; False if there is none.

        `begun`: it was shown something of the target before. A target that is not shown at all may
        be nobody's but its owner's: that parks a login only when the next target is not shown either.
        A visitor goes on as somebody where only members are shown it.
        """
        async with self._lock:
            if self.login.id != failed.id:
                return True  # somebody else of this job met it first
            if not failed.id:
                return isinstance(error, LoginRequired) and await self._come_in(target)
            number = int(failed.id)
            await self._turns.park(number, error, begun=begun, target=target)
            self._tried.add(number)
            others = [] if self._alone else await self._others(target.host)
            if not any(one.rests is None for one in others):
                return False
            await self._pass_on(others)
            return True

    async def _come_in(self, target: Target) -> bool:
        if self._busy is not None and self._turns.now() < self._busy[0]:
            raise self._busy[1]  # so many files would each wait in turn
        kept = [] if self._alone else await self._others(target.host)
        if not any(one.rests is None for one in kept):
            return False
        try:
            self.login = await self._turns.begin(kept, self._holder)
        except Busy as error:
            self._busy = (self._turns.now() + BUSY_S, error)
            raise
        log.info("login_came_in", goes_on=self.login.id)
        return True

    async def leave_parked(self, target: Target) -> None:
        """Go on with the next login if the own one rests since this job was turned away with it.

        It still is the own one when no other was free then. Raises what keeps the others from it.
        """
        async with self._lock:
            if self._alone or not self.login.id or int(self.login.id) not in self._tried:
                return
            own = [one for one in await self._turns.every() if str(one.kept.id) == self.login.id]
            if not any(one.rests is None for one in own):
                await self._pass_on(own + await self._others(target.host))

    async def _pass_on(self, candidates: list[_One]) -> None:
        await self._keep_cookies()
        left = self.login
        self.login = await self._turns.begin(candidates, self._holder)
        await self._turns.standings.let_go(int(left.id), left.turn)
        log.info("login_handed_over", parked=left.id, goes_on=self.login.id)

    async def begin(self, chosen: int) -> None:
        """Take the first turn: at the chosen login, or at another where that one rests."""
        every = await self._turns.every()
        own = [one for one in every if one.kept.id == chosen]
        if self._alone:
            own = [replace(one, rests=None) for one in own]
        hosts = {self._host} - {""}
        if not self.platform:  # the link is not known yet: then what is like the chosen one
            self.platform = next((one.kept.platform for one in own), "")
            hosts = {site for one in own for site in one.kept.sites}
        if not any(one.rests is None for one in own) and not self._alone:
            own += self._fit_for_platform(every, {chosen}, hosts)
        self.login = await self._turns.begin(own, self._holder)

    async def renew(self) -> None:
        """Keep the turn for a while longer."""
        async with self._lock:  # else a login that was just let go of would be held again
            if self.login.id:
                await self._turns.standings.take(int(self.login.id), self._holder)

    async def end(self) -> None:
        """Keep the cookies that were given anew, and let the login go."""
        try:
            await self.keep_cookies()
        finally:
            if self.login.id:
                await self._turns.standings.let_go(int(self.login.id), self._holder)

    def renewals(self, login: Login) -> Callable[[Jar], None]:
        """Return how a client of the job notes its cookies when the platform gives the login some anew.

        `keep_cookies` writes what all clients were given, of each cookie the newest.
        """
        before = login.jar

        def note(jar: Jar) -> None:
            nonlocal before
            anew = [cookie for cookie in jar.cookies if cookie not in before.cookies]
            before = jar
            if login.id == self.login.id:
                self._renewed = renew(self._renewed or self.login.jar, anew)

        return note

    async def keep_cookies(self) -> None:
        """Keep the cookies that were given anew, unless somebody has brought others meanwhile."""
        async with self._lock:
            await self._keep_cookies()

    async def _keep_cookies(self) -> None:
        jar, self._renewed = self._renewed, None
        if jar is None or jar == self.login.jar:
            return
        version = await self._turns.rotate(self.login, jar)
        self.login = replace(self.login, jar=jar, version=version or 0)

    async def worked(self, login: Login) -> None:
        """Note that a login was served."""
        if login.id:
            await self._turns.standings.worked(int(login.id))

    async def _others(self, host: str) -> list[_One]:
        tried = self._tried | ({int(self.login.id)} if self.login.id else set())
        return self._fit_for_platform(await self._turns.every(), tried, {host} - {""})

    def _fit_for_platform(
        self, every: list[_One], tried: set[int], hosts: Collection[str]
    ) -> list[_One]:
        """Return the other logins of the platform and of these hosts, the least used of today first."""
        same = (o for o in every if is_for(o.kept, self.platform, "") and o.kept.id not in tried)
        return sorted(
            (one for one in same if _reaches(one.kept, hosts)),
            key=lambda one: (one.spent, one.kept.id),
        )


class Turns:
    """Gives jobs their turns at logins. `owner` names this process among the holders."""

    def __init__(
        self,
        logins: Logins,
        standings: Standings,
        clock: Clock,
        owner: str,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.standings = standings
        self._logins = logins
        self._clock = clock
        self._owner = owner
        self._patience_s = patience_s

    @asynccontextmanager
    async def take(
        self, chosen: int | None, platform: str = "", *, host: str = "", alone: bool = False
    ) -> AsyncGenerator[Turn]:
        """Hold a login of `platform`, and of `host` there, while the context lasts, and no other job does.

        Without a chosen one a visitor's turn begins. Raises what keeps the login and all others of the
        platform from going on. `alone`: this very login or none, even if it rests: to see whether it
        works.
        """
        turn = Turn(self, f"{self._owner}/{uuid4().hex}", platform, host, alone=alone)
        if chosen is not None:
            await turn.begin(chosen)
        keeping = asyncio.create_task(self._keep(turn))
        try:
            yield turn
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])
            await turn.end()

    async def park(self, number: int, error: SourceError, *, begun: bool, target: Target) -> None:
        """Let a login rest, as its platform's answer says."""
        match error:
            case Spent():
                return  # its count says so by itself
            case RateLimited():
                until: float | None = self._clock.now() + (error.retry_after or BUSY_S)
            case LoginRequired() if not begun:
                name = f"{target.platform} {target.host} {target.feed} {target.key}"
                if await self.standings.refused(number, name) < REFUSALS:
                    return
                until = None
            case _:
                until = None
        log.warning("login_parked", login=number, reason=error.reason, until=until)
        await self.standings.park(number, error.reason, str(error), until)

    async def rotate(self, login: Login, jar: Jar) -> int | None:
        """Write the cookies of a login back; None if others were brought meanwhile, or it is gone."""
        number = int(login.id)
        if (version := await self._logins.rotate(number, jar, version=login.version)) is not None:
            return version
        try:  # it may have got another name alone
            now = await self._logins.get(number)
            if (await self._logins.jar(number)).netscape() != login.jar.netscape():
                return None
        except (NotFound, Unsealable):
            return None
        return await self._logins.rotate(number, jar, version=now.version)

    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return self._clock.now()

    async def every(self) -> list[_One]:
        """Return all logins with what keeps each from being used."""
        standings: Mapping[int, Standing] = await self.standings.all()
        found = []
        for kept in await self._logins.list():
            standing = standings.get(kept.id, Standing())
            rests = self._unusable(kept) or standing.rests
            found.append(_One(kept, rests, standing.spent))
        return found

    async def begin(self, candidates: list[_One], holder: str) -> Login:
        """Take the turn at the first candidate that is fit and free; wait for one that is not free."""
        fit = [one for one in candidates if one.rests is None]
        if not fit:
            raise self._why(candidates)
        deadline = self._clock.now() + self._patience_s
        while True:
            for one in fit:
                if await self.standings.take(one.kept.id, holder):
                    try:
                        jar = await self._logins.jar(one.kept.id)
                    except BaseException:
                        await self.standings.let_go(one.kept.id, holder)
                        raise
                    return Login(
                        id=str(one.kept.id),
                        jar=jar,
                        turn=holder,
                        user_agent=one.kept.user_agent,
                        version=one.kept.version,
                    )
            if self._clock.now() >= deadline:
                raise Busy(
                    f"Another job has its turn at the login “{fit[0].kept.name}”.",
                    retry_after=BUSY_S,
                )
            await self._clock.sleep(LOOK_S)

    async def _keep(self, turn: Turn) -> None:
        """Renew the turn while it lasts; who lost it learns so at the next request."""
        while True:
            await asyncio.sleep(TURN_S / 4)
            try:
                await turn.renew()
            except Exception:  # the database may be away, and come back
                log.exception("turn_not_renewed", login=turn.login.id)

    def _unusable(self, kept: Kept) -> Parked | None:
        now = self._clock.now()
        if not kept.readable:
            return Parked(reason=Reason.LOGIN_REQUIRED, detail=SEALED, since=now, until=None)
        if kept.expires_at is not None and kept.expires_at <= now:
            return Parked(
                reason=Reason.LOGIN_REQUIRED, detail=ENDED, since=kept.expires_at, until=None
            )
        return None

    def _why(self, candidates: list[_One]) -> SourceError:
        """Return what to tell of logins that all rest: the soonest end of that, if one is known."""
        now = self._clock.now()
        resting = [(one.kept.name, one.rests) for one in candidates if one.rests is not None]
        ends = [(r.until, name, r) for name, r in resting if r.until is not None]
        if ends:
            until, name, rests = min(ends, key=lambda each: each[0])
            told = f"The login “{name}” rests until {moment(until)}. {rests.detail}"
            return RateLimited(told, retry_after=max(until - now, 1.0))
        if not resting:
            return LoginRequired("The login that was chosen is there no longer.")
        name, rests = resting[0]
        told = f"The login “{name}” rests until somebody sees to it. {rests.detail}"
        return (Challenge if rests.reason is Reason.CHALLENGE else LoginRequired)(told)
