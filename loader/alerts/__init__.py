"""Rules over the graph, and the life of what they find: `evaluate` runs rules, `desk` is where people handle alerts."""
