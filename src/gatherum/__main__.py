"""`python -m gatherum` is `gatherum`."""

from gatherum.cli import main

main()
