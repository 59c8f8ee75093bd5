"""When and with what a picture was taken, in the words of EXIF, which cameras write as they like."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

LONGEST_CAMERA: Final = 200  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Exif:
    """Some fields as they stand in a file; '' for what is not there."""

    taken: str = ""
    zone: str = ""
    maker: str = ""
    model: str = ""

    @property
    def camera(self) -> str | None:
        """The camera, in one line."""
        maker, model = _line(self.maker), _line(self.model)
        if maker and not model.lower().startswith(maker.lower()):  # many begin with the maker
            model = f"{maker} {model}".strip()
        return model.encode()[:LONGEST_CAMERA].decode(errors="ignore").strip() or None

    @property
    def time(self) -> str | None:
        """When it was taken, in ISO 8601: without a zone, unless the file tells it."""
        try:
            plain = datetime.strptime(self.taken.strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - it has none
        except ValueError:
            return None
        with suppress(ValueError):
            zoned = datetime.fromisoformat(f"{plain.isoformat()}{self.zone.strip()}")
            if is_of_whole_minutes(zoned):
                return zoned.isoformat()
        return plain.isoformat()


def is_of_whole_minutes(time: datetime) -> bool:
    """Return whether a time has a zone as there are some: none is off by seconds."""
    offset = time.utcoffset()
    return offset is None or offset.total_seconds() % 60 == 0


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
