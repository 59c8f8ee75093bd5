"""yt-dlp behind a pipe: extraction and the downloads that need merging, in a process of its own."""

# mypy: allow-untyped-calls, disable-error-code="method-assign,assignment"

import io
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import yt_dlp
from yt_dlp.extractor import gen_extractor_classes
from yt_dlp.networking import _curlcffi
from yt_dlp.networking.common import Request, Response
from yt_dlp.networking.exceptions import HTTPError, RequestError
from yt_dlp.postprocessor.common import PostProcessor
from yt_dlp.utils import DownloadError, ExtractorError, PlaylistEntries, UnsupportedError

from gatherum.fetching.workers.gate import SHORT, Gate, Stopped

KEEP = (
    *("id", "title", "description", "uploader", "uploader_id", "channel", "creator", "timestamp"),
    *(
        "upload_date",
        "webpage_url",
        "extractor_key",
        "ie_key",
        "url",
        "ext",
        "protocol",
        "duration",
    ),
    *("width", "height", "filesize", "filesize_approx", "live_status", "format_id", "vcodec"),
)
HEADERS = ("User-Agent", "Referer", "Origin")
LOGIN_WORDS = ("log in", "login", "logged in", "sign in", "--cookies", "registered users")
WITHHELD = "not available"  # where an extractor does not know why, it calls that a fault of its own
INHERITED = ("webpage_url", "extractor", "extractor_key")  # of a page by the players on it
OVERLAP = 5
DEPTH = 3  # playlists of playlists: a channel, its tabs, their lists

Info = dict[str, object]


class Engine:
    """One `YoutubeDL` kept warm as long as the settings stay the same and nobody is logged in."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._warm: yt_dlp.YoutubeDL | None = None
        self._made_for: object = None
        self._subtitles = False

    def extract(self, order: Mapping[str, object]) -> None:
        """Say every post behind a link; a list is read as far as somebody listens."""
        ydl = self._open(order)
        try:
            self._extract(ydl, order)
        finally:
            ydl.save_cookies()  # what was given anew, for the next job

    def _extract(self, ydl: yt_dlp.YoutubeDL, order: Mapping[str, object]) -> None:
        start = str(order.get("cursor") or "")
        # A little earlier: entries may have been taken out before it meanwhile.
        first = max(1, int(start) - OVERLAP) if start.isdecimal() else 0
        ydl.params["playlist_items"] = f"{first}:" if first else None
        info: Info | None = ydl.extract_info(str(order["url"]), download=False, process=False)
        while info and info.get("_type") == "url":
            key = info.get("ie_key")
            info = ydl.extract_info(info["url"], download=False, ie_key=key, process=False)
        options = order.get("options")
        self._subtitles = isinstance(options, dict) and options.get("subtitles") is True
        self._say(ydl, info, flat=order.get("flat") is True, depth=0, within={})

    def download(self, order: Mapping[str, object]) -> None:
        """Bring one video into the folder of the order, and say its name."""
        ydl = self._open(order)
        info = ydl.extract_info(str(order["url"]), download=True)
        for entry in [info, *(info.get("entries") or ())]:
            for made in entry.get("requested_downloads") or ():
                self._gate.emit("saved", name=Path(made["filepath"]).name)
                return

    def _say(
        self, ydl: yt_dlp.YoutubeDL, info: Info | None, *, flat: bool, depth: int, within: Info
    ) -> None:
        if info is None:
            return
        kind = info.get("_type", "video")
        if kind in {"playlist", "multi_video"} and depth < DEPTH:
            for index, entry in PlaylistEntries(ydl, info).get_requested_items():
                self._gate.emit("cursor", value=str(index) if depth == 0 else "")
                self._say(ydl, entry, flat=flat, depth=depth + 1, within=info)
        elif kind in {"url", "url_transparent"} and depth and (flat or _is_dated(info)):
            self._gate.emit("post", meta={**_kept(info), "listed": True, "count": 0})
        elif depth:
            self._visit(ydl, info, within)
        else:
            self._say_whole(ydl, ydl.process_ie_result(info, download=False))

    def _visit(self, ydl: yt_dlp.YoutubeDL, info: Info, within: Info) -> None:
        """Say an entry of a list; one that fails does not hide those behind it."""
        try:
            inherited = {name: within[name] for name in INHERITED if name in within}
            whole = ydl.process_ie_result(info, download=False, extra_info=inherited)
        except (DownloadError, ExtractorError):
            self._gate.emit("post", meta={**_kept(info), "listed": True, "count": 0})
        else:
            self._say_whole(ydl, whole)

    def _say_whole(self, ydl: yt_dlp.YoutubeDL, whole: Info) -> None:
        entries = whole.get("entries")
        if entries is None:
            self._say_video(whole)
        else:
            for entry in entries if isinstance(entries, list) else ():
                self._say(ydl, entry, flat=True, depth=DEPTH, within=whole)

    def _say_video(self, info: Info) -> None:
        written = _subtitles(info) if self._subtitles else {}
        self._gate.emit("post", meta={**_kept(info), "count": 1 + len(written)})
        given = info.get("http_headers")
        headers = given if isinstance(given, dict) else {}
        merged = "requested_formats" in info or info.get("protocol") not in ("http", "https")
        self._gate.emit(
            "file",
            url=info["webpage_url"] if merged else info["url"],
            meta={"merged": merged},
            headers={name: headers[name] for name in HEADERS if name in headers and not merged},
            mirrors=[],
        )
        for language, url in written.items():
            self._gate.emit("file", url=url, meta={"subtitles": language}, headers={}, mirrors=[])

    def _open(self, order: Mapping[str, object]) -> yt_dlp.YoutubeDL:
        wish = {
            name: value for name, value in order.items() if name not in ("url", "flat", "cursor")
        }
        private = bool(order.get("cookies")) or order["op"] == "download"
        if self._warm is not None and not private and self._made_for == wish:
            self._warm.cookiejar.clear()
            return self._warm
        made = yt_dlp.YoutubeDL(self._parameters(order))
        made.add_post_processor(_Sound(), when="pre_process")
        if not private:
            self._warm, self._made_for = made, wish
        return made

    def _parameters(self, order: Mapping[str, object]) -> dict[str, object]:
        parameters: dict[str, object] = {
            "quiet": True,
            "noprogress": True,
            "logger": _Silent(),
            "cachedir": False,
            "color": "never",
            "extract_flat": "in_playlist",
            "lazy_playlist": True,
            "extractor_retries": 0,
            "socket_timeout": 30,
            "proxy": order.get("proxy") or "",
            "cookiefile": order.get("cookies"),
            "compat_opts": {"no-certifi"} if order.get("ca_bundle") else set(),
        }
        if order.get("user_agent"):
            parameters["http_headers"] = {"User-Agent": order["user_agent"]}
        if order["op"] == "download":
            parameters |= {
                "paths": {"home": order["folder"]},
                "outtmpl": {"default": "media.%(ext)s"},
                "extract_flat": False,
                "playlist_items": "1",
                "hls_prefer_native": True,
                "retries": 3,
                "fragment_retries": 3,
                "skip_unavailable_fragments": False,
                "updatetime": False,
                "max_filesize": order.get("max_bytes"),
                "ffmpeg_location": order.get("ffmpeg"),
                "merge_output_format": "mp4/mkv",
                "progress_hooks": [self._progress],
            }
            if order.get("format"):
                parameters["format"] = order["format"]
        return parameters

    def _progress(self, state: Mapping[str, object]) -> None:
        done = state.get("downloaded_bytes")
        total = state.get("total_bytes") or state.get("total_bytes_estimate")
        self._gate.emit(
            "progress", done=int(str(done or 0)), total=total and int(float(str(total)))
        )


class _Sound(PostProcessor):
    """Says of sound that is in an MP4 that an MP4 can hold it, where a playlist does not name it.

    yt-dlp would put picture and sound together as what any player of the web cannot show.
    """

    def run(self, info: Info) -> tuple[list[str], Info]:
        """Name the codecs of an extracted video's streams."""
        formats = info.get("formats")
        for form in formats if isinstance(formats, list) else ():
            if form.get("vcodec") == "none" and not form.get("acodec") and form.get("ext") == "mp4":
                form["acodec"] = "mp4a"
        return [], info


class _Silent:
    """What yt-dlp would print is said by its errors already."""

    def debug(self, message: str) -> None:
        """Say nothing."""

    warning = error = info = debug


def _subtitles(info: Info) -> dict[str, str]:
    """Return the addresses of a video's subtitles by language: in one form each.

    Those that people wrote; if there are none, what a machine heard in the language that is spoken.
    """
    by_people, heard = info.get("subtitles"), info.get("automatic_captions")
    written = by_people if isinstance(by_people, dict) else {}
    spoken = heard if isinstance(heard, dict) else {}
    shown = {name: forms for name, forms in written.items() if name != "live_chat"} or {
        name.removesuffix("-orig"): forms
        for name, forms in spoken.items()
        if name.endswith("-orig")
    }
    return {
        language: str(form["url"])
        for language, forms in shown.items()
        for form in forms
        if form.get("ext") == "vtt" and form.get("url") and form.get("protocol") in (None, "https")
    }


def _is_dated(info: Info) -> bool:
    return bool(info.get("timestamp") or info.get("upload_date"))


def _kept(info: Info) -> Info:
    kept = {name: info[name] for name in KEEP if info.get(name) is not None}
    kept["host"] = urlsplit(str(info.get("webpage_url") or info.get("url") or "")).hostname or ""
    return kept


def supported(url: str) -> str | None:
    """Return the key of the extractor made for this link; the one for any page does not count."""
    for extractor in gen_extractor_classes():
        if extractor.suitable(url) and extractor.ie_key() != "Generic":
            return str(extractor.ie_key())
    return None


def guard_curl(gate: Gate) -> None:
    """Put the gate before the requests that wear a browser's face; redirects are paid afterwards."""
    send = _curlcffi.CurlCFFIRH._send  # noqa: SLF001  # the one place all of them pass

    def gated(handler: _curlcffi.CurlCFFIRH, request: Request) -> object:
        url = str(request.url)
        gate.ask(url)
        try:
            response = send(handler, request)
        except HTTPError as error:
            told = error.response
            gate.told(url, told.status, dict(told.headers), _said(told))
            raise
        except RequestError:
            gate.failed(url)
            raise
        for _ in range(getattr(response.fp, "redirect_count", 0)):
            gate.ask(response.url)
        gate.told(response.url, response.status, dict(response.headers))
        return response

    _curlcffi.CurlCFFIRH._send = gated  # noqa: SLF001


def _said(response: Response) -> str:
    """Return what a refusal says, where that is short JSON; it can be read again."""
    if "json" not in (response.get_header("Content-Type") or ""):
        return ""
    body = response.read()
    response.fp = io.BytesIO(body)
    return body.decode(errors="replace") if len(body) <= SHORT else ""


def perform(gate: Gate, engine: Engine, order: Mapping[str, object]) -> None:
    """Do one job, and say how it ended."""
    try:
        if order["op"] == "download":
            engine.download(order)
        else:
            engine.extract(order)
    except Stopped:
        gate.emit("done", stopped=True)
    except Exception as error:  # noqa: BLE001  # an extractor may raise anything: the parent judges
        cause = error.exc_info[1] if isinstance(error, DownloadError) and error.exc_info else error
        text = str(getattr(cause, "orig_msg", None) or cause)
        gate.emit(
            "failed", kind=_kind(cause, text), message=f"{type(cause).__name__}: {text}"[:500]
        )
    else:
        gate.emit("done")


def _kind(error: object, text: str) -> str:
    if isinstance(error, UnsupportedError):
        return "unsupported"
    if any(word in text.lower() for word in LOGIN_WORDS):
        return "login"
    if isinstance(error, ExtractorError):
        if isinstance(error.cause, RequestError):
            return "http"
        return "aborted" if error.expected or WITHHELD in text.lower() else "unexpected"
    return "http" if isinstance(error, RequestError) else "unexpected"


def main() -> None:
    """Serve orders until the parent hangs up."""
    gate = Gate()
    gate.guard_requests()
    gate.guard_urllib()
    guard_curl(gate)
    engine = Engine(gate)
    for order in gate.orders():
        if order["op"] == "supports":
            gate.emit("key", value=supported(str(order["url"])))
        else:
            perform(gate, engine, order)


if __name__ == "__main__":
    main()
