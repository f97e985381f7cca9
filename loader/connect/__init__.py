"""Before the first run: the rights that loading takes (`rights`), how they are given, and whether they are there."""
