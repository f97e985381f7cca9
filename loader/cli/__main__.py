"""`python -m loader.cli` is `azgraph`."""

from loader.cli.main import main

main()
