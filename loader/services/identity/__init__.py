"""Who there is and what they may do: Entra ID, its roles and policies, managed identities, Azure role assignments."""
