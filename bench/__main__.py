"""The one command: `python -m bench [--only relay,burst] [--runs 5] [--quick | --tiny] [--results bench/results]`.

Runs the workloads against Lessonroom, the plain rival and the floor in turn, prints a table of medians with ratios, and
writes the figures as JSON and a picture of them.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

from bench.report import write
from bench.stage import FULL, QUICK, TINY, Stage
from bench.store import Store
from bench.workloads import WORKLOADS

RESULTS = Path(__file__).parent / "results"
RUNS = 5


def main(arguments: list[str]) -> int:
    """The command line; the exit status."""
    options = _parser().parse_args(arguments)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # what is started here inherits it
    sizes = TINY if options.tiny else QUICK if options.quick else FULL
    store = Store()
    stage = Stage(store, sizes, options.runs, lambda line: print(line, file=sys.stderr, flush=True))
    began = time.monotonic()
    named = "tiny" if options.tiny else "quick" if options.quick else "full"
    table = ""
    try:
        for name in options.only.split(",") if options.only else WORKLOADS:
            WORKLOADS[name](stage)
            table = write(stage.samples, options.results, named)  # what comes next may fail
    finally:
        stage.close()
        store.close()
    print(table)
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What Lessonroom costs.")
    parser.add_argument("--only", default="", help=f"some of {', '.join(WORKLOADS)}, with commas")
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each target is measured, in turn")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, for a first look")
    parser.add_argument("--tiny", action="store_true", help="just whether everything works")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures are written")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
