"""What the built-in roles of the directory let their holders do, where an answer names such a role and not its actions.

A role that tells nothing is not one that allows nothing. By their ids in all tenants, as the list of a real tenant has
them; those with none of the capabilities are left out.
Source: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
"""

from __future__ import annotations

BUILT_IN: dict[str, tuple[str, ...]] = {
    # Application Administrator
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": (
        "add-credentials",
        "add-credentials-of-multitenant-applications",
        "add-credentials-of-single-tenant-applications",
        "add-owners",
        "add-owners-of-multitenant-applications",
        "add-owners-of-single-tenant-applications",
        "consent",
    ),
    # Authentication Administrator
    "c4e39bd9-1100-46d3-8c65-fb160da0071f": ("change-sign-in-methods", "reset-password"),
    # Cloud Application Administrator
    "158c047a-c907-4556-b7ef-446551a6b5f7": (
        "add-credentials",
        "add-credentials-of-multitenant-applications",
        "add-credentials-of-single-tenant-applications",
        "add-owners",
        "add-owners-of-multitenant-applications",
        "add-owners-of-single-tenant-applications",
        "consent",
    ),
    # Cloud Device Administrator
    "7698a772-787b-4ac8-901f-60d6b08affd2": ("enrol-devices", "read-bitlocker-keys"),
    # Conditional Access Administrator
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9": ("change-conditional-access",),
    # Directory Synchronization Accounts
    "d29b2b05-8046-44ba-8758-1e26182fcf32": (
        "add-credentials",
        "add-credentials-of-multitenant-applications",
        "add-credentials-of-single-tenant-applications",
        "add-owners",
        "add-owners-of-multitenant-applications",
        "add-owners-of-single-tenant-applications",
    ),
    # Directory Writers
    "9360feb5-f418-4baa-8175-e2a00bac4301": (
        "add-members",
        "add-members-of-security-groups",
        "add-members-of-unified-groups",
        "add-owners-of-groups",
        "invite-guests",
    ),
    # Domain Name Administrator
    "8329153b-31d0-4727-b945-745eb3bc5f31": ("change-federation",),
    # Exchange Administrator
    "29232cdf-9323-42fd-ade2-1d097af3e4de": (
        "add-members",
        "add-members-of-exchange-groups",
        "add-members-of-unified-groups",
        "add-owners-of-groups",
    ),
    # Exchange Recipient Administrator
    "31392ffb-586c-42d1-9346-e59415a2cc4e": ("add-members", "add-members-of-exchange-groups", "add-owners-of-groups"),
    # External Identity Provider Administrator
    "be2f45a1-457d-42af-a067-6ec1fa63bc45": ("change-federation",),
    # Global Administrator
    "62e90394-69f5-4237-9190-012177145e10": (
        "add-credentials",
        "add-credentials-of-multitenant-applications",
        "add-credentials-of-single-tenant-applications",
        "add-members",
        "add-members-of-exchange-groups",
        "add-members-of-role-groups",
        "add-members-of-security-groups",
        "add-members-of-unified-groups",
        "add-owners",
        "add-owners-of-groups",
        "add-owners-of-multitenant-applications",
        "add-owners-of-single-tenant-applications",
        "change-conditional-access",
        "change-directory-roles",
        "change-federation",
        "change-sign-in-methods",
        "consent",
        "enrol-devices",
        "give-application-roles",
        "give-directory-roles",
        "invite-guests",
        "manage-devices",
        "read-bitlocker-keys",
        "reset-password",
    ),
    # Global Reader
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": ("read-bitlocker-keys",),
    # Groups Administrator
    "fdd7a751-b60b-444a-984c-02652fe8fa1c": (
        "add-members",
        "add-members-of-security-groups",
        "add-members-of-unified-groups",
        "add-owners-of-groups",
    ),
    # Guest Inviter
    "95e79109-95c0-4d8e-aee3-d01accf2d47b": ("invite-guests",),
    # Guest User
    "10dae51f-b6af-4016-8d66-8c2a99b929b3": ("invite-guests",),
    # Helpdesk Administrator
    "729827e3-9c14-49f7-bb1b-9608f156bbb8": ("read-bitlocker-keys", "reset-password"),
    # Hybrid Identity Administrator
    "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2": (
        "add-owners",
        "add-owners-of-multitenant-applications",
        "add-owners-of-single-tenant-applications",
        "change-federation",
    ),
    # Identity Governance Administrator
    "45d8d3c5-c802-45c6-b32a-1d70b5e1e86e": (
        "add-members",
        "add-members-of-security-groups",
        "add-members-of-unified-groups",
    ),
    # Intune Administrator
    "3a2c62db-5318-420d-8d74-23affee5d9d5": (
        "add-members",
        "add-members-of-security-groups",
        "add-owners-of-groups",
        "manage-devices",
        "read-bitlocker-keys",
    ),
    # Knowledge Administrator
    "b5a8dcf3-09d5-43a9-a639-8e29ef291470": ("add-members", "add-members-of-security-groups", "add-owners-of-groups"),
    # Knowledge Manager
    "744ec460-397e-42ad-a462-8b3f9747a02c": ("add-members", "add-members-of-security-groups", "add-owners-of-groups"),
    # Partner Tier1 Support
    "4ba39ca4-527c-499a-b93d-d9b492c50246": (
        "add-credentials",
        "add-credentials-of-multitenant-applications",
        "add-credentials-of-single-tenant-applications",
        "add-members",
        "add-members-of-security-groups",
        "add-members-of-unified-groups",
        "add-owners",
        "add-owners-of-groups",
        "add-owners-of-multitenant-applications",
        "add-owners-of-single-tenant-applications",
        "reset-password",
    ),
    # Partner Tier2 Support
    "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8": (
        "add-credentials",
        "add-credentials-of-multitenant-applications",
        "add-credentials-of-single-tenant-applications",
        "add-members",
        "add-members-of-security-groups",
        "add-members-of-unified-groups",
        "add-owners",
        "add-owners-of-groups",
        "add-owners-of-multitenant-applications",
        "add-owners-of-single-tenant-applications",
        "change-directory-roles",
        "change-federation",
        "give-directory-roles",
        "reset-password",
    ),
    # Password Administrator
    "966707d0-3269-4727-9be2-8c3a10f19b9d": ("reset-password",),
    # Privileged Authentication Administrator
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": ("change-sign-in-methods", "reset-password"),
    # Privileged Role Administrator
    "e8611ab8-c189-46e8-94e1-60213ab1f814": (
        "add-members-of-role-groups",
        "approve-roles",
        "change-directory-role-policies",
        "change-directory-roles",
        "consent",
        "give-application-roles",
        "give-directory-roles",
    ),
    # Security Administrator
    "194ae4cb-b126-40b2-bd5b-6091b380977d": ("change-conditional-access", "change-federation", "read-bitlocker-keys"),
    # Security Reader
    "5d6b6bb7-de71-4623-b4af-96380a352509": ("read-bitlocker-keys",),
    # SharePoint Administrator
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c": ("add-members", "add-members-of-unified-groups", "add-owners-of-groups"),
    # Teams Administrator
    "69091246-20e8-4a56-aa4d-066075b2a7a8": ("add-members", "add-members-of-unified-groups", "add-owners-of-groups"),
    # User
    "a0b1b346-4d3e-4e8b-98f8-753987be4970": ("invite-guests",),
    # User Administrator
    "fe930be7-5e62-47db-91af-98c3a49a38b1": (
        "add-members",
        "add-members-of-security-groups",
        "add-members-of-unified-groups",
        "add-owners-of-groups",
        "invite-guests",
        "reset-password",
    ),
    # Windows 365 Administrator
    "11451d60-acb2-45eb-a7d6-43d0f0125c13": ("add-members", "add-members-of-security-groups", "add-owners-of-groups"),
    # Yammer Administrator
    "810a2642-a034-447f-a5e8-41beaa378541": ("add-members", "add-members-of-unified-groups", "add-owners-of-groups"),
}
