"""What jobs ask the outside with: for a login or for nobody, over the network, the engines and the browser."""

from dataclasses import dataclass

from gatherum.acquiring.turns import Login, Turn
from gatherum.fetching.browser import Browsers
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import Jar
from gatherum.fetching.http import Http, Meter
from gatherum.fetching.visiting import Visit
from gatherum.fetching.workers.engine import EnginePool
from gatherum.model import Target
from gatherum.providers.engines.sites import site_target

ENGINES = ("gallerydl", "ytdlp")


def ignore_renewal(_jar: Jar) -> None:
    """Let cookies go that were given anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """Makes the clients that providers are given."""

    http: Http
    engines: EnginePool
    browsers: Browsers

    def make(
        self, platform: str, login: Login, meter: Meter, turn: Turn | None = None
    ) -> JobClient:
        """Return a client for one listing; a `turn` is told of cookies that are given anew."""
        return JobClient(
            self.http,
            self.engines,
            platform=platform,
            login=login.id,
            jar=login.jar,
            meter=meter,
            browsers=self.browsers,
            turn=login.turn,
            user_agent=login.user_agent,
            renewed=turn.renewals(login) if turn else ignore_renewal,
        )

    def visit(self) -> Visit:
        """Return a visit by somebody of whom no site knows anything yet."""
        return Visit(self.http)

    async def find_site(self, url: str) -> Target | None:
        """Return what an engine that was made for its site knows a link to be; makes no request."""
        for engine in ENGINES:
            if (key := await self.engines.supports(engine, url)) is not None:
                return site_target(engine, key, url)
        return None
