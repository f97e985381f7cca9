"""Loading on a schedule: when each instance is due, its run in a process of its own, and what is told of it."""

from loader.schedule.plan import Plan, read_plan
from loader.schedule.watch import Watch

__all__ = ["Plan", "Watch", "read_plan"]
