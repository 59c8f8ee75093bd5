"""Export and import."""

from gatherum.web.routing import Routes

routes = Routes("Export and import")
