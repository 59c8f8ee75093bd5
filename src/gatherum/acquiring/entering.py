"""Signing in to a forum once, by name and password: what stays is a login with its cookies."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gatherum.acquiring.links import Links
from gatherum.errors import Challenge
from gatherum.fetching.logins import Also, Login, Logins, nothing
from gatherum.ports import Clock
from gatherum.providers.forums.entries import sign_in
from gatherum.providers.forums.entry import Key
from gatherum.providers.urls import host_of, normalise


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """Sends a password to the forum that it is for, and keeps it nowhere."""

    links: Callable[[], Awaitable[Links]]
    logins: Logins
    clock: Clock

    async def enter(self, url: str, key: Key, *, also: Also = nothing) -> Login:
        """Sign in to the forum of a link, and return the login, with fresh cookies if there was one.

        Raises as `sign_in` does.
        """
        visit = (await self.links()).visit()
        platform = await sign_in(visit, url, key, self.clock.sleep)
        cookies = visit.jar.netscape()
        if cookies is None:
            raise Challenge("The forum let you in and set no cookies: give those of a browser.")
        host = host_of(normalise(url if "://" in url else f"https://{url}"))
        name = f"{key.name} at {host}"
        for one in await self.logins.list():
            if (one.platform, one.name) == (platform, name):
                return await self.logins.renew(one.id, cookies, also=also)
        return await self.logins.add(platform, name, cookies, signed_in_as=key.name, also=also)
