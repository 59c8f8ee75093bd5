"""Names of files that are safe on every system, made of text that anybody may have written."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co"})  # controls, marks of direction, surrogates
_SPACES: Final = frozenset({"Zs", "Zl", "Zp"})
_FORBIDDEN: Final = frozenset('/\\<>:"|?*')  # separators, and what Windows does not take
_LEADING: Final = ".-~ "  # hidden files, options, home folders
_TRAILING: Final = ". "  # Windows takes them away without a word
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
)
_EMPTY: Final = "_"
_PLAIN: Final = re.compile(r"[a-zA-Z0-9_][\w-]*", re.ASCII)  # nothing to clean: most names are such
_EXTENSION: Final = re.compile(r"[a-z0-9]{1,10}", re.ASCII)


@lru_cache(maxsize=4096)  # folders repeat
def clean_name(text: str, *, limit: int = 200) -> str:
    """Return `text` as one safe part of a path, of at most `limit` bytes, never empty.

    To clean a clean name changes nothing.
    """
    if _PLAIN.fullmatch(text) and len(text) <= limit and text.casefold() not in _RESERVED:
        return text
    kept = "".join(_clean(letter) for letter in unicodedata.normalize("NFC", text))
    name = " ".join(unicodedata.normalize("NFC", kept).split()).lstrip(_LEADING)
    name = _cut(name, limit).rstrip(_TRAILING)
    if name.partition(".")[0].rstrip(" ").casefold() in _RESERVED:
        name = _cut(f"_{name}", limit).rstrip(_TRAILING)
    return name or _EMPTY


def clean_extension(text: str) -> str:
    """Return a file extension in lower case and without its dot, '' if `text` is none."""
    extension = text.strip().removeprefix(".").lower()
    return extension if _EXTENSION.fullmatch(extension) else ""


def _clean(letter: str) -> str:
    category = unicodedata.category(letter)
    if letter in "\t\n\r" or category in _SPACES:
        return " "
    if category in _DROPPED or ord(letter) & 0xFFFE == 0xFFFE:  # the last: no character at all
        return ""
    return "_" if letter in _FORBIDDEN else letter


def _cut(name: str, limit: int) -> str:
    """Return the longest beginning that fits and does not tear a written character apart."""
    data = name.encode()
    if len(data) <= limit:
        return name
    end = len(data[:limit].decode(errors="ignore"))
    whole = end
    while whole and _belongs(name, whole):
        whole -= 1
    return name[: whole or end]


def _belongs(name: str, index: int) -> bool:
    """Return whether the code point at `index` belongs to what stands before it."""
    letter = name[index]
    if unicodedata.category(letter).startswith("M") or "\U0001f3fb" <= letter <= "\U0001f3ff":
        return True  # accents, variations, skin tones
    if not _is_flag(letter):
        return False
    start = index
    while start and _is_flag(name[start - 1]):
        start -= 1
    return (index - start) % 2 == 1  # flags are pairs


def _is_flag(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"
