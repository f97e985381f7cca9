"""Which roles a condition lets somebody give: the examples of Azure's own pages, and what is no answer."""

from __future__ import annotations

import pytest

from loader.access.conditions import leaves_free, may_give

OWNER, BACKUP, READER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "5e467623-bb1f-42f4-a55d-6e525e11384b", "acdd72a7"
_WRITE, _DELETE = (
    f"!(ActionMatches{{'Microsoft.Authorization/roleAssignments/{one}'}})" for one in ("write", "delete")
)
_ROLE = "[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
_TYPE = (
    "@Request[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'User'}"
)
_DELETING = f"(({_DELETE}) OR (@Resource{_ROLE} ForAnyOfAnyValues:GuidEquals {{{BACKUP}}}))"


def _giving(asked: str) -> str:
    return f"(({_WRITE}) OR ({asked})) AND {_DELETING}"


# https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples
CASES = [
    ("certain roles", _giving(f"@Request{_ROLE} ForAnyOfAnyValues:GuidEquals {{{BACKUP}, {READER}}}"), False, True),
    ("another casing", _giving(f"@REQUEST{_ROLE.upper()} guidequals {{{BACKUP.upper()}}}"), False, True),
    ("no hyphens", f"@Request{_ROLE} GuidEquals {BACKUP.replace('-', '')}", False, True),
    ("signs for words", _giving(f"@Request{_ROLE} GuidEquals {BACKUP} && {_TYPE}").replace(" OR ", "||"), False, None),
    ("certain roles to users", _giving(f"@Request{_ROLE} GuidEquals {{{BACKUP}}} AND {_TYPE}"), False, None),
    ("all but some", _giving(f"@Request{_ROLE} ForAnyOfAllValues:GuidNotEquals {{{OWNER}, {READER}}}"), False, True),
    ("not any of two", _giving(f"@Request{_ROLE} ForAnyOfAnyValues:GuidNotEquals {{{OWNER}, {READER}}}"), True, True),
    ("any role, to users", _giving(_TYPE), None, None),
    ("only deleting is narrowed", _DELETING, True, True),
    ("of blobs alone", "!(ActionMatches{'Microsoft.Storage/*'}) OR @Resource[x:name] StringEquals 'a (b)'", True, True),
    ("any action", "!(ActionMatches{'Microsoft.Authorization/*'})", False, False),
    ("of another kind", "@Resource[x]", None, None),
    ("cut off", f"@Request{_ROLE} ForAnyOfAnyValues:GuidEquals {{{BACKUP}", None, None),
    ("what stands after it", f"@Request{_ROLE} GuidEquals {BACKUP} )", None, None),
    ("another sign", "a ; b", None, None),
    ("nothing", "", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "owner", "backup"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_what_may_be_given(condition: str, owner: bool | None, backup: bool | None) -> None:
    assert (may_give(condition, OWNER), may_give(condition, BACKUP)) == (owner, backup)


READ = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
RUN = "Microsoft.Compute/runCommand/action"
_LISTING = (
    f"(!(ActionMatches{{'{READ}'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR (@Resource[x] StringEquals 'y')"
)


@pytest.mark.parametrize(
    ("condition", "action", "free"),
    [
        (_giving(_TYPE), RUN, True),
        (_giving(_TYPE), "Microsoft.Authorization/roleAssignments/write", False),
        (_LISTING, RUN, True),
        (_LISTING, READ, False),
        ("who knows", RUN, False),
    ],
)
def test_actions_that_a_condition_leaves_free(condition: str, action: str, free: bool) -> None:
    assert leaves_free(condition, action) is free
