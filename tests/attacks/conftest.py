"""What the attacks are run on: the whole server, with something of everything in it."""

from tests.web.conftest import server, settings

__all__ = ["server", "settings"]
