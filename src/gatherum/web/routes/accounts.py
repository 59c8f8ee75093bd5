"""Accounts."""

from gatherum.web.routing import Routes

routes = Routes("Accounts")
