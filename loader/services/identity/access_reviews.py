"""Access reviews: whose access is looked over again, by whom, how often, and what becomes of those nobody spoke for.

A review says what it is about as queries of Microsoft Graph ("/groups/{id}/transitiveMembers"); the ids and the guests
in them are taken out. Source: https://learn.microsoft.com/graph/accessreviews-scope-concept
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from loader.mapping import parse_time
from loader.model import EntityType, Graph, Json, Link, Service, Target, date, flag, links, text, texts, whole
from loader.services.shared.directory_links import in_tenant
from loader.services.shared.wire import part, parts

_GUID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
# What a query is about, by the words before the id.
_ABOUT = {
    r"/groups/": "azure_user_group",
    r"/teams/": "azure_user_group",
    r"/serviceprincipals/": "azure_service_principal",
    r"/roledefinitions/": "azure_ad_role_definition",
    r"roledefinitionid eq '": "azure_ad_role_definition",
    r"accesspackageid eq '": "azure_access_packages_services",
}
_REVIEWERS = {r"/users/": "azure_user", r"/groups/": "azure_user_group"}
# In addresses a space is a plus or "%20".
_SPACE = r"(?:\s|\+|%20)+"
_GUESTS = re.compile(rf"usertype{_SPACE}eq{_SPACE}'guest'", re.IGNORECASE)
# "Guest user access to all Microsoft 365 groups", the one review of guests wherever they are, without what may be
# written in several ways: https://learn.microsoft.com/graph/accessreviews-scope-concept
_LOOSE = re.compile(rf"{_SPACE}|[()]|/(?=[?])|[$]count=true&|&[$]count=true|^/(?:v1[.]0|beta)(?=/)", re.IGNORECASE)
_ANY_MEMBERS = {f"./{one}/microsoft.graph.user?$filter=usertypeeq'guest'" for one in ("members", "transitivemembers")}
_ALL_GROUPS = "/groups?$filter=grouptypes/anyc:ceq'unified'"
# The same with people and resources apart, as Example 10 of that page has it.
_APART = ("principalScopes", "resourceScopes")
_ANY_GUESTS = "/users?$filter=usertypeeq'guest'"
# All holders of a role, or those of one kind, as the same page has it, Examples 8 and 9, without what is loose.
_APPLICATIONS = "isofprincipal,'microsoft.graph.serviceprincipal'"
_USERS = rf"isofprincipal,'microsoft.graph.user'androledefinitionideq'{_GUID}'"
_ROLES, _OF = "/rolemanagement/directory/", r"[?][$]expand=principal&[$]filter="
_HOLDERS = {
    "all": re.compile(rf"{_ROLES}roledefinitions/{_GUID}"),
    "eligible": re.compile(f"{_ROLES}roleeligibilityscheduleinstances{_OF}{_USERS}"),
    "active": re.compile(f"{_ROLES}roleassignmentscheduleinstances{_OF}(?:assignmenttypeeq'assigned'and)?{_USERS}"),
}
# In days, at the most: https://learn.microsoft.com/graph/api/resources/recurrencepattern
_DAYS = {
    "daily": 1,
    "weekly": 7,
    "absolutemonthly": 31,
    "relativemonthly": 31,
    "absoluteyearly": 366,
    "relativeyearly": 366,
}


def _scopes(answer: Json) -> Iterator[Json]:
    """Every scope of a review, those within others too."""
    for one in (part(answer, "scope"), part(answer, "instanceEnumerationScope")):
        yield from (one, *parts(one, "principalScopes"), *parts(one, "resourceScopes"))


def queries(answer: Json) -> list[str]:
    """the queries of `scope` and `instanceEnumerationScope`, those within them too"""
    return [str(scope["query"]) for scope in _scopes(answer) if scope.get("query")]


def covers_guests_only(answer: Json) -> bool:
    """one of its queries takes only users whose `userType` is Guest"""
    return any(_GUESTS.search(query) for query in queries(answer))


def guests_of(answer: Json) -> str | None:
    """where the guests are whom `scope` and `instanceEnumerationScope` name; none where azgraph cannot tell"""
    if not covers_guests_only(answer):
        return None
    if any(re.search(re.escape(words) + _GUID, one, re.IGNORECASE) for words in _ABOUT for one in queries(answer)):
        return "named resources"
    scope, groups = (str(part(answer, one).get("query") or "") for one in ("scope", "instanceEnumerationScope"))
    whom, where = ({_bare(str(one.get("query"))) for one in parts(answer, "scope", name)} for name in _APART)
    everywhere = _bare(scope) in _ANY_MEMBERS and _bare(groups) == _ALL_GROUPS
    return "all groups" if everywhere or (_ANY_GUESTS in whom and "/groups" in where) else None


def _bare(query: str) -> str:
    return _LOOSE.sub("", query).lower()


def covers_roles(answer: Json) -> bool:
    """one of its queries is about roles of Entra (`/roleManagement/directory/…`)"""
    return any("/rolemanagement/directory" in query.lower() for query in queries(answer))


def role_holders(answer: Json) -> str | None:
    """whose roles of Entra are reviewed, as `scope` says: "all", those who hold them ("active") or may take them up
    ("eligible"), or "some" only, guests or applications; none where it is about no roles or azgraph cannot tell"""
    about = {_bare(one) for one in queries(answer) if "/rolemanagement/directory" in one.lower()}
    if not about:
        return None
    principals = [str(one.get("query") or "") for one in parts(answer, "scope", "principalScopes")]
    whom = {_bare(one) for one in principals}
    if (whom and "/users" not in whom) or any(_APPLICATIONS in one for one in about):
        return "some"
    found = {next((word for word, form in _HOLDERS.items() if form.fullmatch(one)), None) for one in about}
    return found.pop() if len(found) == 1 else None


def covers_inactive_only(answer: Json) -> bool:
    """one of its scopes is an `accessReviewInactiveUsersQueryScope`"""
    return any(str(scope.get("@odata.type")).endswith("InactiveUsersQueryScope") for scope in _scopes(answer))


def recurs(answer: Json) -> bool:
    """`settings.recurrence.pattern` has a type, and its range is not one time only"""
    recurrence = part(answer, "settings", "recurrence")
    return bool(part(recurrence, "pattern").get("type")) and part(recurrence, "range").get("numberOfOccurrences") != 1


def days_between(answer: Json) -> int | None:
    """`settings.recurrence.pattern`, in days at the most; none where its type is not known"""
    pattern = part(answer, "settings", "recurrence", "pattern")
    days, interval = _DAYS.get(str(pattern.get("type")).lower()), pattern.get("interval") or 1
    return days * interval if days and isinstance(interval, int) else None


def last_day(answer: Json) -> datetime | None:
    """`settings.recurrence.range.endDate`; where it is numbered the day by which as many must have been"""
    told = part(answer, "settings", "recurrence", "range")
    if str(told.get("type")).lower() != "numbered":
        return parse_time(told.get("endDate"))
    start, days, times = parse_time(told.get("startDate")), days_between(answer), told.get("numberOfOccurrences")
    if start and days and isinstance(times, int) and times > 0:
        return start + timedelta(days=days * times)
    return parse_time(told.get("endDate"))


def _reviewer_queries(answer: Json) -> list[str]:
    """the queries of `reviewers` and of each of `stageSettings[]`, where there are several stages; "./manager" is each
    person's own manager, none at all is the person"""
    places = (answer, *parts(answer, "stageSettings"))
    return [str(one["query"]) for place in places for one in parts(place, "reviewers") if one.get("query")]


def _ends(verb: str, found: Iterable[str], words: dict[str, str]) -> Iterator[Link]:
    for query in (re.sub(_SPACE, " ", one) for one in found):
        for before, kind in words.items():
            for identity in re.findall(re.escape(before) + _GUID, query, re.IGNORECASE):
                yield Link(verb, Target(identity.lower(), kind, {"id": identity}))


REVIEW = EntityType(
    type="azure_access_review",
    ids=("opaque",),
    resource="Access Review",
    classes=("Review",),
    documentation="https://learn.microsoft.com/graph/api/accessreviewset-list-definitions",
    fetch=Graph(builder="identity_governance.access_reviews.definitions", permission="AccessReview.Read.All"),
    properties=(
        text("status", "status", "NotStarted, InProgress, Completed, Applied, …"),
        texts("scopeQueries", queries, "whose access to what, in words of Microsoft Graph"),
        flag("guestsOnly", covers_guests_only, "it is about guests"),
        text("guestsOf", guests_of, "where these are: all groups (of Microsoft 365), or named resources only"),
        flag("inactiveOnly", covers_inactive_only, "it is about accounts that nobody uses"),
        flag("coversDirectoryRoles", covers_roles, "it is about roles of Entra"),
        text("roleHolders", role_holders, "whose: all, active or eligible holders, or some only: guests, applications"),
        texts("reviewers", _reviewer_queries, "who decides"),
        flag("recurs", recurs, "it comes again by itself"),
        text("recurrence", "settings.recurrence.pattern.type", "weekly, absoluteMonthly or absoluteYearly"),
        whole("recurrenceInterval", "settings.recurrence.pattern.interval", "every how many of these"),
        whole("recursAfterDays", days_between, "after how many days at the most it comes again"),
        date("startsOn", "settings.recurrence.range.startDate", "its first day"),
        date("endsOn", last_day, "its last day; none where it goes on for ever"),
        whole("durationInDays", "settings.instanceDurationInDays", "for how long reviewers can decide"),
        flag("autoApply", "settings.autoApplyDecisionsEnabled", "what is decided is done by itself"),
        flag("defaultDecisionEnabled", "settings.defaultDecisionEnabled", "something befalls those nobody decided on"),
        text("defaultDecision", "settings.defaultDecision", "what: Approve, Deny, Recommendation or None"),
        flag("justificationRequired", "settings.justificationRequiredOnApproval", "who says yes has to say why"),
        flag("mailNotifications", "settings.mailNotificationsEnabled", "reviewers are written to"),
        flag("reminders", "settings.reminderNotificationsEnabled", "and reminded"),
        flag("recommendations", "settings.recommendationsEnabled", "Entra says what it would do"),
        date("createdOn", "createdDateTime", "when it was made"),
        date("modifiedOn", "lastModifiedDateTime", "when it was last changed"),
    ),
    relationships=(
        in_tenant(),
        links(
            "APPLIES_TO",
            tuple(dict.fromkeys(_ABOUT.values())),
            lambda answer: _ends("APPLIES_TO", queries(answer), _ABOUT),
            "access to what is reviewed, where it names it",
        ),
        links(
            "ASSIGNED",
            tuple(_REVIEWERS.values()),
            lambda answer: _ends("ASSIGNED", _reviewer_queries(answer), _REVIEWERS),
            "who decides, where it names them",
        ),
    ),
)

SERVICE = Service(name="Access reviews", entity_types=(REVIEW,))
