"""Who is member or owner of a group for a time (Privileged Identity Management for groups), and who took it up.

The member or owner is in the group's own lists too, without the end. Microsoft Graph tells one group at a time, and an
instance for every membership that is governed; those for ever that nobody took up say nothing more, and are left out.
Sources: https://learn.microsoft.com/graph/api/privilegedaccessgroup-list-assignmentscheduleinstances and
https://learn.microsoft.com/graph/api/resources/privilegedaccessgroupassignmentscheduleinstance
"""

from __future__ import annotations

from loader.model import ANY_PRINCIPAL, EntityType, Graph, Service, date, outgoing, text
from loader.services.identity.group_eligibilities import governed_principal, may_be_governed
from loader.services.shared.directory_links import for_a_time, id_under

SCHEDULE = EntityType(
    type="azure_group_assignment_schedule",
    ids=("opaque",),
    resource="Group Assignment Schedule",
    classes=("AccessPolicy",),
    documentation="https://learn.microsoft.com/graph/api/privilegedaccessgroup-list-assignmentscheduleinstances",
    fetch=Graph(
        builder="identity_governance.privileged_access.group.assignment_schedule_instances",
        permission="PrivilegedAssignmentSchedule.Read.AzureADGroup",
        filter="groupId eq '{id}'",
        parent="azure_user_group",
        when=may_be_governed,
    ),
    keep=for_a_time,
    # The id is made of the group's.
    key=id_under("group-assignment-schedule"),
    name="id",
    properties=(
        text("groupId", "groupId", "the group"),
        text("principalId", "principalId", "object id of who is that"),
        text("accessId", "accessId", "what that is: member or owner", values=("member", "owner")),
        text("assignmentType", "assignmentType", "Activated for one that was taken up, or Assigned"),
        text("memberType", "memberType", "direct, or through a group"),
        date("startsOn", "startDateTime", "since when"),
        date("endsOn", "endDateTime", "until when"),
    ),
    relationships=(
        outgoing("ALLOWS", "azure_user_group", "groupId", "the group"),
        outgoing("ASSIGNED", ANY_PRINCIPAL, governed_principal, "who is that"),
    ),
)

SERVICE = Service(name="Group assignment schedules", entity_types=(SCHEDULE,))
