"""How every command begins: the environment is read, the log set up."""

from gatherum import log
from gatherum.settings import BootSettings, read_environment


def begin(*, quiet: bool = True) -> BootSettings:
    """Return the settings of the environment; `quiet` commands log warnings only, unless asked."""
    settings = read_environment()
    level = settings.log_level
    if quiet and "log_level" not in settings.model_fields_set:
        level = "error"
    log.configure(level=level, form=settings.log_format)
    return settings
