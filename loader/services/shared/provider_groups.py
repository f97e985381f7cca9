"""Resource groups that Azure's services make for themselves, beside those that people make."""

from __future__ import annotations

import re

from loader.model import Json

# Azure names the managing resource in `managedBy`, but not of groups that many share. Names as the services' pages have
# them: https://learn.microsoft.com/azure/aks/faq (MC_), https://learn.microsoft.com/azure/network-watcher/network-watcher-create,
# https://learn.microsoft.com/azure/defender-for-cloud/faq-data-collection-agents (DefaultResourceGroup-),
# https://learn.microsoft.com/azure/backup/backup-during-vm-creation (AzureBackupRG_),
# https://learn.microsoft.com/azure/cloud-shell/persisting-shell-storage (cloud-shell-storage-)
_NAMES = re.compile(
    r"MC_.+_.+_.+|NetworkWatcherRG|DefaultResourceGroup-[A-Z]+|AzureBackupRG_.+|cloud-shell-storage-.+|"
    r"databricks-rg-.+|synapseworkspace-managedrg-.+|ai_.+_managed|LogAnalyticsDefaultResources|"
    r"Default-ActivityLogAlerts|Default-Storage-.+|Default-SQL-.+|Default-Web-.+",
    re.IGNORECASE,
)


def provider_managed(group: Json) -> bool:
    """Whether a service of Azure made the group for itself: it names itself in `managedBy`, or the name is its own."""
    return bool(group.get("managedBy")) or bool(_NAMES.fullmatch(str(group.get("name") or "")))
