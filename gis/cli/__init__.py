"""The command line: each command parses, calls one verb and prints.

Exit codes: 0 done; 1 problems were found and ``--strict`` asked to fail on them; 2 wrong usage or input that
cannot be read. Every module of this folder adds its commands to the group.
"""

import os
import sys

from gis.cli.base import commands
from gis.registry import discover

__all__ = ["commands", "main"]

discover(__name__)


def main(arguments=None):
    """Run the command line and leave with its exit code; no traceback reaches the reader."""
    # another PROJ's data folder breaks the coordinate systems of the bundled one
    for name in ("PROJ_LIB", "PROJ_DATA"):
        os.environ.pop(name, None)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    commands(args=arguments, prog_name="gis", obj={})
