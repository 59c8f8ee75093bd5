"""OpenID."""

from gatherum.web.routing import Routes

routes = Routes("OpenID")
