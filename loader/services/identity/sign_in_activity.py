"""When users last signed in. Entra keeps it beside its users: it takes a permission more, and a P1 licence.

So it is an entity beside the user, with a step of its own, whose refusal costs nothing else; one list for the whole
tenant, where asking for each user would be a call a user.
"""

from __future__ import annotations

from datetime import UTC, datetime

from loader.mapping import parse_time
from loader.model import EntityType, Graph, Json, Service, date, incoming, quiet, text
from loader.services.shared.enumerations import USER_TYPES
from loader.shapes import read

_ACTIVITY = "signInActivity"


def activity_key(answer: Json) -> str | None:
    """The list is one of users; this is what it tells of one."""
    identity = answer.get("id")
    return f"{identity}/sign-ins" if identity else None


def last_seen(answer: Json) -> datetime | None:
    """`signInActivity.lastSuccessfulSignInDateTime`, kept since December 2023; of before, the latest of the other two
    times there, which failed attempts count for as well; none at all means never"""
    successes, attempts = (_latest(answer, *fields) for fields in ((_SUCCESS,), _ATTEMPTS))
    told = _SUCCESS in (answer.get(_ACTIVITY) or {})
    if successes or attempts is None:
        return successes
    return attempts if not told or attempts < _SUCCESSES_KEPT_SINCE else None


def _latest(answer: Json, *fields: str) -> datetime | None:
    times = [parse_time(one) for field in fields for one in read(answer, f"{_ACTIVITY}.{field}")]
    return max((one for one in times if one), default=None)


_SUCCESS = "lastSuccessfulSignInDateTime"
_ATTEMPTS = ("lastSignInDateTime", "lastNonInteractiveSignInDateTime")
# "Effective December 1, 2023 […] The data isn't backfilled": https://learn.microsoft.com/graph/api/resources/signinactivity
_SUCCESSES_KEPT_SINCE = datetime(2023, 12, 1, tzinfo=UTC)

SIGN_IN_ACTIVITY = EntityType(
    type="azure_user_sign_in_activity",
    resource="User Sign-in Activity",
    classes=("Record",),
    documentation="https://learn.microsoft.com/graph/api/resources/signinactivity",
    fetch=Graph(
        builder="users",
        permission="AuditLog.Read.All",
        select=("id", "displayName", "userPrincipalName", "userType", _ACTIVITY),
    ),
    key=activity_key,
    properties=(
        text("userId", "id", "whose it is"),
        text("userPrincipalName", "userPrincipalName", "the name it signs in with"),
        text("userType", "userType", "Member or Guest", values=USER_TYPES),
        quiet(date("lastSeenOn", last_seen, "the last sign-in that went well; none: never since Entra keeps count")),
        quiet(date("lastSuccessfulSignInOn", f"{_ACTIVITY}.lastSuccessfulSignInDateTime", "the last that went well")),
        quiet(date("lastSignInOn", f"{_ACTIVITY}.lastSignInDateTime", "the last try by the person, failed or not")),
        quiet(
            date(
                "lastNonInteractiveSignInOn",
                f"{_ACTIVITY}.lastNonInteractiveSignInDateTime",
                "the last try by a program, failed or not",
            )
        ),
    ),
    relationships=(incoming("HAS", "azure_user", "id", "whose it is"),),
)

SERVICE = Service(name="Sign-in activity", entity_types=(SIGN_IN_ACTIVITY,))
