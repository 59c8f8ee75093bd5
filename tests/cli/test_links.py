"""What is given to `get` and `explain`: each line has its answer, whatever its bytes are."""

import json
from pathlib import Path

import pytest

from gatherum.cli.output import one_line
from tests.e2e.program import Gatherum

REDDIT = "https://www.reddit.com/user/alice"
LATIN = b"https://files.example/caf\xe9.jpg"
TOLD = LATIN.decode("utf-8", "surrogateescape")
NONSENSE = ["hello", "http://", "http://[::1", "http://a..example/", f"http://{'a' * 64}.example/"]


def lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_explain_has_a_line_for_everything_that_was_given(
    program: Gatherum, tmp_path: Path
) -> None:
    listed = tmp_path / "list.txt"
    listed.write_bytes(b"\xef\xbb\xbf" + LATIN + b"\n# a note\n\nfile:///etc/passwd\n")

    ran = program("explain", "--json", REDDIT, *NONSENSE, REDDIT, "--from", str(listed))

    told = lines(ran.out)
    given = [REDDIT, *NONSENSE, REDDIT, TOLD, "file:///etc/passwd"]
    assert ran.code == 1
    assert [line["url"] for line in told] == given
    assert [line["platform"] for line in told] == [
        "reddit" if url == REDDIT else None for url in given
    ]
    assert ["error" in line for line in told] == [url != REDDIT for url in given]
    assert r"caf\xe9.jpg" in ran.err


@pytest.mark.parametrize("way", ["argument", "file", "input"])
def test_a_link_that_is_not_utf_8_is_told_and_no_fault(
    way: str, program: Gatherum, tmp_path: Path
) -> None:
    listed = tmp_path / "list.txt"
    listed.write_bytes(LATIN + b"\n")
    arguments = {"argument": [TOLD], "file": ["--from", str(listed)], "input": ["--from", "-"]}

    ran = program.get(*arguments[way], *NONSENSE, stdin=LATIN)

    *told, summary = lines(ran.out)
    assert ran.code == 2
    assert {(line["url"], line["state"], line["reason"]) for line in told} == {
        (text, "failed", "unsupported") for text in (TOLD, *NONSENSE)
    }
    assert len(told) == 1 + len(NONSENSE)
    assert "UTF-8" in str(next(line["detail"] for line in told if line["url"] == TOLD))
    assert (summary["type"], summary["failed"]) == ("summary", len(told))
    assert r"Not a link: https://files.example/caf\xe9.jpg" in ran.err


def test_one_word_of_any_code_is_shown_on_one_line() -> None:
    assert one_line("a\udce9\ud800\x1b[31m\nb") == r"a\xe9  [31m b"
