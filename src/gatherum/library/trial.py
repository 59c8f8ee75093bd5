"""Whether the library's folder takes what is written to it."""

import errno
import secrets
from typing import Final

from gatherum.library.files import STAGING
from gatherum.ports import Fs

_SAID: Final = b"Gatherum was here."


def try_out(fs: Fs) -> None:
    """Write a small file where parts are, read it back and remove it.

    `OSError` if that fails, `OutsideLibrary` if something else stands in the place of the folder.
    """
    name = f"{STAGING}/trial-{secrets.token_hex(8)}"
    part = fs.open_part(name)
    try:
        fs.write(part, _SAID)
        fs.fsync(part)
        if fs.read_at(part, len(_SAID) + 1, 0) != _SAID:
            raise OSError(errno.EIO, "What was written is not what is read.")
    finally:
        fs.close(part)
        fs.unlink(name)
