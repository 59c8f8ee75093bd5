"""Runs what failed once more, alone: `--flaky-allowed N` forgives N tests that pass then, and names them.

A test that fails among others and passes alone has a race in it, or shows one in the program. It is
named in the closing lines and in `build/flaky.txt`, with what it said; whoever is named twice there is
to be mended at its cause. More than N such tests, or one that fails again, fail the run.
"""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

MOST_RUN_AGAIN = 10  # where more fail, it is no race
ALONE_S = 600


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--flaky-allowed",
        metavar="N",
        type=int,
        help="run failed tests once more alone; forgive N of them if they pass then",
    )


@pytest.hookimpl(trylast=True)  # the terminal's reporter must be there
def pytest_configure(config: pytest.Config) -> None:
    allowed = config.getoption("--flaky-allowed")
    is_worker = hasattr(config, "workerinput")
    if allowed is not None and not is_worker:
        config.pluginmanager.register(SecondRun(config, allowed), "second-run")


class SecondRun:
    """Collects what fails, and runs it again when everything else is over."""

    def __init__(self, config: pytest.Config, allowed: int) -> None:
        self._root = config.rootpath
        self._allowed = allowed
        self._failed: dict[str, list[pytest.TestReport]] = {}
        self.flaky: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.setdefault(report.nodeid, []).append(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus != pytest.ExitCode.TESTS_FAILED:
            return
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        assert reporter is not None
        if len(self._failed) > MOST_RUN_AGAIN:
            reporter.write_line(f"\n{len(self._failed)} tests failed: none is run again.")
            return
        for name, reports in self._failed.items():
            reporter.write_line(f"\nOnce more, alone: {name}")
            if self._passes_alone(name):
                self.flaky.append(name)
                for kind in ("failed", "error"):
                    kept = [one for one in reporter.stats.get(kind, []) if one not in reports]
                    reporter.stats[kind] = kept
                reporter.stats.setdefault("flaky", []).extend(reports[:1])
                self._write_down(name, reports)
        if len(self.flaky) == len(self._failed) <= self._allowed:
            session.exitstatus = pytest.ExitCode.OK

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for name in self.flaky:
            terminalreporter.write_line(f"FLAKY {name} (failed among others, passed alone)")
        if len(self.flaky) > self._allowed:
            terminalreporter.write_line(
                f"{len(self.flaky)} flaky tests; {self._allowed} are allowed at most.", red=True
            )

    def _passes_alone(self, name: str) -> bool:
        command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", name]
        try:
            done = subprocess.run(  # noqa: S603
                command, cwd=self._root, capture_output=True, check=False, timeout=ALONE_S
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def _write_down(self, name: str, reports: list[pytest.TestReport]) -> None:
        path = self._root / "build" / "flaky.txt"
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M} {name}\n")
            file.writelines(f"{report.longreprtext}\n" for report in reports)
