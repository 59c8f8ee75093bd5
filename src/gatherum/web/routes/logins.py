"""Logins."""

from gatherum.web.routing import Routes

routes = Routes("Logins")
