"""Several processes for one run, on one machine or on many, over Dask's distributed scheduler.

The run's own process signs in, holds the lease, hands out areas as tasks, and does what must wait for all of them; each
worker signs in itself, from the same settings, and writes what it loads under the run's lease. What travels between
processes is said in `docs/scale.md`.
"""
