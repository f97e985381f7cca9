"""The pictures of the model in the guide."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import pytest

from loader.browser.guide import guide_page
from loader.browser.pictures import ordered, picture, pictures
from loader.graph import Database
from loader.library.library import Library
from loader.model_listing import areas, between

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in Xml.fromstring(svg).iter(f"{SVG}text")]


def test_every_service_that_hangs_together_with_another_is_in_its_picture():
    drawn = pictures()
    for area, services in areas().items():
        edges = between(services)
        names = {services[place].name for edge in edges for place in edge}
        assert (area in drawn) == bool(edges)
        if edges:
            assert names <= set(texts(drawn[area][0]))
            # An arrow each, and the heads that they share.
            paths = [one for one in Xml.fromstring(drawn[area][0]).iter(f"{SVG}path") if one.get("marker-end")]
            assert len(paths) == len(edges)


def test_nothing_is_drawn_outside_of_the_picture():
    for svg, _ in pictures().values():
        left, _, width, height = map(float, Xml.fromstring(svg).get("viewBox", "").split())
        for one in Xml.fromstring(svg).iter(f"{SVG}text"):
            assert left < float(one.get("x", "")) < left + width
            assert 0 < float(one.get("y", "")) < height


def test_names_are_text():
    svg = picture(["<script>alert(1)</script>", 'a "b"'], {(0, 1): {"USES"}})
    assert "<script>" not in svg
    assert "<script>alert(1)</script>" in texts(svg)


def test_things_that_lead_to_each_other_stand_next_to_each_other():
    assert ordered([0, 1, 2, 3], {(0, 3): {"A"}, (3, 1): {"A"}, (1, 2): {"A"}}) == [0, 3, 1, 2]


def test_the_guide_has_them():
    page = guide_page(Library(), "http://localhost/azgraph.grass")
    assert page.count("<svg") == len(pictures())
    assert "The model: network" in page


@pytest.mark.graph
def test_their_queries_are_cypher(database: Database):
    for _, cypher in pictures().values():
        assert database.explain(cypher).kind == "r"
