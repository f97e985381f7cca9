"""What people call what Azure Policy found: its rule's name and the resource's, where Azure has but hashes and GUIDs.

A rule of a set that is not loaded keeps the reference that the set has for it, which is a name where people gave one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loader.guids import known
from loader.model import Conclusion, Naming


def _state(parts: Mapping[str, Any]) -> str:
    rule, resource = known(parts.get("rule")) or known(parts.get("title")) or "A policy", parts.get("resource")
    return f"{rule}: {resource}" if resource else rule


POLICY_STATES = Naming(
    name="policy-states",
    types=("azure_policy_state",),
    inputs=("azure_policy_definition",),
    query="""
        MATCH (state:azure_policy_state) WHERE state._stub IS NULL
        RETURN state._key AS key, {
            rule: head([(state)<-[:DEFINES]-(rule:azure_policy_definition)
                WHERE rule._stub IS NULL | rule.displayName]),
            title: state.title, resource: state.resourceName
        } AS parts
    """,
    call=_state,
)

CONCLUSION = Conclusion(name="Names of policy states", namings=(POLICY_STATES,))
