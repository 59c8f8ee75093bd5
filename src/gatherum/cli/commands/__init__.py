"""What can be typed behind `gatherum`: names, options and help. Each is done by a module beside.

Each command imports what it needs when it runs: `--help` must be quick.
"""
