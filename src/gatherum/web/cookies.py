"""The session's cookie: where it is set, and where it is taken back."""

from typing import Annotated

from fastapi import Depends, Request, Response

from gatherum.accounts.sessions import DAY_S, PENDING_S
from gatherum.settings import SecuritySettings
from gatherum.web.routing import AppDep
from gatherum.web.site import Site


class SessionCookie:
    """The cookie of one request: no script reads it, no other site sends it along.

    It has no Domain and the path `/`, so that on https the name `__Host-sid` is granted.
    """

    def __init__(self, request: Request, app: AppDep) -> None:
        self._site: Site = request.app.state.site
        self._app = app
        self.token: str | None = request.cookies.get(self._site.cookie) or None

    async def set(self, response: Response, token: str, *, full: bool = True) -> None:
        """Give the browser another token."""
        rules = await self._app.preferences.get(SecuritySettings)
        response.set_cookie(
            self._site.cookie,
            token,
            max_age=int(rules.session_days * DAY_S if full else PENDING_S),
            path="/",
            secure=self._site.secure,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response) -> None:
        """Let the browser forget its token, and all that it has kept of ours."""
        response.delete_cookie(
            self._site.cookie, path="/", secure=self._site.secure, httponly=True, samesite="lax"
        )
        # Not "cookies": that would sign people out of all that lives on names beside ours.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'


CookieDep = Annotated[SessionCookie, Depends()]
