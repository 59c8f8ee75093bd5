"""Paths of files from a template: a closed grammar that can only ever name places in the library."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import ClassVar
from urllib.parse import urlsplit

from gatherum.errors import InvalidInput
from gatherum.model import MediaKind, Part, Wanted
from gatherum.safety.names import clean_extension, clean_name

FOLDER = "library"
DEFAULT = "{platform}/{host}/{author}/{date:%Y}/{date:%Y-%m-%d}_{post}_{index}.{ext}"
LONGEST_TEMPLATE = 500
DEEPEST = 8
LONGEST_PATH = 700  # bytes, with room for the root before it
LIMITS = (180, 120, 80, 60, 40)  # bytes of a name, tried in order; a clash may add a few
DATE_CODES = "YymdHMSj"
TITLE_LENGTH = 60
TEXTS = frozenset({"platform", "host", "author", "post", "media", "kind", "filename", "title"})
FIELDS = (*sorted(TEXTS), "date", "ext", "index", "sha256")
UNTOLD = {"author": "unknown", "date": "undated"}  # what stands for an empty value
PIECE = re.compile(r"[^{}/]+|\{[^{}]*\}|[{}/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What a template can speak of."""

    platform: str
    post: str
    media: str
    sha256: str
    ext: str
    host: str = ""
    author: str = ""
    index: int = 1
    date: datetime | None = None
    kind: MediaKind = MediaKind.UNKNOWN
    filename: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    form: str
    default: str


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template. Whatever the values are, it renders a path beneath the library's folder."""

    text: str
    _parts: tuple[tuple[str | _Field, ...], ...] = field(repr=False)

    SAMPLES: ClassVar[tuple[Values, ...]]

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Return the template; `InvalidInput` says what is wrong, where, and what is allowed."""
        if len(text) > LONGEST_TEMPLATE:
            raise InvalidInput(f"A template has at most {LONGEST_TEMPLATE} characters.")
        parts: list[tuple[str | _Field, ...]] = []
        part: list[str | _Field] = []
        for match in PIECE.finditer(text):
            piece, place = match[0], match.start() + 1
            if piece == "/":
                _check_part(part, place)
                parts.append(tuple(part))
                part = []
            elif piece.startswith("{"):
                part.append(_field(piece, place, is_last=match.end() == len(text)))
            else:
                part.append(_literal(piece, place))
        _check_part(part, len(text) + 1)
        parts.append(tuple(part))
        if len(parts) > DEEPEST:
            raise InvalidInput(f"A template has at most {DEEPEST} parts between slashes.")
        return cls(text, tuple(parts))

    def render(self, values: Values) -> str:
        """Return the path relative to the library root: it begins with `library/`."""
        extension = clean_extension(values.ext)
        *folders, name = (_join(part, values) for part in self._parts)
        stem = name.removesuffix(".")
        for limit in LIMITS:
            names = [clean_name(folder, limit=limit) for folder in folders if folder.strip()]
            last = clean_name(stem or values.media, limit=limit - 11)
            path = "/".join([FOLDER, *names, f"{last}.{extension}" if extension else last])
            if len(path.encode()) <= LONGEST_PATH:
                break
        return path

    def path(self, wanted: Wanted, part: Part) -> str:
        """Return where a fetched media belongs."""
        return self.render(values_of(wanted, part))

    def preview(self, samples: Iterable[Values] | None = None) -> list[str]:
        """Return the paths of some examples, for people to look at."""
        return [self.render(values) for values in (samples or self.SAMPLES)]


def values_of(wanted: Wanted, part: Part) -> Values:
    """Return what templates can say of a media. The extension is that of the verified type."""
    post, media = wanted.post, wanted.media
    lines = (line.strip() for line in post.caption.splitlines())
    return Values(
        platform=post.platform,
        host=post.host,
        author=post.author,
        post=_short(post.id),
        media=_short(media.id),
        index=wanted.position,
        date=post.posted_at,
        kind=part.kind,
        filename=PurePosixPath(media.filename or "").stem,
        title=next((line for line in lines if line), ""),
        sha256=part.sha256,
        ext=part.extension,
    )


def _short(remote_id: str) -> str:
    """Return an id as a word: where it is a whole address, its last part and a mark of the rest."""
    if "://" not in remote_id:
        return remote_id
    stem = PurePosixPath(urlsplit(remote_id).path).stem
    mark = hashlib.sha256(remote_id.encode(errors="replace")).hexdigest()[:8]
    return f"{stem[:60]}-{mark}" if stem else mark


def _join(part: Iterable[str | _Field], values: Values) -> str:
    return "".join(piece if isinstance(piece, str) else _value(piece, values) for piece in part)


def _value(piece: _Field, values: Values) -> str:
    match piece.name:
        case "ext":
            return ""  # `render` puts it behind the cleaned name
        case "index":
            return f"{values.index:0{piece.form or '1'}d}"
        case "sha256":
            return values.sha256[: int(piece.form or 64)]
        case "date":
            if values.date is None:
                return piece.default
            return values.date.astimezone(UTC).strftime(piece.form or "%Y-%m-%d")
        case name:
            text = str(getattr(values, name))  # one of TEXTS: see _field
            length = int(piece.form or (TITLE_LENGTH if name == "title" else LIMITS[0]))
            return text.strip()[:length] or piece.default


def _field(piece: str, place: int, *, is_last: bool) -> _Field:
    inner, bar, default = piece[1:-1].partition("|")
    name, colon, form = inner.partition(":")
    if not piece.endswith("}") or name not in FIELDS:
        known = ", ".join(FIELDS)
        raise InvalidInput(f"At character {place}: {piece!r} is no field. Known are {known}.")
    if colon and not _is_form(name, form):
        raise InvalidInput(f"At character {place}: {form!r} does not suit {name}. {_forms(name)}")
    if name == "ext" and (not is_last or colon or bar):
        raise InvalidInput(f"At character {place}: {{ext}} stands alone, at the very end.")
    if "\\" in default or not default.isprintable():
        raise InvalidInput(f"At character {place}: {default!r} cannot stand in a name.")
    return _Field(name, form, default if bar else UNTOLD.get(name, ""))


def _is_form(name: str, form: str) -> bool:
    match name:
        case "date":
            return re.fullmatch(rf"(%[{DATE_CODES}]|[-_. T])+", form) is not None
        case "index":
            return re.fullmatch(r"0?[1-9]", form) is not None
        case "sha256":
            return re.fullmatch(r"[1-9]\d?", form) is not None and int(form) <= 64
        case _:
            return re.fullmatch(r"[1-9]\d{0,2}", form) is not None and name in TEXTS


def _forms(name: str) -> str:
    codes = " ".join(f"%{code}" for code in DATE_CODES)
    return {
        "date": f"Allowed are {codes} and - _ . T between them; a slash stands outside the braces.",
        "index": "Allowed is a number of digits, such as {index:03}.",
        "sha256": "Allowed is a number of letters, from 1 to 64.",
        "ext": "It takes none.",
    }.get(name, "Allowed is a number of letters, from 1 to 999.")


def _literal(piece: str, place: int) -> str:
    for at, letter in enumerate(piece):
        if letter in "\\:{}" or not letter.isprintable():
            raise InvalidInput(f"At character {place + at}: {letter!r} cannot stand in a name.")
    return piece


def _check_part(part: list[str | _Field], place: int) -> None:
    texts = [piece for piece in part if isinstance(piece, str)]
    if not part or (len(texts) == len(part) and not "".join(texts).strip(". ")):
        raise InvalidInput(f"At character {place}: there is no name before this.")


Template.SAMPLES = (
    Values(
        platform="instagram",
        author="alice",
        post="C8xYz",
        media="3391",
        index=2,
        date=datetime(2025, 10, 10, 12, 53, tzinfo=UTC),
        kind=MediaKind.IMAGE,
        title="Sunset at the beach",
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ext="jpg",
    ),
    Values(
        platform="xenforo",
        host="forum.example.org",
        post="4711",
        media="815",
        filename="holiday film",
        kind=MediaKind.VIDEO,
        sha256="60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        ext="mp4",
    ),
)
