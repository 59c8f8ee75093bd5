"""Why a file cannot be shown: a closed set, as it is kept and as people are told."""

from enum import StrEnum

from gatherum.errors import NotFound
from gatherum.processing.child import ChildBrokenError, NotDrawnError, TooLongError
from gatherum.processing.converting import NotConvertedError
from gatherum.processing.frames import Status


class Trouble(StrEnum):
    """What is wrong with a file. Of the last three, another try may do better."""

    UNKNOWN = "unknown"
    BROKEN = "broken"
    TOO_LARGE = "too_large"
    NOTHING = "nothing"
    MISSING = "missing"
    TOO_LONG = "too_long"
    CRASHED = "crashed"

    @property
    def may_pass(self) -> bool:
        """Whether it need not be the file's fault."""
        return self in (Trouble.MISSING, Trouble.TOO_LONG, Trouble.CRASHED)

    @property
    def told(self) -> str:
        """A sentence for people."""
        return _TOLD[self]


_TOLD = {
    Trouble.UNKNOWN: "It is of a format that is not known here.",
    Trouble.BROKEN: "Its contents are damaged.",
    Trouble.TOO_LARGE: "It has more pixels than are looked at here.",
    Trouble.NOTHING: "There is nothing to be seen in it.",
    Trouble.MISSING: "Its file is missing.",
    Trouble.TOO_LONG: "It took too long.",
    Trouble.CRASHED: "It has broken the program that looks into files.",
}
_OF_STATUS = {
    Status.UNKNOWN: Trouble.UNKNOWN,
    Status.BROKEN: Trouble.BROKEN,
    Status.TOO_LARGE: Trouble.TOO_LARGE,
    Status.NOTHING: Trouble.NOTHING,
}
NotMade = NotDrawnError | NotConvertedError | ChildBrokenError


class NotShown(NotFound):
    """A file cannot be shown, and why."""

    def __init__(self, trouble: Trouble, what: str = "This file cannot be shown.") -> None:
        super().__init__(f"{what} {trouble.told}")
        self.trouble = trouble


def trouble_of(error: NotMade) -> Trouble:
    """Return what an error says of the file."""
    match error:
        case NotDrawnError(status=status):
            return _OF_STATUS.get(status, Trouble.BROKEN)
        case TooLongError():
            return Trouble.TOO_LONG
        case ChildBrokenError():
            return Trouble.CRASHED
        case _:
            return Trouble.UNKNOWN
