"""Resolving the declared arguments of a call from the parent's answer."""

from __future__ import annotations

import re

from loader.azure.errors import AzureError
from loader.model import Argument, At, Body, Json, Segment, Status
from loader.shapes import WrongShapeError, read


def sent(argument: Argument, parent: Json) -> str | Json:
    """What an SDK's method is given for one argument of a call. Raises `AzureError` as `resolve` does."""
    return dict(argument.fields) if isinstance(argument, Body) else resolve(argument, parent)


def resolve(argument: At | Segment | str, parent: Json) -> str:
    """The text of one argument; `parent` has `@subscription` and `@tenant` too. Raises `AzureError` without it."""
    if isinstance(argument, str):
        return argument
    if isinstance(argument, Segment):
        return segment(str(parent.get("id") or ""), argument.name)
    try:
        values = read(parent, argument.path)
    except WrongShapeError as error:
        raise AzureError(Status.FAILED, f"The call needs {argument.path}, and {error}.") from error
    if not values:
        raise AzureError(Status.FAILED, f"The parent's answer has no {argument.path}, which the call needs.")
    return str(values[0])


def filled(template: str, parent: Json) -> str:
    """A filter of Microsoft Graph with each `{path}` read from the parent's answer. Raises `AzureError` without it."""
    return re.sub(r"\{([^{}]+)\}", lambda found: resolve(At(found[1]), parent).replace("'", "''"), template)


def segment(arm_id: str, name: str) -> str:
    """What follows `/name/` in an ARM id, in any casing; the last of several, for types that nest in themselves."""
    parts = arm_id.strip("/").split("/")
    for index in range(len(parts) - 2, -1, -1):
        if parts[index].lower() == name.lower():
            return parts[index + 1]
    raise AzureError(Status.FAILED, f"The id {arm_id or '(none)'} has no segment {name}, which the call needs.")
