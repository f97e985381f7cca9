"""What a step that is taken for entities of several types tells of each of them."""

import pytest

from loader.coverage.coverage import Coverage, Gap, Scope
from loader.coverage.steps import closure

ONE = "c0ffee00-0000-4000-8000-000000000001"


def coverage(*scopes: Scope) -> Coverage:
    return Coverage({(scope.step, scope.area): scope for scope in scopes}, {ONE: "Contoso"})


def test_a_list_of_another_type_that_was_refused_leaves_diagnostic_settings_known():
    known = coverage(
        Scope("azure_diagnostic_setting", ONE, "complete", "Without …", incomplete_types=("azure_event_grid_domain",))
    )
    (gap,) = known.gaps(["azure_diagnostic_setting"], ONE)
    assert not gap.touches(["azure_keyvault_service"], "/vaults/one", "")
    assert gap.touches(["azure_event_grid_domain"], "/domains/one", "")
    assert gap.touches(["azure_diagnostic_setting"], "/vaults/one/settings/a", "/vaults/one")


def test_what_belongs_to_several_types_needs_no_list_of_theirs():
    assert closure(["azure_diagnostic_setting"]) == ("azure_diagnostic_setting",)
    assert closure(["azure_keyvault_key"]) == ("azure_keyvault_service", "azure_keyvault_key")


@pytest.mark.parametrize(
    ("types", "key", "parent", "touched"),
    [
        (("azure_storage_container",), "/a/containers/x", "/a", True),
        (("azure_storage_container",), "/b/containers/x", "/b", False),
        (("azure_storage_container",), "/ab/containers/x", "/ab", False),
        (("azure_storage_account",), "/a", "", True),
        (("azure_storage_account",), "/b", "", False),
        (("azure_storage_account", "azure_storage_container"), "/b", "", False),
        (("azure_vm",), "/b/machines/x", "/b", True),
        (("azure_storage_account", "azure_vm"), "/b", "", True),
    ],
)
def test_what_failed_for_one_parent_concerns_its_kin_and_whatever_may_be_tied_to_it(types, key, parent, touched):
    gap = Gap("azure_storage_container", ONE, "x", parents=("/a",))
    assert gap.touches(types, key, parent) is touched


def test_a_gap_of_a_whole_list_concerns_all():
    gap = Gap("azure_storage_container", ONE, "x")
    assert gap.touches(("azure_storage_account",), "/b", "")


@pytest.mark.parametrize(
    ("quiet", "status", "whole"),
    [
        ("not-offered", "unavailable", True),
        ("retired", "unavailable", True),
        ("not-licensed", "unavailable", False),
        ("gone", "unavailable", False),
        ("disabled", "unavailable", False),
        ("", "skipped", False),
        ("", "complete", True),
    ],
)
def test_only_what_can_have_nothing_is_as_good_as_an_empty_list(quiet, status, whole):
    gaps = coverage(Scope("azure_vm", ONE, status, "Why.", permission="x/read", quiet=quiet)).gaps(["azure_vm"], ONE)
    assert (gaps == []) is whole
    assert [gap.disabled for gap in gaps] == [quiet == "disabled"] * len(gaps)
    assert not [gap for gap in gaps if quiet and "needs the permission" in gap.sentence]
