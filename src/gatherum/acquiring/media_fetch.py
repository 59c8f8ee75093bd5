"""How one media's file is brought in: with whose cookies, by which transport, and from which page."""

from contextlib import aclosing
from dataclasses import dataclass, replace

from gatherum.acquiring.acquisition import Fetch
from gatherum.acquiring.clients import Clients
from gatherum.acquiring.turns import Login, Turn
from gatherum.errors import LoginRequired, PageInstead, Spent
from gatherum.fetching.fetcher import Fetcher
from gatherum.fetching.http import Meter, Scope
from gatherum.fetching.streams import StreamFetcher
from gatherum.model import Media, Part, Target, Transport, Wanted
from gatherum.providers import get_chain
from gatherum.providers.chain import list_by
from gatherum.providers.urls import host_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFetch:
    """Brings files into staging, by the login whose turn it is."""

    clients: Clients
    fetcher: Fetcher
    streams: StreamFetcher

    def by(self, turn: Turn, target: Target, meter: Meter) -> Fetch:
        """Return how a job fetches what `target` offers."""

        async def fetch(wanted: Wanted) -> Part:
            while True:
                login = turn.login
                try:
                    return await self._fetch(login, target.platform, wanted, meter)
                except (Spent, LoginRequired) as error:
                    # What one file wants says nothing of a login that its platform serves, and
                    # a visitor needs one whose cookies reach that file.
                    ours = isinstance(error, Spent) or not login.id
                    at = target if login.id else replace(target, host=host_of(wanted.media.url))
                    if not ours or not await turn.hand_over(login, error, begun=True, target=at):
                        raise

        return fetch

    async def _fetch(self, login: Login, platform: str, wanted: Wanted, meter: Meter) -> Part:
        try:
            return await self._fetch_from(login, platform, wanted, meter)
        except PageInstead:
            shown = await self._shown_at(wanted.media.url, meter)
            if shown is None:
                raise
        media = replace(shown, id=wanted.media.id)
        found = replace(wanted, media=media, etag=None, part_ok=0)
        return await self._fetch_from(Login(), "", found, meter)

    async def _shown_at(self, url: str, meter: Meter) -> Media | None:
        """Return the one file that a page is about, if an engine was made for its site.

        Image hosts name such pages like the file: imagetwist.com/f1i2s4vhvbrq/beach.png is none.
        """
        site = await self.clients.find_site(url)
        if site is None:
            return None
        provider, own = get_chain(site)[0]
        client = self.clients.make(site.platform, Login(), meter)
        shown: list[Media] = []
        async with aclosing(list_by(provider, own, client, None)) as pages:
            async for page in pages:
                shown += [media for post in page.posts for media in post.media]
                if len(shown) > 1:
                    return None
        return shown[0] if shown and shown[0].url != url else None

    async def _fetch_from(self, login: Login, platform: str, wanted: Wanted, meter: Meter) -> Part:
        jar = login.jar
        if wanted.media.transport is Transport.YTDLP:
            scope = Scope(platform=platform, login=login.id, turn=login.turn, sites=jar.sites)
            return await self.streams.fetch(
                wanted,
                scope=scope,
                cookies=jar.netscape(),
                meter=meter,
                user_agent=login.user_agent,
            )
        return await self.fetcher.fetch(
            wanted,
            login=login.id,
            jar=jar,
            meter=meter,
            turn=login.turn,
            user_agent=login.user_agent,
        )
