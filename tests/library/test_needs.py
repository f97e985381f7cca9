"""What a query or a check reads is among its needs: where a list was refused it says so, and not that there is none."""

from __future__ import annotations

import re

import pytest

from loader.coverage.steps import EVERYTHING
from loader.library import Check, Query, shipped_library
from loader.mapping import details_of
from loader.services import entity_types

TYPES = entity_types()
QUERIES = {name: one for name, one in shipped_library().queries.items() if EVERYTHING not in one.needs}
CHECKS = shipped_library().checks
_PROPERTY = re.compile(r"\.\s*`?([A-Za-z][\w.]*)`?|[{,]\s*([A-Za-z]\w*):")
# These ask which users are in groups, no service principals.
_OF_USERS = (
    "entra-global-admin-count",
    "entra-role-approval",
    "entra-roles-through-pim",
    "entra-users-mfa",
    "iam-disabled-users-no-permissions",
    "vm-access-mfa",
)
# Properties and relationships of one name that several types have, and the query reads of another one.
_OF_OTHERS = {
    **{name: {"azure_user_group.servicePrincipals"} for name in _OF_USERS},
    "sql-servers": {"azure_sql_database.auditing"},
    "group-members-changed": {"azure_user_group.members", "azure_user_group.owners"},
}


def details_read(query: Query | Check) -> set[str]:
    """The details of the types that it names, which tell properties or relationships that it names too."""
    text = " ".join(query.texts.values())
    words = set(re.findall(r"\w+", text))
    named = {one for pair in _PROPERTY.findall(text) for one in pair}
    return {
        f"{name}.{detail}"
        for name in words & set(TYPES)
        for told, read in (
            *((one.name in named, details_of(one.source, one.needs)) for one in TYPES[name].properties),
            *((one.verb in words, details_of(one.to, one.needs)) for one in TYPES[name].relationships),
        )
        if told
        for detail in read
    }


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_needs_the_details_that_tell_what_it_reads(name: str) -> None:
    query = QUERIES[name]
    assert details_read(query) - {*query.needs} - _OF_OTHERS.get(name, set()) == set()


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_needs_the_details_that_tell_what_it_reads(name: str) -> None:
    check = CHECKS[name]
    assert details_read(check) - {*check.needs, *check.doubts} - _OF_OTHERS.get(name, set()) == set()
