"""What somebody did to something in Azure, read from the wire items of the three logs.

An item that cannot be read tells nothing: it is no deed, and nobody's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from loader.mapping import parse_time
from loader.model import Json

_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
_NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"
# What Resource Graph says where it does not know, and the correlation of what is correlated with nothing.
_NOTHING = frozenset({"", "unspecified", "unknown", "00000000-0000-0000-0000-000000000000"})
# Ends of an operation in the Activity Log after which it was done, or is being done.
_DONE = frozenset({"succeeded", "accepted"})
# Only whole objects come and go so; "Add member to group" changes a group, and so does what has a name not known here.
_OBJECT = r"(?:user|group|application|service principal|device|administrative unit|conditional access policy|policy)"
_ADDS = re.compile(rf"(?:add|create|invite) (?:external )?{_OBJECT}", re.IGNORECASE)
_DELETES = re.compile(rf"(?:hard )?(?:delete|remove) {_OBJECT}", re.IGNORECASE)


class Kind(StrEnum):
    """What a deed does to its target. CHANGE: it is there before and after, or Azure does not say."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. name: as Azure tells, a sign-in name or an id. also: whatever Azure calls the same one, in lower
    case, the name among it. type: User, Application, System.
    """

    name: str
    also: frozenset[str]
    type: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done. targets: the keys of what it was done to; actor: None where Azure does not name one."""

    at: datetime
    kind: Kind
    targets: frozenset[str]
    actor: Actor | None
    operation: str = ""
    client: str = ""
    correlation_id: str = ""


def of_resource_graph(row: Json) -> Deed | None:
    """A row of `resourcechanges` or `resourcecontainerchanges`, as the feeds ask for it."""
    at, target = parse_time(row.get("changeTime")), _known(row.get("targetResourceId"))
    if at is None or not target:
        return None
    name = _known(row.get("changedBy"))
    actor = Actor(name, frozenset({name.lower()}), _known(row.get("changedByType"))) if name else None
    kind = {"create": Kind.CREATE, "delete": Kind.DELETE}.get(str(row.get("changeType")).lower(), Kind.CHANGE)
    more = (_known(row.get(field)) for field in ("operation", "clientType", "correlationId"))
    return Deed(at, kind, frozenset({target.lower()}), actor, *more)


def of_activity_log(event: Json) -> Deed | None:
    """An event of the Activity Log; None for one that failed or has only begun."""
    at, target = parse_time(event.get("eventTimestamp")), _known(event.get("resourceId"))
    operation = _worded(event.get("operationName"))
    if at is None or not target or _worded(event.get("status")).lower() not in _DONE:
        return None
    action = operation.lower().rpartition("/")[2]
    kind = Kind.DELETE if action == "delete" else Kind.CHANGE
    return Deed(
        at, kind, frozenset({target.lower().rstrip("/")}), _caller(event), operation,
        correlation_id=_known(event.get("correlationId")),
    )  # fmt: skip


def of_directory_audit(record: Json) -> Deed | None:
    """A record of the directory audit; None for what did not succeed."""
    at = parse_time(record.get("activityDateTime"))
    targets = frozenset(_known(one.get("id")).lower() for one in _objects(record.get("targetResources"))) - {""}
    if at is None or not targets or str(record.get("result")).lower() != "success":
        return None
    activity = _known(record.get("activityDisplayName"))
    kind = Kind.CREATE if _ADDS.fullmatch(activity) else Kind.DELETE if _DELETES.fullmatch(activity) else Kind.CHANGE
    return Deed(
        at, kind, targets, _initiator(record.get("initiatedBy")), activity,
        _known(record.get("loggedByService")), _known(record.get("correlationId")),
    )  # fmt: skip


def _caller(event: Json) -> Actor | None:
    """Who signed in, not the client that it was done with: that is the `appid` of a user's claims."""
    claims = event.get("claims")
    told: dict[str, Any] = claims if isinstance(claims, dict) else {}
    person = _known(told.get(_UPN)) or _known(told.get(_NAME))
    ids = [
        _known(event.get("caller")),
        person,
        _known(told.get(_OBJECT_ID)),
        "" if person else _known(told.get("appid")),
    ]
    names = [one for one in ids if one]
    if not names:
        return None
    return Actor(names[0], frozenset(one.lower() for one in names), "User" if person else "Application")


def _initiator(initiated: Any) -> Actor | None:
    by = initiated if isinstance(initiated, dict) else {}
    for part, kind, fields in (
        ("user", "User", ("userPrincipalName", "id")),
        ("app", "Application", ("servicePrincipalId", "appId", "displayName")),
    ):
        found = by.get(part)
        told = found if isinstance(found, dict) else {}
        names = [one for one in (_known(told.get(field)) for field in fields) if one]
        if names:
            # What an application is called is no identity where it has one.
            ids = names if kind == "User" else names[: max(1, len(names) - bool(_known(told.get("displayName"))))]
            return Actor(names[0], frozenset(one.lower() for one in ids), kind)
    return None


def _worded(value: Any) -> str:
    """`{"value": …, "localizedValue": …}`, as the Activity Log has its words."""
    return _known(value.get("value")) if isinstance(value, dict) else _known(value)


def _objects(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _known(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return "" if text.lower() in _NOTHING else text
