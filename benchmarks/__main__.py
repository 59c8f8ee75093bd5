"""`python -m benchmarks [NAME...]`: run all questions, or those named."""

import importlib
import os
import pkgutil
import platform
import sys

import benchmarks

PARTS = {"bare", "contenders", "gallery", "library", "measure", "race", "server", "__main__"}
PARTS |= {"http_clients", "http_servers"}


def main() -> None:
    """Run what was asked for, and say on what machine."""
    known = [info.name for info in pkgutil.iter_modules(benchmarks.__path__)]
    questions = [name for name in known if name not in PARTS]
    asked = sys.argv[1:] or questions
    if unknown := sorted(set(asked) - set(questions)):
        sys.exit(f"There is no {', '.join(unknown)}; there are {', '.join(questions)}.")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}"
    )
    print("Ours includes SHA-256, verification and a durable record; the peers do none of that.")
    for name in asked:
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
