"""Apps whose deployment site (SCM, Kudu) the Internet reaches: there code is put into the app, and a console opened.

The same relationship as to the app itself, beside it, with `kind` "deployment site"; whether its users must come with
an account of Entra says the app's `scmBasicAuthAllowed`.

    MATCH (:internet)-[way:REACHES {kind: 'deployment site'}]->(app) RETURN app.name, app.scmBasicAuthAllowed

Source: https://learn.microsoft.com/azure/app-service/app-service-ip-restrictions#restrict-access-to-an-scm-site
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.conclusions.internet_through_gateways import SITES
from loader.model import Conclusion, Derivation, DerivedLink
from loader.reach.edges import reaches
from loader.reach.public import passed
from loader.services.shared.far_ends import the_internet


def _sites(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        yield reaches(
            "internet",
            row["target"],
            passed(["tcp:443"]),
            via=f"{row['target']}/scm",
            kind="deployment site",
            share=row["share"],
            why=row["why"] or "",
        )


TO_DEPLOYMENT_SITES = Derivation(
    name="internet-to-deployment-sites",
    inputs=SITES,
    relationships=tuple(("internet", "REACHES", one) for one in SITES),
    query=f"""
        MATCH (site:{"|".join(SITES)}) WHERE site.`scm.internetShare` > 0
        RETURN site._key AS target, site.`scm.internetShare` AS share, site.`scm.reachableWhy` AS why
    """,
    rows=_sites,
    makes=(the_internet(),),
)

CONCLUSION = Conclusion(name="Internet to deployment sites", derivations=(TO_DEPLOYMENT_SITES,))
