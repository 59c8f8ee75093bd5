"""`gatherum providers` shows how the ways do, to people and to scripts."""

import json

from anyio.from_thread import BlockingPortal

from gatherum.demo import running
from tests.e2e.program import Gatherum


def test_ways_that_were_used_have_a_rate(program: Gatherum, portal: BlockingPortal) -> None:
    before = program("providers")
    with portal.wrap_async_context_manager(running()) as plaza:
        ran = program("get", "--json", f"{plaza}/@ada", f"{plaza}/@nobody")
    shown = program("providers")
    lines = [json.loads(line) for line in program("providers", "--json").out.splitlines()]
    everything = program("providers", "--json", "--all").out.splitlines()

    assert (before.code, before.out) == (0, "Nothing has been listed yet.\n")
    assert ran.code == 1
    heads, row = shown.out.splitlines()
    assert heads.split()[:2] == ["WAY", "STATE"]
    assert row.split()[:5] == ["plaza.native", "closed", "100%", "of", "1"]
    assert row.endswith("gone")
    (line,) = lines
    assert (line["type"], line["name"], line["day"]["success"]) == ("provider", "plaza.native", 1.0)
    assert (line["day"]["declined"], line["reason"]) == (1, "gone")
    assert len(everything) > 20
