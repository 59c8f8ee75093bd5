"""Let pip fetch a package as a wheel: outside the sandbox, since where it asks is the machine's to say.

Only wheels are taken and nothing they depend on, so that no code of a package runs here: what it
holds is first run in the sandbox. pip looks for its own code nowhere but where Python is installed.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gatherum.errors import Unavailable

log = structlog.get_logger()
LONGEST_S: Final = 300.0
# What pip, and the libraries below it, are told of index, way out and trust.
KEPT: Final = (
    *("PATH", "HOME", "LANG", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "VIRTUAL_ENV"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)
PIP: Final = ("-P", "-m", "pip", "--disable-pip-version-check")  # -P: not from the working folder
WHEELS: Final = ("--only-binary", ":all:", "--no-deps", "--no-input", "--quiet")


class _Metadata(BaseModel):
    model_config = ConfigDict(extra="ignore")

    version: str
    requires_dist: tuple[str, ...] = ()


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore")

    metadata: _Metadata


class _Report(BaseModel):
    model_config = ConfigDict(extra="ignore")

    install: tuple[_Item, ...] = Field(min_length=1)


async def find_wheel(requirement: str) -> tuple[str, tuple[str, ...]]:
    """Return the newest version that fits, and what it says that it needs; nothing is installed.

    Raises `Unavailable` if the index has none, or does not answer.
    """
    told = await _pip(
        "install", *WHEELS, "--dry-run", "--ignore-installed", "--report", "-", requirement
    )
    try:
        found = _Report.model_validate_json(told).install[0].metadata
    except ValidationError as error:
        raise Unavailable("pip is too old to say what the index has.") from error
    return found.version, found.requires_dist


async def install_wheels(requirements: Sequence[str], folder: Path) -> None:
    """Unpack wheels into a folder of their own; `Unavailable` if one cannot be had."""
    place = folder.absolute()  # noqa: ASYNC240  # asks no disk
    await _pip("install", *WHEELS, "--target", str(place), *requirements)


async def _pip(command: str, *arguments: str) -> bytes:
    if find_spec("pip") is None:
        raise Unavailable("pip is not installed beside Gatherum: newer extractors come through it.")
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    with TemporaryDirectory() as own:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *PIP, command, *arguments),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            cwd=own,
            env={**kept, **pip, "PIP_USER": "0"},
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(LONGEST_S):
                out, err = await process.communicate()
        except TimeoutError as error:
            raise Unavailable("The package index does not answer in time.") from error
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        log.warning("pip_failed", told=err.decode(errors="replace").strip()[-800:])
        raise Unavailable("The package index does not have this, or does not answer.")
    return out
