"""Where data lies: storage accounts, databases, caches, analytics."""
