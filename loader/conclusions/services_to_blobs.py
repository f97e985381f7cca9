"""Containers of blobs that anyone on the Internet may read without signing in: `REACHES` with `anonymous`.

Whoever reaches the account, by its own firewall or through its network security perimeter, reaches what anyone may read
of it. Where an account does not say whether it allows that, its age decides: those made since December 2023 forbid it.
Source: https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-overview,
https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent,
https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.conclusions.internet_to_public_services import TO_SERVICES
from loader.conclusions.ranges_to_services import INTERNET
from loader.model import Conclusion, Derivation, DerivedLink
from loader.reach.edges import reaches
from loader.reach.public import passed
from loader.reach.queries import PERIMETER_INPUTS
from loader.services.data.storage import MADE_CLOSED_SINCE
from loader.services.shared.far_ends import the_internet

_WHY = "anyone may read its blobs"


def _blobs(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        own, ports = row["target"], passed(["tcp:443"])
        yield reaches(
            "internet", own, ports, via=own, kind="public endpoint", share=row["share"], why=_WHY, anonymous=True
        )


TO_BLOBS = Derivation(
    name="internet-to-anonymous-blobs",
    inputs=("azure_storage_account", "azure_storage_container", *PERIMETER_INPUTS),
    relationships=(("internet", "REACHES", "azure_storage_container"),),
    after=(TO_SERVICES.name, INTERNET.name),
    query=f"""
        MATCH (:internet)-[way:REACHES]->(account:azure_storage_account) WHERE way.internetShare > 0
        WITH account, max(way.internetShare) AS share
        MATCH (account)-[:HAS|CONTAINS*1..2]->(container:azure_storage_container)
        WHERE coalesce(account.allowBlobPublicAccess, account.createdOn < datetime('{MADE_CLOSED_SINCE}'), true)
          AND toLower(coalesce(container.publicAccess, 'none')) <> 'none'
        RETURN DISTINCT container._key AS target, share
    """,
    rows=_blobs,
    makes=(the_internet(),),
)

CONCLUSION = Conclusion(name="Services to blobs", derivations=(TO_BLOBS,))
