"""What a step that is taken for entities of several types tells of each of them."""

from loader.coverage.coverage import Coverage, Scope
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
