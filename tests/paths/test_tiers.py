"""What names tier 0 in Cypher of its own says the same as the declaration that `azgraph paths` reads."""

from __future__ import annotations

import pytest
import yaml

from loader.files import shipped
from loader.paths import declared

# Whatever asks for tier 0 does so by this one.
TOLD = "queries/fragments/in-tier-zero.yaml"
# A narrower question has roles of its own; the permissions that are as good as these are the same.
ALL = [TOLD, "queries/attack-paths/path-user-to-global-admin.yaml"]


@pytest.mark.parametrize("file", ALL)
def test_the_lists_of_the_library_follow_the_declaration(file: str) -> None:
    folder, _, path = file.partition("/")
    parameters = yaml.safe_load((shipped(folder) / path).read_text(encoding="utf-8"))["parameters"]
    tier0 = declared(()).tier0
    if file == TOLD:
        assert parameters["roles"]["default"] == list(tier0.directory_roles or ())
    assert parameters["permissions"]["default"] == list(tier0.application_permissions or ())
