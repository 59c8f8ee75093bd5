"""Plaza, a small platform of our own: what a stranger can try Gatherum on without the internet."""

from gatherum.demo.api import Budget
from gatherum.demo.server import running, serve_demo, shown

__all__ = ["Budget", "running", "serve_demo", "shown"]
