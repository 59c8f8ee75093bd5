"""Small readings of what engines and sites write: dates, text, kinds."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from gatherum.model import MediaKind
from gatherum.ports import EngineFile, Json
from gatherum.providers.urls import kind_of
from gatherum.safety import foreign

YTDL = "ytdl:"  # gallery-dl's mark for what only yt-dlp can bring


def date_of(value: Json) -> datetime | None:
    """Return a date in ISO form or seconds since 1970; without a zone it is UTC."""
    try:
        match value:
            case bool():
                return None
            case int() | float():
                return datetime.fromtimestamp(value, UTC)
            case str():
                moment = datetime.fromisoformat(value)
                return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
            case _:
                return None
    except (ValueError, OverflowError, OSError):
        return None


def text_of(html: str) -> str:
    """Return the words of a piece of HTML, its lines and paragraphs kept apart."""
    tree = foreign.html(html)
    tree.strip_tags(["script", "style", "blockquote"], recursive=True)
    for node in tree.css("br"):
        node.insert_before("\n")
    for node in tree.css("p, div, li"):
        node.insert_after("\n")
    text = tree.body.text() if tree.body else ""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return "\n".join(lines).strip()


def kind_of_file(file: EngineFile) -> MediaKind:
    """Return what a file is by its extension, as the engine or the address names it."""
    if file.url.startswith(YTDL):
        return MediaKind.VIDEO
    extension = file.meta.get("extension")
    named = kind_of(f"https://x.example/x.{extension}") if isinstance(extension, str) else None
    return named or kind_of(file.url) or MediaKind.UNKNOWN


def is_web_address(url: str) -> bool:
    """Return whether this is an address that a browser could open."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def integer(value: Json) -> int | None:
    """Return a whole number, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
