"""Who gets to whom through networks: what rules let through, over which ways. Rows of the graph in, answers out.

What counts as the Internet is said in `loader/services/shared/addresses.py`, for declarations and for these. It knows
neither an SDK nor the driver: conclusions about the Internet and `azgraph reach` ask the same functions.
"""
