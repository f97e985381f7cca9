"""Who can do what to which resource: read from the graph, with the whole chain as evidence."""

from loader.effective.answers import Answer, access_of, explain, refuse_unknown, who_can

__all__ = ["Answer", "access_of", "explain", "refuse_unknown", "who_can"]
