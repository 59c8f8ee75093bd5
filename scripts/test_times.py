"""Write where the time of the tests goes into docs/testing.md: `python -m scripts.test_times FOLDER`.

FOLDER is what `./test --times=FOLDER` has written. The tables stand between two marks; what is around
them stays.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "testing.md"
BEGIN, END = "<!-- times -->\n", "<!-- /times -->\n"
DEAREST = 40
FIXTURES = 20


@dataclass(slots=True)
class Cost:
    """What something has cost: how often, and seconds."""

    count: int = 0
    wall: float = 0.0
    cpu: float = 0.0


def main() -> None:
    """Read what was written, and renew the tables."""
    folders, tests, fixtures = (defaultdict[str, Cost](Cost) for _ in range(3))
    for path in sorted(Path(sys.argv[1]).glob("*.jsonl")):
        for line in path.read_text().splitlines():
            told = json.loads(line)
            if "fixture" in told:
                _add(fixtures[told["fixture"]], told, counts=True)
                continue
            parts = told["test"].split("::")[0].split("/")
            folder = "/".join(parts[:2]) if len(parts) > 2 else parts[0]
            for cost in (folders[folder], tests[told["test"]]):
                _add(cost, told, counts=told["phase"] == "call")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = (
        _table("folder", "tests", _dearest(folders), whole=True),
        _table("fixture", "uses", _dearest(fixtures)[:FIXTURES]),
        _table("test", "", _dearest(tests)[:DEAREST]),
    )
    PAGE.write_text(before + BEGIN + "\n".join(tables) + END + after)


def _add(cost: Cost, told: Mapping[str, float], *, counts: bool) -> None:
    cost.count += counts
    cost.wall += told["wall"]
    cost.cpu += told.get("cpu", 0.0)


def _dearest(costs: Mapping[str, Cost]) -> list[tuple[str, Cost]]:
    return sorted(costs.items(), key=lambda each: -each[1].wall)


def _table(what: str, count: str, rows: Iterable[tuple[str, Cost]], *, whole: bool = False) -> str:
    rows = list(rows)
    if whole:
        costs = [cost for _, cost in rows]
        total = Cost(
            *(sum(part) for part in zip(*((c.count, c.wall, c.cpu) for c in costs), strict=True))
        )
        rows.append(("**together**", total))
    lines = [f"| {what} | {count} | seconds | of CPU |", "|---|---:|---:|---:|"]
    for name, cost in rows:
        shown = f"{cost.count}" if count else ""
        cpu = f"{cost.cpu:.1f}" if cost.cpu else ""
        lines.append(f"| {name} | {shown} | {cost.wall:.1f} | {cpu} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
