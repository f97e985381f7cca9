"""What loading costs: `python -m bench` (or `make bench`) measures it and writes docs/benchmarks.md.

Every figure is a ratio of two things measured side by side in one run, so that it means the same on any machine.
"""
