"""docs/access.md has a row for every kind of edge of BloodHound for Azure, and names nothing that there is not."""

from __future__ import annotations

import re

from loader.access.capabilities import CAPABILITIES
from loader.paths.kinds import hop_kinds
from tools.attack_edges import EDGES, section

# BloodHound CE's schema of late 2025, without what only on-premises directories have.
KINDS = """
AZContains AZMemberOf AZOwns AZRunsAs AZAuthenticatesTo AZHasRole AZScopedTo AZAppAdmin AZCloudAppAdmin AZRoleEligible
AZManagedIdentity AZNodeResourceGroup AZOwner AZContributor AZUserAccessAdministrator AZVMContributor AZAvereContributor
AZVMAdminLogin AZKeyVaultContributor AZGetSecrets AZGetKeys AZGetCertificates AZAutomationContributor
AZLogicAppContributor AZWebsiteContributor AZAKSContributor AZMGApplication_ReadWrite_All
AZMGAppRoleAssignment_ReadWrite_All AZMGDirectory_ReadWrite_All AZMGGroup_ReadWrite_All AZMGGroupMember_ReadWrite_All
AZMGRoleManagement_ReadWrite_Directory AZMGServicePrincipalEndpoint_ReadWrite_All SyncedToADUser SyncedToEntraUser
AZGrant AZGrantSelf AZGlobalAdmin AZPrivilegedRoleAdmin AZPrivilegedAuthAdmin AZResetPassword AZAddMembers AZAddSecret
AZAddOwner AZExecuteCommand AZMGAddSecret AZMGAddOwner AZMGAddMember AZMGGrantAppRoles AZMGGrantRole AZRoleApprover
"""


def test_every_edge_has_its_row() -> None:
    assert list(EDGES) == KINDS.split()
    assert {name for kind in hop_kinds() for name in kind.bloodhound} <= EDGES.keys()
    assert all(f"| `{one}` |" in section() for one in EDGES)
    assert all(has != "–" or note for has, note in EDGES.values()), "say why it is not there"


def test_the_rows_name_capabilities_that_there_are() -> None:
    known = {one.id for one in CAPABILITIES} | {hop.id for hop in hop_kinds()}
    kinds = {"azure-approver", "directory-approver"}
    named = {name for has, _ in EDGES.values() for name in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", has)}
    assert named <= known | kinds
