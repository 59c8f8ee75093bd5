"""What a link is, and the jobs that bring in what is behind it."""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from urllib.parse import urlsplit

from gatherum.acquiring.acquisition import Acquisition, Ask, Ending, Pages, keep_fetched
from gatherum.acquiring.clients import Clients
from gatherum.acquiring.handover import list_in_turn
from gatherum.acquiring.media_fetch import MediaFetch
from gatherum.acquiring.pipeline import Pipeline
from gatherum.acquiring.turns import Login, Turn, Turns
from gatherum.errors import InvalidInput, Refused, SourceError, Unsupported, Withheld
from gatherum.fetching.client import JobClient
from gatherum.fetching.http import Meter
from gatherum.fetching.logins import Logins
from gatherum.fetching.memory import Memory
from gatherum.library.catalogue import Catalogue
from gatherum.library.naming import Template
from gatherum.model import KEEP, Decision, Page, Part, Post, Target, Wanted
from gatherum.providers import Provider, Step, all_providers, find_targets
from gatherum.providers.chain import Chain, Misread, Position, list_by
from gatherum.providers.recognise import recognise
from gatherum.providers.urls import normalise

BATCH = 200  # direct links a page

Select = Callable[[Sequence[Post]], Sequence[Decision]]
Check = Callable[[Wanted, Part], Decision]


def keep_all(posts: Sequence[Post]) -> Sequence[Decision]:
    """Select everything."""
    return [KEEP for post in posts for _ in post.media]


class Links:
    """Turns links into targets, and targets into acquisitions."""

    def __init__(
        self,
        *,
        pipeline: Pipeline,
        catalogue: Catalogue,
        chain: Chain,
        clients: Clients,
        media: MediaFetch,
        memory: Memory,
        logins: Logins,
        turns: Turns,
        template: Callable[[], Template],
    ) -> None:
        self._pipeline = pipeline
        self._catalogue = catalogue
        self._chain = chain
        self._media = media
        self._memory = memory
        self._logins = logins
        self.clients = clients
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
        target = await self._find_out(url, host, self.clients.make("", login, meter))
        await self._memory.keep(url, target)
        return target

    async def _find_out(self, url: str, host: str, client: JobClient) -> Target:
        """Ask the host, then the engines: to start one of those takes longer than a request.

        On a host that is known to be an engine's, the engine comes first.
        """
        platform = await self._memory.find_platform(host)
        is_engines = platform is not None and all(p.platform != platform for p in all_providers())
        if is_engines and (site := await self.clients.find_site(url)) is not None:
            return site
        try:
            target = await recognise(url, client)
        except (Refused, Withheld):
            raise
        except SourceError:
            if (site := await self.clients.find_site(url)) is None:
                raise
            return site  # an engine knows how to ask where our plain request was turned away
        if target.platform != "web":
            return target
        for link in (url, target.values.get("led")):
            if link is not None and (site := await self.clients.find_site(link)) is not None:
                return site
        return target

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
                fetch=self._media.by(turn, target, meter),
                ask=self._ask(turn, meter),
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
            client = self.clients.make("direct", turn.login, meter)
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
                fetch=self._media.by(turn, steps[0][1], meter),
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
                if not turn.login.id:
                    turn.platform = target.platform
                async for step in self._pages(target, turn, meter)(None):
                    yield step

        again = Target(platform="", feed="again", key=job_id, url="")
        return await self._pipeline.run(
            Acquisition(
                job_id=job_id,
                target=again,
                pages=pages,
                select=keep_all,
                fetch=self._media.by(turn, again, meter),
                path=self._template().path,
                tracked=False,
            )
        )

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
        client = self.clients.make(target.platform, login, meter)
        if counted:
            return self._chain.pages_by(provider, target, client)
        return list_by(provider, target, client, None)

    def _pages(self, target: Target, turn: Turn, meter: Meter, chosen: str = "") -> Pages:
        misread: dict[str, Misread] = {}  # by the login: another one may be shown what is known

        def steps(
            login: Login,
            start: Position | None,
            spare: bool,  # noqa: FBT001 - a `Steps`
        ) -> AsyncGenerator[tuple[str, Page]]:
            client = self.clients.make(target.platform, login, meter, turn)
            noted = misread.setdefault(login.id, Misread())
            return self._chain.pages(target, client, start=start, spare=spare, misread=noted)

        async def pages(cursor: str | None) -> AsyncGenerator[tuple[str, Page]]:
            start = None
            if cursor is not None:
                listing = await self._catalogue.listing(target, chosen)
                start = Position(provider=listing.provider or "", cursor=cursor)
            async with aclosing(list_in_turn(turn, target, steps, start)) as listed:
                async for step in listed:
                    yield step

        return pages

    def _ask(self, turn: Turn, meter: Meter) -> Ask:
        async def ask(url: str) -> None:
            # By the login of now, or none: whether a post is there still is no reason to change it.
            target = await self.resolve(url, turn.login, meter)
            login = turn.login if target.platform == turn.platform else Login()
            client = self.clients.make(target.platform, login, meter, turn)
            async with aclosing(self._chain.pages(target, client)) as pages:
                async for _ in pages:
                    return

        return ask


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


def given_in(lines: Sequence[str]) -> list[str]:
    """Return what lines hold; blank and `#` lines are left out."""
    texts = (line.strip() for line in lines)
    return [text for text in texts if text and not text.startswith("#")]


def read_links(lines: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Split what lines hold into links, and what cannot be read as one with the reason; each once."""
    links: list[str] = []
    nonsense: dict[str, str] = {}
    for text in dict.fromkeys(given_in(lines)):
        try:
            normalise(text)
        except InvalidInput as error:
            nonsense[text] = str(error)
        except SourceError:
            links.append(text)  # a link that is never followed: its job says so
        else:
            links.append(text)
    return links, nonsense
