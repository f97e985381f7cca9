"""What an object of an answer says that nobody reads.

Where a verdict rests on the absence of something (no narrowing condition, no exception), a key that the declarations
do not know may be just that something. Such keys are stored by name, and the check is not evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

# The keys of an object that are read; below each, those of the object under it. Nothing below: it is read whole.
Known = Mapping[str, "Known"]


def known(*names: str, **objects: Known) -> Known:
    """Keys that are read whole, and keys whose objects are read in part: `known("a", b=known("c"))`."""
    return {**{name: {} for name in names}, **objects}


def unread(value: object, read: Known) -> list[str]:
    """The paths ("users.includeAgents") of what `value` says and `read` does not know, sorted; none of no object.

    What is null, empty, or an annotation of the protocol ("@odata.type", "name@odata.context") says nothing.
    """
    return sorted(_unread(value, read, ""))


def _unread(value: object, read: Known, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        if "odata." in name or _is_empty(inner):
            continue
        if name not in read:
            yield f"{path}{name}"
        elif read[name]:
            yield from _unread(inner, read[name], f"{path}{name}.")


def _is_empty(value: object) -> bool:
    """Whether nothing is said: null, an empty text, or a list or object of nothing but such."""
    if isinstance(value, dict):
        return all(_is_empty(inner) for inner in value.values())
    return value is None or value == "" or (isinstance(value, list) and all(_is_empty(inner) for inner in value))
