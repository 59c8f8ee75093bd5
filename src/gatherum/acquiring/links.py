"""What a link is, and the jobs that bring in what is behind it."""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from urllib.parse import urlsplit

from gatherum.acquiring.acquisition import Acquisition, Ending, Fetch, Pages, keep_fetched
from gatherum.acquiring.handover import list_in_turn
from gatherum.acquiring.pipeline import Pipeline
from gatherum.acquiring.turns import Login, Turn, Turns
from gatherum.errors import InvalidInput, Refused, SourceError, Spent, Unsupported
from gatherum.fetching.browser import Browsers
from gatherum.fetching.client import JobClient
from gatherum.fetching.cookies import Jar
from gatherum.fetching.fetcher import Fetcher
from gatherum.fetching.http import Http, Meter, Scope
from gatherum.fetching.logins import Logins
from gatherum.fetching.memory import Memory
from gatherum.fetching.streams import StreamFetcher
from gatherum.fetching.visiting import Visit
from gatherum.fetching.workers.engine import EnginePool
from gatherum.library.catalogue import Catalogue
from gatherum.library.naming import Template
from gatherum.model import KEEP, Decision, Page, Part, Post, Target, Transport, Wanted
from gatherum.providers import Provider, Step, all_providers, find_targets
from gatherum.providers.chain import Chain, Position, list_by
from gatherum.providers.engines.sites import site_target
from gatherum.providers.recognise import recognise
from gatherum.providers.urls import normalise

ENGINES = ("gallerydl", "ytdlp")
BATCH = 200  # direct links a page

Select = Callable[[Sequence[Post]], Sequence[Decision]]
Check = Callable[[Wanted, Part], Decision]


def keep_all(posts: Sequence[Post]) -> Sequence[Decision]:
    """Select everything."""
    return [KEEP for post in posts for _ in post.media]


def ignore_renewal(_jar: Jar) -> None:
    """Let cookies go that were given anew."""


class Links:
    """Turns links into targets, and targets into acquisitions."""

    def __init__(
        self,
        *,
        pipeline: Pipeline,
        catalogue: Catalogue,
        chain: Chain,
        http: Http,
        engines: EnginePool,
        browsers: Browsers,
        fetcher: Fetcher,
        streams: StreamFetcher,
        memory: Memory,
        logins: Logins,
        turns: Turns,
        template: Callable[[], Template],
    ) -> None:
        self._pipeline = pipeline
        self._catalogue = catalogue
        self._chain = chain
        self._http = http
        self._engines = engines
        self._browsers = browsers
        self._fetcher = fetcher
        self._streams = streams
        self._memory = memory
        self._logins = logins
        self.turns = turns
        self._template = template

    async def login(self, login_id: int | None) -> Login:
        """Return a stored login, or none at all, for one look: whose turn it is is not asked."""
        if login_id is None:
            return Login()
        kept = await self._logins.get(login_id)
        jar = await self._logins.jar(login_id)
        return Login(id=str(login_id), jar=jar, user_agent=kept.user_agent)

    async def resolve(self, url: str, login: Login, meter: Meter) -> Target:
        """Return what a link is; a host that nobody knows is asked once, through the budget."""
        url = normalise(url)
        if claims := find_targets(url):
            return claims[0][1]
        if (known := await self._memory.find(url)) is not None:
            return known
        host = urlsplit(url).hostname or ""
        target = await self._find_out(url, host, self._client("", login, meter))
        await self._memory.keep(url, target, host)
        return target

    async def _find_out(self, url: str, host: str, client: JobClient) -> Target:
        """Ask the host, then the engines: to start one of those takes longer than a request.

        On a host that is known to be an engine's, the engine comes first.
        """
        platform = await self._memory.find_platform(host)
        is_engines = platform is not None and all(p.platform != platform for p in all_providers())
        if is_engines and (site := await self.find_site(url)) is not None:
            return site
        try:
            target = await recognise(url, client)
        except Refused:
            raise
        except SourceError:
            if (site := await self.find_site(url)) is None:
                raise
            return site  # an engine knows how to ask where our plain request was turned away
        if target.platform == "web":
            return await self.find_site(url) or target
        return target

    async def find_site(self, url: str) -> Target | None:
        """Return what an engine that was made for its site knows a link to be; makes no request."""
        for engine in ENGINES:
            if (key := await self._engines.supports(engine, url)) is not None:
                return site_target(engine, key, url)
        return None

    async def acquire_link(
        self, job_id: str, url: str, *, turn: Turn, limit: int | None, meter: Meter
    ) -> Ending:
        """Take everything behind one link to its outcome."""
        try:
            target = await self.resolve(url, turn.login, meter)
        except SourceError as error:
            return Ending(
                reason=error.reason, detail=str(error), later=getattr(error, "retry_after", None)
            )
        turn.platform = target.platform
        return await self.acquire(job_id, target, turn=turn, limit=limit, meter=meter)

    async def acquire(
        self,
        job_id: str,
        target: Target,
        *,
        turn: Turn,
        meter: Meter,
        limit: int | None = None,
        select: Select = keep_all,
        check: Check = keep_fetched,
        chosen: str = "",
        from_top: bool = True,
        back: bool = True,
        posts: int | None = None,
        subscription: int | None = None,
    ) -> Ending:
        """Take everything behind a target to its outcome; for a `subscription`, or for nobody's."""
        return await self._pipeline.run(
            Acquisition(
                job_id=job_id,
                target=target,
                pages=self._pages(target, turn, meter, chosen),
                select=select,
                check=check,
                chosen=chosen,
                fetch=self._fetch(target, turn, meter),
                path=self._template().path,
                tracked=target.platform != "direct",
                from_top=from_top,
                back=back,
                limit=limit,
                posts=posts,
                subscription=subscription,
            )
        )

    async def acquire_files(
        self, job_id: str, urls: Sequence[str], *, turn: Turn, limit: int | None, meter: Meter
    ) -> Ending:
        """Take many direct links to their outcome, as one job."""
        steps = [_direct(url) for url in urls]

        async def pages(_cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
            client = self._client("direct", turn.login, meter)
            for start in range(0, len(steps), BATCH):
                posts: list[Post] = []
                for provider, target in steps[start : start + BATCH]:
                    async for page in provider.listing(target, client, None):
                        posts += page.posts
                yield "direct.native", Page(posts=tuple(posts), cursor=None)

        return await self._pipeline.run(
            Acquisition(
                job_id=job_id,
                target=steps[0][1],
                pages=pages,
                select=keep_all,
                fetch=self._fetch(steps[0][1], turn, meter),
                path=self._template().path,
                tracked=False,
                limit=limit,
            )
        )

    async def acquire_again(
        self, job_id: str, media_ids: Sequence[int], *, turn: Turn, meter: Meter
    ) -> Ending:
        """Fetch wanted media anew, with addresses from their posts as they read now."""
        urls = await self._catalogue.post_urls(media_ids)
        await self._catalogue.expect(job_id, media_ids)

        async def pages(_cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
            for url in urls:
                target = await self.resolve(url, turn.login, meter)
                async for step in self._pages(target, turn, meter)(None):
                    yield step

        again = Target(platform="", feed="again", key=job_id, url="")
        return await self._pipeline.run(
            Acquisition(
                job_id=job_id,
                target=again,
                pages=pages,
                select=keep_all,
                fetch=self._fetch(again, turn, meter),
                path=self._template().path,
                tracked=False,
            )
        )

    def visit(self) -> Visit:
        """Return a visit by somebody of whom no site knows anything yet."""
        return Visit(self._http)

    def peek(
        self, target: Target, *, turn: Turn, meter: Meter
    ) -> AsyncGenerator[tuple[str, Page], None]:
        """List a target from the top; nothing is recorded."""
        return self._pages(target, turn, meter)(None)

    def steps(self, target: Target) -> Iterator[Step]:
        """Yield the ways to a target, each with what it is asked for."""
        return self._chain.steps(target)

    def may_ask(self, provider: Provider) -> bool:
        """Return whether a provider may be asked, by what somebody has agreed to."""
        return self._chain.may_ask(provider)

    def pages_by(
        self, provider: Provider, target: Target, *, login: Login, meter: Meter, counted: bool
    ) -> AsyncGenerator[Page, None]:
        """List a target from the top by one provider alone; a try that is not counted is forgotten."""
        client = self._client(target.platform, login, meter)
        if counted:
            return self._chain.pages_by(provider, target, client)
        return list_by(provider, target, client, None)

    def _client(
        self, platform: str, login: Login, meter: Meter, turn: Turn | None = None
    ) -> JobClient:
        return JobClient(
            self._http,
            self._engines,
            platform=platform,
            login=login.id,
            jar=login.jar,
            meter=meter,
            browsers=self._browsers,
            turn=login.turn,
            user_agent=login.user_agent,
            renewed=turn.renewals(login) if turn else ignore_renewal,
        )

    def _pages(self, target: Target, turn: Turn, meter: Meter, chosen: str = "") -> Pages:
        def steps(
            login: Login,
            start: Position | None,
            spare: bool,  # noqa: FBT001 - a `Steps`
        ) -> AsyncGenerator[tuple[str, Page]]:
            client = self._client(target.platform, login, meter, turn)
            return self._chain.pages(target, client, start=start, spare=spare)

        async def pages(cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
            start = None
            if cursor is not None:
                listing = await self._catalogue.listing(target, chosen)
                start = Position(provider=listing.provider or "", cursor=cursor)
            async with aclosing(list_in_turn(turn, target, steps, start)) as listed:
                async for step in listed:
                    yield step

        return pages

    def _fetch(self, target: Target, turn: Turn, meter: Meter) -> Fetch:
        async def fetch(wanted: Wanted) -> Part:
            while True:
                login = turn.login
                try:
                    return await self._fetch_with(login, target.platform, wanted, meter)
                except Spent as error:
                    if not await turn.hand_over(login, error, begun=True, target=target):
                        raise

        return fetch

    async def _fetch_with(self, login: Login, platform: str, wanted: Wanted, meter: Meter) -> Part:
        jar = login.jar
        if wanted.media.transport is Transport.YTDLP:
            scope = Scope(platform=platform, login=login.id, turn=login.turn, sites=jar.sites)
            return await self._streams.fetch(
                wanted,
                scope=scope,
                cookies=jar.netscape(),
                meter=meter,
                user_agent=login.user_agent,
            )
        return await self._fetcher.fetch(
            wanted,
            login=login.id,
            jar=jar,
            meter=meter,
            turn=login.turn,
            user_agent=login.user_agent,
        )


def _direct(url: str) -> tuple[Provider, Target]:
    claims = find_targets(url)
    if not claims or claims[0][1].platform != "direct":
        raise Unsupported("This is not a link to a file.")
    return claims[0]


def place_of(url: str) -> tuple[str, str]:
    """Return platform and host of a link, as far as its form tells; '' and '' if a host must be asked."""
    try:
        claims = find_targets(normalise(url))
    except (InvalidInput, SourceError):
        return "", ""
    return (claims[0][1].platform, claims[0][1].host) if claims else ("", "")


def read_links(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split lines into (links, what cannot be read as one); blank and `#` lines are left out."""
    links, nonsense = [], []
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            normalise(text)
        except InvalidInput:
            nonsense.append(text)
        except SourceError:
            links.append(text)  # a link that is never followed: its job says so
        else:
            links.append(text)
    return list(dict.fromkeys(links)), nonsense
