"""Scanners that nobody here wrote, on the target: `python -m tests.attacks.scan NAME`."""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

BIN = Path(sys.executable).parent
# Those that need no host on the Internet.
MODULES: Final = (
    "sql,timesql,xss,permanentxss,file,exec,redirect,csp,http_headers,cookieflags,upload,crlf,csrf,"
    "backup,methods,htaccess"
)
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# Rules that a schema cannot say (a cursor, a filter, a version) make valid data unacceptable; a
# number for a yes is taken, as JSON from forms has it.
BEYOND_SCHEMA = "positive_data_acceptance,negative_data_rejection"
# It would sign itself out, read a stream without an end, or miss the worker that is not there.
APART = r"^/api/v1/(events|session|me/sessions/.*|accounts/\{number\}.*)$|^/health/ready$"


@dataclass(frozen=True, slots=True)
class Target:
    """A server to be scanned."""

    url: str
    cookie: str
    key: str
    ids: dict[str, str]

    def describe(self) -> dict[str, object]:
        """Return the description of its API."""
        request = urllib.request.Request(  # noqa: S310 - it is ours
            f"{self.url}/api/v1/openapi.json", headers={"Cookie": self.cookie}
        )
        with OPENER.open(request) as answer:
            described: dict[str, object] = json.load(answer)
            return described


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scanner said."""

    code: int
    text: str


@contextmanager
def target() -> Iterator[Target]:
    """Start a filled server in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.attacks.target"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Target(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(timeout=30)


def schemathesis(
    place: Target, *options: str, signed_in: bool, checks: str = "all", without: str = BEYOND_SCHEMA
) -> Scanned:
    """Let Schemathesis try what the description promises."""
    with tempfile.TemporaryDirectory() as folder:
        described, config = Path(folder) / "openapi.json", Path(folder) / "schemathesis.toml"
        described.write_text(json.dumps(place.describe()))
        lines = [f'base-url = "{place.url}"', f'headers = {{ Origin = "{place.url}" }}']
        if signed_in:
            token = place.cookie.partition("=")[2]
            lines += ["[auth.openapi.session]", f'api_key = "{token}"']
        config.write_text("\n".join(lines))
        return _run(
            [
                str(BIN / "schemathesis"),
                *("--config-file", str(config), "run", str(described)),
                *("--checks", checks, "--exclude-checks", without, "--seed", "1"),
                *("--exclude-path-regex", APART, "--continue-on-failure", "--warnings", "off"),
                *("--request-timeout", "60", *options),
            ],
            cwd=Path(folder),
        )


def parameters(place: Target) -> list[str]:
    """Return the address of every route that is read, with a fit value for each of its parameters.

    What marks a place in a list is left out: it is none of ours unless it comes from us.
    """
    described = place.describe()
    paths = described["paths"]
    assert isinstance(paths, dict)
    found = []
    for path, operations in paths.items():
        if "get" not in operations or re.match(APART, path):
            continue
        given = [each for each in operations["get"].get("parameters", []) if each["in"] == "query"]
        query = "&".join(
            f"{each['name']}={_fit(each['schema'])}" for each in given if each["name"] != "cursor"
        )
        for name, value in place.ids.items():
            path = path.replace(f"{{{name}}}", f"{value}*")  # noqa: PLW2901 - sqlmap's mark
        if query or "*" in path:
            found.append(f"{place.url}{path}" + (f"?{query}" if query else ""))
    return found


def _fit(schema: dict[str, Any]) -> str:
    """Return a value that a schema allows."""
    for inner in (*schema.get("anyOf", ()), schema.get("items", {})):
        if inner.get("type") != "null" and inner:
            return _fit(inner)
    if "$ref" in schema:
        return "stored"
    if "enum" in schema:
        return str(schema["enum"][0])
    if schema.get("default") not in (None, ""):
        return str(schema["default"])
    return {"integer": "1", "boolean": "true", "number": "1"}.get(schema.get("type", ""), "a")


def _run(command: list[str], *, cwd: Path) -> Scanned:
    done = subprocess.run(  # noqa: S603
        command,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "NO_PROXY": "*"},
        check=False,
    )
    return Scanned(done.returncode, done.stdout + done.stderr)


def main() -> int:
    """Run one scanner: its report goes to standard output, the summary is the last line."""
    with target() as place:
        match sys.argv[1]:
            case "schemathesis":
                scanned = schemathesis(place, *sys.argv[2:], signed_in=True)
            case "strangers":
                scanned = schemathesis(place, *sys.argv[2:], signed_in=False)
            case "sqlmap":
                scanned = _sqlmap(place, sys.argv[2:])
            case "wapiti":
                scanned = _wapiti(place, sys.argv[2:])
            case _:
                return 2
    sys.stdout.write(scanned.text)
    return scanned.code


def _sqlmap(place: Target, command: list[str]) -> Scanned:
    """Let sqlmap try every parameter of every route that is read."""
    with tempfile.TemporaryDirectory() as folder:
        addresses = Path(folder) / "addresses"
        addresses.write_text("\n".join(parameters(place)) + "\n")
        scanned = _run(
            [
                *command,
                *("-m", str(addresses), "--batch", "--cookie", place.cookie, "--level", "1"),
                *("--risk", "2", "--flush-session", "--output-dir", folder, "--skip-static"),
                *("--technique", "BEU", "--threads", "4", "--disable-coloring", "--no-cast"),
                *("--ignore-code", "401,404,422,503", "--skip", "cookie", "--timeout", "60"),
            ],
            cwd=Path(folder),
        )
    holes = re.findall(r"(?m)^Parameter: .*|is vulnerable", scanned.text)
    tried = len(set(re.findall(r"testing URL '([^']+)'", scanned.text)))
    return Scanned(
        1 if holes or not tried else scanned.code,
        scanned.text + f"\nsqlmap: {tried} addresses, {len(holes)} injectable parameters\n",
    )


def _wapiti(place: Target, command: list[str]) -> Scanned:
    """Let Wapiti look at the description of the API and all it leads to."""
    with tempfile.TemporaryDirectory() as folder:
        described, report = Path(folder) / "openapi.json", Path(folder) / "report.json"
        described.write_text(json.dumps({**place.describe(), "servers": [{"url": place.url}]}))
        scanned = _run(
            [
                *command,
                *("-u", f"{place.url}/", "--scope", "domain", "--flush-session"),
                *("--swagger", str(described), "-H", f"Cookie: {place.cookie}"),
                *("-H", f"Origin: {place.url}", "-f", "json", "-o", str(report)),
                *("--max-scan-time", "600", "--max-attack-time", "60", "--no-bugreport"),
                *("-m", MODULES),
                *("-x", f"{place.url}/api/v1/events", "--verify-ssl", "0"),
            ],
            cwd=Path(folder),
        )
        found = json.loads(report.read_text()) if report.exists() else {}
    holes = {name: len(each) for name, each in found.get("vulnerabilities", {}).items() if each}
    holes.pop("Secure Flag cookie", None)  # the target is on loopback, by plain http
    pages = found.get("infos", {}).get("crawled_pages_nbr", 0)
    return Scanned(
        1 if holes or not pages else scanned.code,
        scanned.text + f"\nwapiti: {pages} pages, holes: {json.dumps(holes)}\n",
    )


if __name__ == "__main__":
    sys.exit(main())
