"""`python -m loader.cli` is `azgraph`, whose entry point this is too."""

import signal

# Whoever stops azgraph while it is still being read sees no traceback; `main` has words for it afterwards.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from loader.garbage import seldom  # noqa: E402

seldom()

from loader.cli.main import main  # noqa: E402

__all__ = ["main"]

if __name__ == "__main__":
    main()
