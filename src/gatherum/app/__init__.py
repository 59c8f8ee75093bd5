"""The composition root: the only place that builds objects, and closes them in reverse."""

from gatherum.app.core import App, SystemClock, open_app
from gatherum.app.links import open_engines
from gatherum.app.worker import run_mending, run_worker

__all__ = [
    "App",
    "SystemClock",
    "open_app",
    "open_engines",
    "run_mending",
    "run_worker",
]
