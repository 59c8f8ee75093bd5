"""Goal 12: what a start costs, against the starts of gallery-dl and yt-dlp, and memory at rest."""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contenders import BIN
from benchmarks.measure import run
from benchmarks.race import goal, workplace

ROUNDS = 5
REST_S = 10.0  # until what a start begins is done
HELP = {name: (str(BIN / name), "--help") for name in ("gatherum", "gallery-dl", "yt-dlp")}


def main() -> None:
    """Start each in turns, several rounds; the least time on the clock counts, the median of CPU."""
    print("\n## --help")
    with workplace() as place:
        walls: dict[str, list[float]] = {name: [] for name in HELP}
        cpus: dict[str, list[float]] = {name: [] for name in HELP}
        for _ in range(ROUNDS):
            for name, argv in HELP.items():
                done = run(argv, folder=place)
                walls[name].append(done.wall)
                cpus[name].append(done.cpu)
        for name in HELP:
            least, median = min(walls[name]), statistics.median(cpus[name])
            print(f"   {name:22}{least:8.2f} s{median:8.2f} CPU s")
        goal("gatherum --help, seconds", min(walls["gatherum"]), "<= 0.3")

        print("\n## serve: until it says where it is")
        taken = [_serve(place / f"data{number % 2}") for number in range(ROUNDS)]
        print(f"   least {min(took for took, *_ in taken):.2f} s, on new and used folders")
        print(f"   at rest {statistics.median(size for _, size, _ in taken):.0f} MB", end="")
        print(f", stopped within {max(stopped for *_, stopped in taken):.2f} s")
        goal("serve, seconds", min(took for took, *_ in taken), "<= 2")
        goal("MB at rest", statistics.median(size for _, size, _ in taken), "<= 160")


def _serve(data: Path) -> tuple[float, float, float]:
    """Return seconds to the first line, MB at rest, and seconds to stop."""
    environment = {**os.environ, "GATHERUM_DATA_DIR": str(data), "GATHERUM_PORT": "0"}
    argv: Sequence[str] = (sys.executable, "-m", "gatherum", "serve")
    begun = time.perf_counter()
    with subprocess.Popen(
        argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        line = server.stdout.readline()
        took = time.perf_counter() - begun
        if not line.startswith("Gatherum is at"):
            sys.exit(f"serve said {line!r}")
        time.sleep(REST_S)
        status = Path(f"/proc/{server.pid}/status").read_text()
        resident = int(status.partition("VmRSS:")[2].split()[0]) / 1024
        begun = time.perf_counter()
        server.send_signal(signal.SIGTERM)
        server.wait()
        return took, resident, time.perf_counter() - begun


if __name__ == "__main__":
    main()
