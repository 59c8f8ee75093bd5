"""Sources that nothing is asked of for a while: a command that waits says what it waits for."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from gatherum.app import App
from gatherum.cli.output import say
from gatherum.fetching.budget import BudgetView, read_budgets
from gatherum.jobs.queue import JobView

QUIET_S = 4.0  # told only where nothing has come for so long
LOOK_S = 2.0  # how often it is looked for
SHORT_S = 3.0  # what is over sooner is not worth a line


class Rests:
    """Tells of each rest once, while nothing else happens."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._still_since = self._looked_at = app.clock.now()
        self._seen: object = None
        self._told: dict[tuple[str, str, str], float] = {}  # until when, by source

    async def look(self, seen: object, jobs: Sequence[tuple[str, JobView]]) -> None:
        """Tell what is left alone that these jobs, by their links, wait for, once `seen` stays the same."""
        now = self._app.clock.now()
        if seen != self._seen:
            self._seen, self._still_since = seen, now
        if now < max(self._still_since + QUIET_S, self._looked_at + LOOK_S):
            return
        self._looked_at = now
        budgets = await read_budgets(self._app.database, now=now, pace=1.0)
        resting = [budget for budget in budgets if self._is_news(budget, now)]
        sites = await self._sites(jobs) if resting else set[str]()
        platforms = {job.partition for _, job in jobs}
        for budget in resting:
            if _site(budget.host) in sites if budget.host else budget.platform in platforms:
                self._told[_source(budget)] = budget.blocked_until
                say(_line(budget, budget.blocked_until - now))

    def _is_news(self, budget: BudgetView, now: float) -> bool:
        told = self._told.get(_source(budget), 0.0)
        return budget.blocked_until > max(now, told) + SHORT_S

    async def _sites(self, jobs: Sequence[tuple[str, JobView]]) -> set[str]:
        """Return the sites of some jobs' links, and of the media that they wait for."""
        links = [link for link, _ in jobs]
        for _, job in jobs:
            links += [media.url for media in await self._app.browse.pending(job.id)]
        return {_site(urlsplit(link).hostname or "") for link in links}


def _source(budget: BudgetView) -> tuple[str, str, str]:
    return budget.platform, budget.host, budget.login


def _site(host: str) -> str:
    """Return the end of a host, which the hosts of one site share."""
    return ".".join(host.split(".")[-2:])


def _line(budget: BudgetView, seconds: float) -> str:
    why = "it failed several times in a row" if budget.broken else "it asked us to wait"
    return f"{budget.host or budget.platform} is left alone for {seconds:.0f} s more: {why}."
