"""The data folder belongs to one user: it holds the key, the database and the logins."""

import stat
from pathlib import Path
from typing import Final

OURS: Final = (
    "gatherum.db",
    "secret.key",
    "library-root",
)  # what tells our folder from anybody else's


def close_to_others(folder: Path, umask: int) -> str | None:
    """Take from others what `umask` does not grant them, and return a sentence on it; None: all was well.

    Only a folder that is empty or holds something of ours is changed, and never one that everybody
    shares, such as /tmp. Where it cannot be changed, the sentence says what to do.
    """
    try:
        mode = stat.S_IMODE(folder.stat().st_mode)
        names = {entry.name for entry in folder.iterdir()}
    except OSError:
        return None  # whoever opens it says what is wrong
    open_to = mode & umask & 0o077
    if not open_to or mode & stat.S_ISVTX or (names and names.isdisjoint(OURS)):
        return None
    closed = mode & ~open_to
    try:
        folder.chmod(closed)
    except OSError:
        return (
            f"Other users of this machine can look into the data folder {folder}, and it cannot be "
            f"changed from here. Let its owner run: chmod {closed:o} {folder}"
        )
    return (
        f"Other users of this machine could look into the data folder {folder}: its mode was "
        f"{mode:o} and is {closed:o} now. GATHERUM_UMASK says who may."
    )
