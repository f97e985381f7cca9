"""Whom a conditional access policy leaves out: single accounts, and those that groups hold, groups in groups too.

Emergency accounts must be left out, and are often kept in a group. So the accounts of a small group stand for it; a
group of many, or one whose members are not known, stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.model import Derivation, DerivedLink, Value

# Of a larger group the accounts are counted, and not named one by one.
_NAMED_ONE_BY_ONE = 50

_LEFT_OUT = f"""
MATCH (policy:azure_conditional_access_policy)-[:EXCLUDES]->(named:azure_user|azure_user_group)
WITH named, collect(DISTINCT policy._key) AS policies
MATCH ANY SHORTEST (named) ((:azure_user_group)-[:HAS]->(:azure_user|azure_user_group)){{0,}} (one)
WHERE one:azure_user OR one:azure_user_group
WITH named, policies, collect(DISTINCT one) AS found
WITH named, policies, [one IN found WHERE one:azure_user] AS accounts,
  any(one IN found WHERE one:azure_user_group AND one.memberCount IS NULL) AS unsure
RETURN policies, named:azure_user_group AS isGroup, named._key AS key,
  coalesce(named.displayName, named._key) AS name, size(accounts) AS count, unsure,
  [one IN accounts[..{_NAMED_ONE_BY_ONE}] | {{
    key: one._key, name: coalesce(one.displayName, one._key), signIn: one.userPrincipalName
  }}] AS accounts
"""


def _left_out(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    """One link for each policy and account, or group; `names` are all by which somebody may call it emergency."""
    found: dict[tuple[str, str], dict[str, Value]] = {}
    for row in rows:
        for key, told in _told(row):
            for policy in row["policies"]:
                before = found.get((policy, key))
                names = sorted({*(before["names"] if before else ()), *told["names"]})  # type: ignore[misc]
                found[policy, key] = {**told, "names": names}
    for (policy, key), properties in found.items():
        yield DerivedLink(policy, "LEAVES_OUT", key, properties=properties)


def _told(row: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Value]]]:
    of_group = [row["key"], row["name"].lower()] if row["isGroup"] else []
    if row["unsure"] or row["count"] > _NAMED_ONE_BY_ONE:
        count = {} if row["unsure"] else {"accounts": row["count"]}
        size = "" if row["unsure"] else f" ({row['count']} accounts)"
        yield row["key"], {"who": f"the group {row['name']}{size}", "names": of_group, **count}
        return
    for account in row["accounts"]:
        names = {account["key"], str(account["signIn"] or account["key"]).lower(), *of_group}
        yield account["key"], {"who": account["name"], "names": sorted(names), "accounts": 1}


ACCOUNTS_LEFT_OUT = Derivation(
    name="conditional-access-left-out",
    inputs=("azure_conditional_access_policy", "azure_user_group", "azure_user"),
    relationships=(
        ("azure_conditional_access_policy", "LEAVES_OUT", "azure_user"),
        ("azure_conditional_access_policy", "LEAVES_OUT", "azure_user_group"),
    ),
    query=_LEFT_OUT,
    rows=_left_out,
)
