"""The style sheet has a look for each class of the model, and one can read it."""

import re

import pytest

from loader.browser.style import BOOKKEEPING, COLOURS, class_colours, luminance, style_sheet
from loader.services import entity_types


def rules() -> dict[str, dict[str, str]]:
    """The sheet as Neo4j Browser reads it: selector → properties."""
    found = re.findall(r"([^\s{]+) \{\n(.*?)\n\}", style_sheet(), re.DOTALL)
    return {
        selector: {name: value.strip('"') for name, value in re.findall(r"^  ([a-z-]+): (.*);$", body, re.MULTILINE)}
        for selector, body in found
    }


def look_of(labels: tuple[str, ...]) -> dict[str, str]:
    """What a node with these labels looks like: later rules win."""
    look: dict[str, str] = {}
    for selector, properties in rules().items():
        if selector == "node" or selector.removeprefix("node.") in labels:
            look |= properties
    return look


def test_every_class_has_a_colour_of_its_own_and_a_caption():
    classes = {one for entity_type in entity_types().values() for one in entity_type.classes}
    assert classes <= set(class_colours())
    assert len(set(class_colours().values())) == len(class_colours())
    for name in classes:
        assert rules()[f"node.{name}"]["caption"] == "{displayName}"


def test_a_class_that_nobody_chose_a_colour_for_has_one(monkeypatch):
    before = class_colours()
    monkeypatch.delitem(COLOURS, "Gateway")
    after = class_colours()
    assert set(after) == set(before)
    assert re.fullmatch("#[0-9a-f]{6}", after["Gateway"])
    assert "node.Gateway {" in style_sheet()


def test_no_rule_is_for_a_label_that_nothing_has():
    labels = {one for entity_type in entity_types().values() for one in entity_type.labels} | set(BOOKKEEPING)
    nodes = {selector.removeprefix("node.") for selector in rules() if selector.startswith("node.")}
    assert nodes <= labels


@pytest.mark.parametrize(
    ("entity_type", "looks_like"),
    [
        ("azure_sql_server", "Database"),
        ("azure_vm", "Host"),
        ("azure_managed_disk", "Disk"),
        ("azure_vm_scale_set", "Deployment"),
        ("azure_defender_alert", "Vulnerability"),
        ("azure_log_analytics_workspace", "Logs"),
    ],
)
def test_a_node_of_several_classes_looks_like_what_it_is_first_of_all(entity_type, looks_like):
    assert look_of(entity_types()[entity_type].labels)["color"] == COLOURS[looks_like]


def test_captions_can_be_read_on_their_colour():
    for selector, rule in rules().items():
        if selector.startswith("node."):
            lights = sorted((luminance(rule["color"]), luminance(rule["text-color-internal"])))
            assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5, selector


def test_nothing_stands_in_a_value_that_the_parser_takes_for_a_separator():
    assert "/*" not in style_sheet()
    for rule in rules().values():
        for value in rule.values():
            assert not set(value) & set(":;'\"")
