"""The answers in the tables of cases are such as Azure gives: the installed SDK's model of each operation has them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from loader.services import entity_types
from loader.shapes import read
from tests.services.test_witnesses import SAID, WALKER, answered
from tests.truth import oddness, tenant_worlds, test_activity_alerts
from tests.truth import test_conditional_access as access
from tests.truth import test_defender as defender_table
from tests.truth.asked import Told, asked
from tests.truth.case_tables import Table, tables
from tests.truth.chain import GRAPH, cases, exchanges_of
from tests.truth.payloads import faults


def wrong(told: Iterable[Told]) -> list[str]:
    """What no model has and no witness has seen of these answers, in sentences."""
    return sorted({one for answer in told for one in _wrong(answer)})


def _wrong(told: Told) -> Iterable[str]:
    name = told.declared.type
    shape, start = WALKER.start(told.declared), ""
    if told.detail is not None:
        shape, _ = WALKER.walk(told.declared, (f"${told.detail.name}",))
        shape = shape.fields()["value"].item if told.detail.many else shape
        start = f"${told.detail.name}" + (".value[]" if told.detail.many else "")
        name = f"{name}.{told.detail.name}"
    known, never = answered(told.declared.type), SAID["less"].get(told.declared.type, {"paths": []})["paths"]
    wrong = [one for one in faults(shape, told.item, start) if not _within(known, one[0])]
    wrong += [(path, "a list never answers it") for path in never if told.detail is None and read(told.item, path)]
    for path, fault in wrong:
        yield f"{name} {told.item.get('id') or told.of}: {path}: {fault}"


def _within(known: Iterable[str], path: str) -> bool:
    return any(f"{path}.".startswith(f"{one}.") for one in known)


@pytest.mark.parametrize("table", tables(marked=True), ids=lambda one: one.name)
def test_cases(table: Table) -> None:
    found = wrong(asked(table.exchanges(), table.only))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", tenant_worlds.FILES)
def test_tenant_cases(name: str) -> None:
    file = tenant_worlds.read(name, marked=True)
    found = [one for _, told in tenant_worlds.exchanges(file) for one in wrong(asked(told, file["types"]))]
    assert not found, "\n".join(found)


def test_alerts() -> None:
    table = cases("activity_alerts.yaml", marked=True)
    assert wrong(asked(exchanges_of(test_activity_alerts.answers_of(table)), test_activity_alerts.TYPES)) == []


def test_defender() -> None:
    table = cases("defender.yaml", marked=True)
    assert wrong(asked(defender_table.exchanges_of(table), defender_table.TYPES)) == []


def test_conditional_access() -> None:
    """All policies of all cases as one list: none of them has to do with another."""
    table = cases("conditional_access.yaml", marked=True)
    policies = [access.policy(one) for case in table for one in case.get("policies", [{}])]
    answers = access.directory() | {f"{GRAPH}/identity/conditionalAccess/policies": policies}
    assert wrong(asked(exchanges_of(answers), access.TYPES)) == []


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("kind: StorageV2, sku: {name: Standard_LRS}, properties: {}, tags: {a: b}, identity: null", ""),
        ("properties: {networkAcls: {bypass: 'Logging, Metrics'}}", ""),
        ("properties: {networkACLs: {}}", "no such key ['networkAcls']"),
        ("properties: {minimumTlsVersion: tls1_2}", "none of TLS1_0, TLS1_1"),
        ("properties: {minimumTlsVersion: !odd tls1_2, !odd networkACLs: {}}", ""),
        ("properties: {minimumTlsVersion: !odd TLS1_2}", "not odd"),
        ("properties: {!odd networkAcls: {}}", "not odd"),
        ("properties: {networkACLs: !odd {}}", ""),
        ("properties: {allowSharedKeyAccess: 'false'}", "no flag"),
        ("properties: {sasPolicy: {sasExpirationPeriod: 1}}", "no text"),
        ("properties: {keyPolicy: {keyExpirationPeriodInDays: true}}", "no whole"),
        ("properties: []", "no object"),
        ("properties: {privateEndpointConnections: {}}", "no list"),
        ("properties: {privateEndpointConnections: [{properties: {provisioningState: Gone}}]}", "none of Creating"),
    ],
)
def test_what_no_model_has_is_found(written: str, fault: str) -> None:
    shape = WALKER.start(entity_types()["azure_storage_account"])
    found = [said for _, said in faults(shape, oddness.read(f"{{{written}}}", marked=True))]
    assert len(found) == bool(fault)
    assert all(fault in one for one in found)
