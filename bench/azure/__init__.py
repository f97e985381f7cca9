"""A simulated Azure of any size, which knows its own truth, and what a run of azgraph over it costs."""
