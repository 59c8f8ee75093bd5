"""Run one of the machine's own programs to its end, outside the sandbox: for our own data alone."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

import structlog

from gatherum.errors import StorageError

log = structlog.get_logger()


def run_tool(
    program: str,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    timeout_s: float,
    advice: str,
) -> bytes:
    """Return what a program prints; `StorageError` with `advice` if it is missing or fails.

    It gets a closed list of arguments, no shell, and nothing of our environment but the path.
    """
    found = shutil.which(program)
    if found is None:
        raise StorageError(f"The program {program} is not installed. {advice}".strip())
    try:
        ended = subprocess.run(  # noqa: S603 - a list of our own words, never a user's
            [found, *arguments],
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise StorageError(f"The program {program} did not come to its end.") from error
    if ended.returncode != 0:
        told = ended.stderr.decode(errors="replace").strip()[-500:]
        log.warning("tool_failed", program=program, code=ended.returncode, told=told)
        raise StorageError(f"The program {program} failed; the log says why. {advice}".strip())
    return ended.stdout
