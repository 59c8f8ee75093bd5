"""A filled server for scanners: `python -m tests.attacks.target` says where it is, as JSON.

Its rates are eased, since a scanner asks more than a person; nothing of it reaches a network. It
ends with its standard input.
"""

import asyncio
import json
import logging
import sys
import tempfile
import time
from pathlib import Path

import structlog

from gatherum.accounts.model import Role, Scope
from gatherum.settings import BootSettings
from gatherum.web.limits import Limits
from tests.attacks.filled import fill
from tests.web.conftest import serving

NOWHERE = "http://127.0.0.1:9"  # a forward proxy that is not there


async def main() -> None:
    """Serve until standard input ends."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        settings = BootSettings(
            data_dir=Path(folder) / "data", port=0, network_proxy=NOWHERE, _env_file=None
        )
        async with serving(settings, limits=Limits(time.time, ease=100_000)) as server:
            filled = await fill(server)
            admin = await server.client_as(Role.ADMIN)
            wanted = {"name": "all", "scopes": [scope.value for scope in Scope]}
            async with admin.post("/api/v1/api-keys", json=wanted) as answer:
                key = (await answer.json())["key"]
            told = {
                "url": server.url,
                "cookie": admin.headers["Cookie"],
                "key": key,
                "ids": filled.ids,
            }
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
