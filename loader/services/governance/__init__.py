"""How Azure is ordered and ruled: management groups, subscriptions, resource groups, policy, locks, advice."""
