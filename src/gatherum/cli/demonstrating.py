"""`gatherum demo`: the main job, shown with a small platform of our own and no internet."""

from pathlib import Path

import typer

from gatherum import log
from gatherum.app import open_app
from gatherum.cli.getting import get
from gatherum.cli.output import Exit
from gatherum.cli.serving import serve
from gatherum.demo.server import running, shown
from gatherum.settings import BootSettings, read_environment

HOST = "127.0.0.1"
NEXT = """
All of this came from a platform that runs on this machine alone. Its front page: {address}
The files are in {library}

Try, in another terminal (a real one needs none of these settings):
  export GATHERUM_DATA_DIR={data} GATHERUM_NETWORK_ALLOW={host}
  gatherum media                       what the library holds
  gatherum get {first}      nothing is fetched twice
  gatherum follow {first}   new posts come in by themselves
Press Ctrl-C to end the demonstration."""


async def demo() -> Exit:
    """Start the demonstration platform, get what it shows, and stay until stopped."""
    settings = _settings(read_environment())
    log.configure(level="error", form=settings.log_format)
    async with running() as address:
        links = shown(address)
        async with open_app(settings) as app:
            await app.preferences.set("network.pace", "0")
        for link in links:
            typer.echo(f"$ gatherum get {link}")
            await get(settings, [link], as_json=False, limit=None, cookies=None)
        typer.echo(
            NEXT.format(
                address=address,
                library=_short(settings.library_root / "library"),
                data=settings.data_dir,
                host=HOST,
                first=links[0],
            )
        )
        return await serve(settings, worker=True)


def _settings(own: BootSettings) -> BootSettings:
    """Return settings for a library beside the user's own, which may reach this machine."""
    data = own.data_dir / "demo"
    return own.model_copy(
        update={
            "data_dir": data,
            "database_url": "",
            "library_dir": None,
            "network_allow": (HOST,),
            "port": 0,
        }
    )


def _short(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
