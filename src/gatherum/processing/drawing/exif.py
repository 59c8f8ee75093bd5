"""When and with what a picture was taken, in the words of EXIF, which cameras write as they like."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime


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
        return model[:200] or None

    @property
    def time(self) -> str | None:
        """When it was taken, in ISO 8601: without a zone, unless the file tells it."""
        try:
            plain = datetime.strptime(self.taken.strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - it has none
        except ValueError:
            return None
        with suppress(ValueError):
            return datetime.fromisoformat(f"{plain.isoformat()}{self.zone.strip()}").isoformat()
        return plain.isoformat()


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
