"""Who can do what to which resource: read from the graph, with the whole chain as evidence."""

from loader.effective.answers import Answer, access_of, explain, who_can

__all__ = ["Answer", "access_of", "explain", "who_can"]
