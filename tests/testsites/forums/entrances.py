"""The log-in of each forum software."""

from tests.testsites.forums.entrance import (
    CAREFUL,
    CODE,
    NAME,
    PASSWORD,
    Entrance,
    with_entrance,
)
from tests.testsites.forums.entrances_of_forms import (
    phpbb_entrance,
    smf_entrance,
    xenforo_entrance,
)
from tests.testsites.forums.entrances_of_others import (
    discourse_entrance,
    invision_entrance,
    mybb_entrance,
    nodebb_entrance,
    vbulletin5_entrance,
    vbulletin_entrance,
)

__all__ = [
    "CAREFUL",
    "CODE",
    "NAME",
    "PASSWORD",
    "Entrance",
    "discourse_entrance",
    "invision_entrance",
    "mybb_entrance",
    "nodebb_entrance",
    "phpbb_entrance",
    "smf_entrance",
    "vbulletin5_entrance",
    "vbulletin_entrance",
    "with_entrance",
    "xenforo_entrance",
]
