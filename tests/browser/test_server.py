"""The little server that gives Browser the guide and the style."""

import httpx
import pytest

from loader.browser.guide import GUIDE, STYLE, guide_pages
from loader.browser.server import origins_of, serving
from loader.browser.style import style_sheet
from loader.errors import UsageError
from loader.library import shipped_library

BROWSER = "http://127.0.0.1:7474/browser/"


@pytest.fixture(scope="module")
def address():
    with serving(lambda base: guide_pages(shipped_library(), base), origins_of(BROWSER)) as base:
        yield base


@pytest.mark.parametrize("origin", ["http://127.0.0.1:7474", "http://localhost:7474"])
def test_browser_may_read_guide_and_style(address, origin):
    asked = httpx.options(address + GUIDE, headers={"Origin": origin})
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Headers"] == "*"
    for path, kind in ((GUIDE, "text/html"), (STYLE, "text/plain")):
        answer = httpx.get(address + path, headers={"Origin": origin})
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert answer.text == style_sheet()


@pytest.mark.parametrize("origin", ["http://attacker.example", "http://127.0.0.1:7475", "null", ""])
def test_other_pages_may_not(address, origin):
    answer = httpx.get(address + GUIDE, headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_nothing_else_is_served(address):
    assert httpx.get(address + "/../../etc/passwd").status_code == 404
    assert httpx.get(address + "/").status_code == 404


def test_the_guide_names_the_address_it_is_served_at(address):
    page = httpx.get(address + GUIDE).text
    assert f'exec-topic="style {address}{STYLE}"' in page
    for query in shipped_library().queries.values():
        assert query.title.replace("'", "&#39;") in page


def test_a_taken_port_is_told(address):
    port = int(address.rpartition(":")[2])
    with (
        pytest.raises(UsageError, match=f"Port {port} cannot be listened on"),
        serving(lambda _: {}, frozenset(), port),
    ):
        pass
