"""What needs a person: one list, for Home, for counts beside names, and for scripts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

from gatherum.accounts.model import Caller, Scope
from gatherum.acquiring.jobs import new_fetch_job
from gatherum.app import App
from gatherum.fetching.standings import Standing
from gatherum.jobs.looking import Needy
from gatherum.model import Reason
from gatherum.moments import Moment, iso
from gatherum.query.search import Query
from gatherum.subscriptions.model import Subscription, SubscriptionQuery
from gatherum.web.limits import Rate
from gatherum.web.login_views import LoginHealth, login_view
from gatherum.web.routes.health import get_health
from gatherum.web.routing import AppDep, CallerDep, Routes

routes = Routes("Needs")
DAMAGED = "is:damaged"
PAGE = 500  # subscriptions that are read at a time
ASKING = (
    LoginHealth.CHECKPOINT,
    LoginHealth.ENDED,
    LoginHealth.EXPIRING,
    LoginHealth.REFUSED,
    LoginHealth.UNREADABLE,
)
TOLD_BY = {  # a login is not told apart where what waits for it is told
    LoginHealth.CHECKPOINT: Reason.CHALLENGE,
    LoginHealth.REFUSED: Reason.LOGIN_REQUIRED,
}


class NeedKind(StrEnum):
    """What needs a person, and so which filter shows just that."""

    WORK = "work"  # jobs (`/jobs?needs=true`) and subscriptions, by reason and platform
    LOGIN = "login"  # a login that ends, or has ended
    FILES = "files"  # damaged or missing files, which `q` finds
    ALARM = "alarm"  # the installation itself


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedView:
    """What one act of a person would settle. `count` is how many things there are of it.

    `reason` is a reason of the closed set, how a login does, or the name of an alarm; null: a job
    failed and told none. `title` and `detail` are those of one of them.
    """

    kind: NeedKind
    reason: str | None
    platform: str | None
    count: int
    title: str
    detail: str | None
    since: Moment | None
    jobs: int = 0
    subscriptions: tuple[int, ...] = ()
    login: int | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class NeedList:
    """All that needs a person. All is well where it is empty."""

    items: tuple[NeedView, ...]


@dataclass(frozen=True, slots=True)
class Repairing:
    """How many media are downloaded again, and the job that does it; null: there were none."""

    media: int
    job: str | None


@routes.add("GET", "/needs", scope=Scope.LIBRARY_READ, rate=Rate.READ)
async def list_needs(app: AppDep, caller: CallerDep) -> NeedList:
    """List what needs a person, as far as the caller may see it; empty means that all is well."""
    work = await _work(app, caller)
    needs = (
        *await _alarms(app),
        *work,
        *await _logins(app, caller, work),
        *await _files(app),
    )
    full = any(one.kind is NeedKind.ALARM and one.reason == "disk" for one in needs)
    return NeedList(tuple(one for one in needs if not (full and one.reason == Reason.DISK_FULL)))


@routes.add("POST", "/needs/files", scope=Scope.LIBRARY_WRITE, rate=Rate.BATCH)
async def repair_files(app: AppDep) -> Repairing:
    """Download again what the last check found damaged or missing."""
    media = await app.integrity.want_again(await app.integrity.damaged())
    return Repairing(len(media), await app.queue.enqueue(new_fetch_job(media)) if media else None)


async def _alarms(app: App) -> tuple[NeedView, ...]:
    """Return alarms, and checks that fail and have raised none yet; damaged files are told as such."""
    health = await get_health(app)
    alarmed = {one.name for one in health.alarms}
    told: list[tuple[str, str, Moment | None]] = [
        (one.name, one.message, one.since) for one in health.alarms
    ]
    told += [
        (check.name, check.detail, None)
        for check in health.checks
        if not check.ok and check.name not in alarmed
    ]
    return tuple(
        NeedView(
            kind=NeedKind.ALARM,
            reason=name,
            platform=None,
            count=1,
            title=message,
            detail=None,
            since=since,
        )
        for name, message, since in told
        if name != "files"
    )


async def _work(app: App, caller: Caller) -> tuple[NeedView, ...]:
    """Return what failed and what asks, by reason and platform: jobs and subscriptions together."""
    jobs = await app.queue.needy() if caller.may(Scope.QUEUE_READ) else ()
    sources: dict[tuple[str | None, str], list[Subscription]] = {}
    if caller.may(Scope.FOLLOWING_READ):
        async for one in _failing(app):
            sources.setdefault((one.reason, one.target.platform), []).append(one)
    needy: dict[tuple[str | None, str], Needy] = {(one.reason, one.partition): one for one in jobs}
    found = []
    for reason, platform in dict.fromkeys((*needy, *sources)):
        job, ones = needy.get((reason, platform)), sources.get((reason, platform), [])
        found.append(
            NeedView(
                kind=NeedKind.WORK,
                reason=reason,
                platform=platform,
                count=(job.count if job else 0) + len(ones),
                title=ones[0].title if ones else job.title if job else "",
                detail=ones[0].detail if ones else job.detail if job else None,
                since=iso(job.since) if job else iso(ones[0].checked_at),
                jobs=job.count if job else 0,
                subscriptions=tuple(one.id for one in ones),
            )
        )
    return tuple(found)


async def _failing(app: App) -> AsyncIterator[Subscription]:
    """Yield every subscription that fails, newest first."""
    query, before = SubscriptionQuery(failing=True, paused=False), None
    while page := await app.subscriptions.page(query, limit=PAGE, before=before):
        for one in page:
            yield one
        before = page[-1].id


async def _logins(app: App, caller: Caller, work: tuple[NeedView, ...]) -> tuple[NeedView, ...]:
    if not caller.may(Scope.LOGINS_READ):
        return ()
    standings = await app.standings.all()
    told = {(one.reason, one.platform) for one in work}
    found = []
    for login in await app.logins.list():
        view = login_view(login, {}, standings.get(login.id, Standing()), now=app.clock.now())
        by = TOLD_BY.get(view.health)
        if view.health not in ASKING or (by, login.platform) in told:
            continue
        found.append(
            NeedView(
                kind=NeedKind.LOGIN,
                reason=view.health,
                platform=login.platform,
                count=1,
                title=login.name,
                detail=view.rests.detail if view.rests else None,
                since=view.expires_at if view.rests is None else view.rests.since,
                login=login.id,
            )
        )
    return tuple(found)


async def _files(app: App) -> tuple[NeedView, ...]:
    count = (await app.search.count(Query.parse(DAMAGED))).count
    if count == 0:
        return ()
    return (
        NeedView(
            kind=NeedKind.FILES,
            reason="files",
            platform=None,
            count=count,
            title="",
            detail=None,
            since=None,
            q=DAMAGED,
        ),
    )
