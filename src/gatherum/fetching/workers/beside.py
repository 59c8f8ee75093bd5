# SPDX-License-Identifier: MIT
"""Run a module with the packages of a folder before all others: `beside FOLDER MODULE`.

It imports nothing of ours, so that what the folder holds is what the module gets.
"""

import runpy
import sys


def main(folder: str, module: str) -> None:
    """Become the module."""
    sys.path.insert(0, folder)
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
