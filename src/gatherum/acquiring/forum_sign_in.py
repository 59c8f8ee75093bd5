"""Signing in to a forum once, by name and password: what stays is a login with its cookies."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gatherum.acquiring.links import Links
from gatherum.errors import Challenge
from gatherum.fetching.logins import Also, Login, Logins, nothing
from gatherum.ports import Clock
from gatherum.providers.forums.login_form import Credentials
from gatherum.providers.forums.login_forms import sign_in
from gatherum.providers.urls import host_of, normalise


@dataclass(frozen=True, slots=True, kw_only=True)
class ForumSignIn:
    """Sends a password to the forum that it is for, and keeps it nowhere."""

    links: Callable[[], Awaitable[Links]]
    logins: Logins
    clock: Clock

    async def sign_in(self, url: str, given: Credentials, *, also: Also = nothing) -> Login:
        """Sign in to the forum of a link, and return the login, with fresh cookies if there was one.

        Whose it is there makes it the same login, whatever it has been called since. Raises as `sign_in` does.
        """
        visit = (await self.links()).clients.visit()
        platform = await sign_in(visit, url, given, self.clock.sleep)
        cookies = visit.jar.netscape()
        if cookies is None:
            raise Challenge("The forum let you in and set no cookies: give those of a browser.")
        host = host_of(normalise(url if "://" in url else f"https://{url}"))
        name = f"{given.name} at {host}"
        kept = [one for one in await self.logins.list() if one.platform == platform]
        same = [one for one in kept if one.name == name] or [
            one
            for one in kept
            if one.signed_in_as == given.name
            and (host in one.sites or set(one.sites) == visit.jar.sites)
        ]
        if same:
            return await self.logins.renew(same[0].id, cookies, also=also)
        return await self.logins.add(platform, name, cookies, signed_in_as=given.name, also=also)
