"""Write the description of the API anew: `make openapi`."""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from gatherum.app import open_app
from gatherum.settings import BootSettings
from gatherum.web.app import make_web
from gatherum.web.site import make_site

TARGET = Path(__file__).parent.parent / "docs" / "openapi.json"


async def describe() -> dict[str, Any]:
    """Return the description, as an installation of its own would give it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = BootSettings(data_dir=Path(folder) / "data", _env_file=None)
        async with open_app(settings) as app:
            return make_web(app, make_site(settings, 8420)).openapi()


def write(description: dict[str, Any]) -> str:
    """Return the text of the file."""
    return json.dumps(description, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(write(asyncio.run(describe())), encoding="utf-8")
