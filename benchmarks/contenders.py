"""Who is measured: how each of the peers, and we, are asked to fetch a list of links."""

import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import Run, run

BIN = Path(sys.executable).parent
ALLOW = {"GATHERUM_NETWORK_ALLOW": "127.0.0.1", "GATHERUM_LOG_LEVEL": "error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be fetched: a file with one link a line, and where to."""

    links: Path
    folder: Path
    connections: int


Command = Callable[[Order], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A program in the race. `before` runs outside the measured time."""

    name: str
    program: str
    command: Command
    before: tuple[tuple[str, ...], ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str | None:
        """The program's path, None if it is not on this machine."""
        ours = BIN / self.program
        return str(ours) if ours.exists() else shutil.which(self.program)

    def fetch(self, order: Order) -> Run:
        """Fetch everything once, into an empty folder."""
        home = {"GATHERUM_DATA_DIR": str(order.folder), **self.environment}
        for arguments in self.before:
            done = run([self.path or "", *arguments], folder=order.folder, environment=home)
            if done.code:
                return done
        argv = [self.path or "", *self.command(order)]
        return run(argv, folder=order.folder, environment=home)


def ours(*extra: str, name: str = "gatherum", per_host: int = 16) -> Contender:
    """Gatherum: a whole process, database made before, as fast as it may be."""
    return Contender(
        name=name,
        program="gatherum",
        before=(
            ("config", "set", "network.pace", "0"),
            ("config", "set", "network.connections_per_host", str(per_host)),
        ),
        command=lambda order: ["get", "--from", str(order.links), "--json", *extra],
        environment=ALLOW,
    )


def gallery_dl(*extra: str, name: str = "gallery-dl") -> Contender:
    """gallery-dl as it comes: one file after the other."""
    return Contender(
        name=name,
        program="gallery-dl",
        command=lambda order: [
            *("--config-ignore", "-q", "-D", str(order.folder), "-i", str(order.links), *extra)
        ],
    )


def gallery_dl_in(processes: int, files: int) -> Contender:
    """gallery-dl in several processes, each with its share of what there is."""
    share = -(-files // processes)

    def command(order: Order) -> Sequence[str]:
        argv = [str(BIN / "gallery-dl"), "--config-ignore", "-q", "-D", str(order.folder)]
        parts = [
            shlex.join([*argv, "--range", f"{start + 1}-{start + share}", "-i", str(order.links)])
            for start in range(0, files, share)
        ]
        return ["-c", " & ".join(parts) + " & wait"]

    return Contender(name=f"gallery-dl x {processes}", program="sh", command=command)


YT_DLP = Contender(
    name="yt-dlp",
    program="yt-dlp",
    command=lambda order: [
        *("--ignore-config", "-q", "--no-warnings", "-P", str(order.folder)),
        *("-o", "%(id)s.%(ext)s", "-a", str(order.links)),
    ],
)
ARIA2 = Contender(
    name="aria2c",
    program="aria2c",
    command=lambda order: [
        *("--no-conf", "-q", "-i", str(order.links), "-d", str(order.folder)),
        *("-j", str(order.connections), "-x1", "-s1", "--file-allocation=none"),
    ],
)
WGET2 = Contender(
    name="wget2",
    program="wget2",
    command=lambda order: [
        *("--no-config", "-q", "-i", str(order.links), "-P", str(order.folder)),
        f"--max-threads={order.connections}",
    ],
)
CURL = Contender(
    name="curl",
    program="curl",
    command=lambda order: [
        *("-q", "-sS", "--parallel", "--parallel-immediate"),
        *("--parallel-max", str(order.connections), "-K", str(_curl_config(order))),
    ],
)
BARE = Contender(
    name="bare aiohttp",
    program="python",
    command=lambda order: [
        *("-m", "benchmarks.bare", str(order.links), str(order.folder), str(order.connections))
    ],
    environment={"PYTHONPATH": str(Path(__file__).parent.parent)},
)
SERVER = Contender(  # throws everything away: what the server and the loopback can give
    name="(server)",
    program="python",
    command=lambda order: [
        *("-m", "benchmarks.bare", str(order.links), "-", str(order.connections))
    ],
    environment=BARE.environment,
)


def _curl_config(order: Order) -> Path:
    config = order.folder.parent / "curl.conf"
    links = order.links.read_text().split()
    config.write_text(
        "".join(f'url = "{link}"\noutput = "{link.rpartition("/")[2]}"\n' for link in links)
    )
    return config
