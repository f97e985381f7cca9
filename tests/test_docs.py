"""The pages that follow from the code are what the code says today."""

import pytest

from tools.generate_docs import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_up_to_date(name):
    written = (DOCS / name).read_text() if (DOCS / name).exists() else ""
    assert written == PAGES[name]().rstrip() + "\n", f"docs/{name} is stale: run `make docs`"
