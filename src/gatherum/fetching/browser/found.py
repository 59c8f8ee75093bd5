"""Is there a browser on this machine, and if not, what must be installed?"""

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from gatherum.safety.root import Guard

CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NO_PLAYWRIGHT: Final = (
    "This way needs a browser. Install what drives one: "
    f"{sys.executable} -m pip install playwright."
)
NO_CHROMIUM: Final = (
    "This way needs a browser, and there is no Chromium here. Install one: apt-get install chromium "
    "(or, where there is no such package, playwright install chromium)."
)


def find_chromium() -> Path | None:
    """Return the Chromium of this machine, else the one that Playwright has brought."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return Path(found)
    brought = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright")
    found_here = sorted(brought.expanduser().glob("chromium-*/chrome-linux*/chrome"))
    return found_here[-1] if found_here else None


def find_lack(executable: Path | None) -> str | None:
    """Return what must be installed before a browser can start, None if nothing."""
    if find_spec("playwright") is None:
        return NO_PLAYWRIGHT
    return NO_CHROMIUM if executable is None or not executable.exists() else None


def browser_status() -> Guard:
    """Return whether a browser could start here."""
    executable = find_chromium()
    lack = find_lack(executable)
    if lack is not None or executable is None:
        return Guard("browser", ok=False, detail=lack or NO_CHROMIUM)
    return Guard("browser", ok=True, detail=f"{executable.name} is installed")
