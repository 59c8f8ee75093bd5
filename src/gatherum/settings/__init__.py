"""Settings: what the environment says before the database opens, and the sections kept in it."""

from gatherum.settings.boot import BootSettings, read_environment, read_pins, unknown_names
from gatherum.settings.hosts import plain_host
from gatherum.settings.sections import (
    SECTIONS,
    BackupSettings,
    CanarySettings,
    DuoSettings,
    ExtractorSettings,
    InstagramSettings,
    JobsSettings,
    LibrarySettings,
    NetworkSettings,
    OidcSettings,
    ProcessingSettings,
    RetentionSettings,
    Section,
    SecuritySettings,
)
from gatherum.settings.values import (
    free_space_reserve,
    is_loopback,
    parse_allowed,
    parse_servers,
    parse_size,
)

__all__ = [
    "SECTIONS",
    "BackupSettings",
    "BootSettings",
    "CanarySettings",
    "DuoSettings",
    "ExtractorSettings",
    "InstagramSettings",
    "JobsSettings",
    "LibrarySettings",
    "NetworkSettings",
    "OidcSettings",
    "ProcessingSettings",
    "RetentionSettings",
    "Section",
    "SecuritySettings",
    "free_space_reserve",
    "is_loopback",
    "parse_allowed",
    "parse_servers",
    "parse_size",
    "plain_host",
    "read_environment",
    "read_pins",
    "unknown_names",
]
