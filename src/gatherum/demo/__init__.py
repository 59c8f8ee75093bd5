"""Plaza, a small platform of our own: what a stranger can try Gatherum on without the internet."""

from gatherum.demo.api import Budget
from gatherum.demo.server import running, shown

__all__ = ["Budget", "running", "shown"]
