"""API keys."""

from gatherum.web.routing import Routes

routes = Routes("API keys")
