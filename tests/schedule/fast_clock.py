"""`azgraph watch` with a clock that runs as many times faster as the first argument says; all else is the command."""

import functools
import sys

import loader.schedule
from loader.cli.main import main

if __name__ == "__main__":
    pace = float(sys.argv[1])
    loader.schedule.Watch = functools.partial(loader.schedule.Watch, pace=pace)  # type: ignore[misc, assignment]
    sys.argv[1:] = ["watch"]
    main()
