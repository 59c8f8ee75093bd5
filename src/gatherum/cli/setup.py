"""How every command begins: the environment is read and checked, the log set up."""

import structlog

from gatherum import log
from gatherum.cli.output import say
from gatherum.safety.private import close_to_others
from gatherum.settings import BootSettings, read_environment, unknown_names


def begin(*, quiet: bool = True) -> BootSettings:
    """Return the settings of the environment; `quiet` commands log errors only, unless asked.

    What is odd about the environment is told: variables that mean nothing, and a data folder that
    others could look into, which is closed.
    """
    settings = read_environment()
    level = settings.log_level
    if quiet and "log_level" not in settings.model_fields_set:
        level = "error"
    log.configure(level=level, form=settings.log_format)
    for sentence in _oddities(settings):
        if quiet:
            say(f"gatherum: {sentence}")
        else:
            structlog.get_logger().warning(sentence)
    return settings


def _oddities(settings: BootSettings) -> list[str]:
    told = []
    for name, meant in unknown_names().items():
        perhaps = f" Did you mean {meant}?" if meant else ""
        told.append(f"The environment variable {name} means nothing to Gatherum.{perhaps}")
    if (closed := close_to_others(settings.data_dir, int(settings.umask, 8))) is not None:
        told.append(closed)
    return told
