"""What a user sees: Neo4j Browser in a headless Chromium, opened by our links, with our style, favourites and guide."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import Page, expect

from loader.browser.address import dbms_of
from loader.browser.favourites import favourites_zip, folder
from loader.browser.guide import GUIDE, STYLE, guide_pages
from loader.browser.left_to_right import left_to_right
from loader.browser.links import Browser
from loader.browser.server import origins_of, serving
from loader.browser.style import COLOURS, style_sheet
from loader.library import shipped_library
from loader.library.definitions import Query
from loader.localdb import Connection
from tests.browser.conftest import HOSTILE_KEY

# A machine that is busy with other tests draws slowly.
expect.set_options(timeout=60_000)
pytestmark = [pytest.mark.browser, pytest.mark.localdb]

# Hands a file to the page as a user's mouse would.
_DROP = """
([name, content]) => {
  const bytes = Uint8Array.from(atob(content), one => one.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name));
  const target = document.querySelector('.filedrop');
  for (const kind of ['dragenter', 'dragover', 'drop'])
    target.dispatchEvent(new DragEvent(kind, {dataTransfer: files, bubbles: true, cancelable: true}));
}
"""


@pytest.fixture
def browser(neo4j_with_browser: Connection) -> Browser:
    """As `find_browser` gives it for a local Neo4j."""
    return Browser(neo4j_with_browser.browser)


def open_and_connect(page: Page, link: str, neo4j: Connection) -> None:
    page.goto(link)
    page.get_by_test_id("username").fill(neo4j.user)
    page.get_by_test_id("password").fill(neo4j.password)
    page.get_by_test_id("connect").click()
    expect(page.get_by_text("You are connected as user")).to_be_visible()


def run(page: Page) -> None:
    page.get_by_test_id("editor-Run").click()


def expect_in_editor(page: Page, text: str) -> None:
    expect(page.get_by_test_id("activeEditor")).to_contain_text(text)


def drop(page: Page, name: str, content: bytes) -> None:
    page.evaluate(_DROP, [name, base64.b64encode(content).decode()])


def node(page: Page, caption: str):
    return page.locator("g.node").filter(has=page.locator("text", has_text=re.compile(rf"^\s*{caption}\s*$")))


def test_a_link_to_a_node_opens_it_with_its_neighbours(page, browser, neo4j_with_browser):
    open_and_connect(page, browser.node("/vm"), neo4j_with_browser)
    expect_in_editor(page, "MATCH (n:Entity {_key: '/vm'})")
    expect(page.locator("g.node")).to_have_count(0)
    run(page)
    expect(page.locator("g.node")).to_have_count(3)
    expect(node(page, "vm-web")).to_have_count(1)

    # The next link opens without asking for the password again.
    page.goto(browser.node("/sql"))
    expect(page.get_by_text("You are connected as user")).to_be_visible()
    run(page)
    expect(node(page, "sql")).to_have_count(1)


def test_a_way_is_drawn_from_left_to_right(page, browser, neo4j_with_browser):
    way = "MATCH path = (:azure_resource_group)-[:HAS]->(:azure_vm)-[:USES]->(:azure_nic) RETURN path LIMIT 200"
    open_and_connect(page, browser.text(left_to_right(way)), neo4j_with_browser)
    run(page)
    expect(page.locator("g.node")).to_have_count(3)
    page.wait_for_timeout(2000)  # until the nodes have come to rest
    begin = [node(page, name).bounding_box()["x"] for name in ("rg", "vm-web", "nic")]
    assert begin == sorted(begin)


def test_the_user_is_filled_in(page, browser, neo4j_with_browser):
    page.goto(browser.signing_in(dbms_of(neo4j_with_browser.uri, neo4j_with_browser.user)))
    expect(page.get_by_test_id("username")).to_have_value(neo4j_with_browser.user)
    page.get_by_test_id("password").fill(neo4j_with_browser.password)
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are connected as user")).to_be_visible()
    # Links leave server and user out, so that they open without asking again once Browser has kept who we are.
    page.wait_for_function(
        "(word) => Object.values(localStorage).some((one) => one.includes(word))", arg=neo4j_with_browser.password
    )
    page.goto(browser.node("/vm"))
    expect(page.get_by_text("You are connected as user")).to_be_visible()


def test_an_arrow_says_the_ports(page, browser, neo4j_with_browser):
    open_and_connect(page, browser.text("MATCH p = ()-[:REACHES]->() RETURN p"), neo4j_with_browser)
    drop(page, "azgraph.grass", style_sheet().encode())
    expect(page.get_by_test_id("frameCommand").first).to_contain_text(":style")
    run(page)
    expect(page.locator("g.relationship text")).to_have_text(re.compile("^443, ?3389"))


def test_a_hostile_key_finds_its_node_and_harms_nothing(page, browser, neo4j_with_browser):
    open_and_connect(page, browser.node(HOSTILE_KEY), neo4j_with_browser)
    run(page)
    expect(page.locator("g.node")).to_have_count(2)
    expect(node(page, "rg")).to_have_count(1)


def test_a_query_opens_with_its_values(page, browser, neo4j_with_browser):
    query = Query.model_construct(
        id="named",
        title="What is called so?",
        cypher="RETURN 1",
        graph="MATCH (n:Entity)\nWHERE n.name = $name\nRETURN n",
        parameters={"name": {"type": "string", "description": "The name"}},
    )
    query = Query.model_validate(
        query.model_dump(warnings=False)
        | {
            "area": "inventory",
            "needs": ["everything"],
            "identity": ["n"],
            "examples": [{"name": "none", "graph": {"nodes": {}}, "returns": []}],
        }
    )
    open_and_connect(page, browser.query(query, {"name": "sql"}), neo4j_with_browser)
    expect_in_editor(page, "// What is called so?")
    run(page)
    expect(node(page, "sql")).to_have_count(1)


def test_the_style_is_taken_from_a_dropped_file(page, browser, neo4j_with_browser):
    open_and_connect(page, browser.text("MATCH (n:Entity) RETURN n"), neo4j_with_browser)
    drop(page, "azgraph.grass", style_sheet().encode())
    expect(page.get_by_test_id("frameCommand").first).to_contain_text(":style")
    run(page)
    expect(page.locator("g.node")).to_have_count(4)
    for caption, name in (("vm-web", "Host"), ("nic", "NetworkInterface"), ("rg", "Group"), ("sql", "Database")):
        expect(node(page, caption).locator("circle.b-outline")).to_have_attribute("fill", COLOURS[name])


def test_the_favourites_appear_in_folders_with_their_titles(page, browser, neo4j_with_browser):
    open_and_connect(page, browser.home, neo4j_with_browser)
    drop(page, "azgraph-favourites.zip", favourites_zip(shipped_library()))
    page.get_by_test_id("navigationFavorites").click()
    queries = shipped_library().queries.values()
    for area in {query.area for query in queries}:
        expect(page.get_by_test_id(f"savedScriptsFolder-{folder(area)}")).to_have_count(1)
    page.get_by_test_id(f"expandFolder-{folder('network')}").click()
    for query in queries:
        if query.area == "network":
            expect(page.get_by_test_id(f"scriptTitle-{query.title}")).to_have_count(1)


def test_the_guide_fills_the_editor_and_applies_the_style(page, browser, neo4j_with_browser):
    library = shipped_library()
    with serving(lambda base: guide_pages(library, base), origins_of(browser.address)) as address:
        open_and_connect(page, browser.guide(address + GUIDE), neo4j_with_browser)
        guide = page.get_by_test_id("guidesDrawer")
        expect(guide).to_contain_text("Azure as a graph")
        guide.get_by_role("button", name="Use azgraph's style").click()
        expect(page.get_by_test_id("frameCommand").first).to_contain_text(f":style {address}{STYLE}")
        expect(page.get_by_test_id("frame").first).to_contain_text(COLOURS["Host"])
        query = library.query("internet-exposed-machines")
        question = guide.locator("a[data-populate]", has_text=query.title)
        while not question.count():
            page.get_by_test_id("guideNextSlide").click()
        # The text of a question fills the editor, the arrow before it runs it.
        question.dispatch_event("click")
        expect_in_editor(page, f"// {query.title}")
        question.locator("i").click()
        expect(page.get_by_test_id("frameCommand").first).to_contain_text(f"// {query.title}")
