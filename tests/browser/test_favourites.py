"""The library as favourites: every query, in the folder of its area, valid as it stands."""

import io
import zipfile

import pytest

from loader.browser.favourites import favourites_zip, folder
from loader.browser.left_to_right import left_to_right
from loader.library import shipped_library
from loader.library.gate import admit


@pytest.fixture(scope="module")
def scripts() -> dict[str, str]:
    """Text by name, in the zip's order."""
    with zipfile.ZipFile(io.BytesIO(favourites_zip(shipped_library()))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_every_query_is_there_in_its_folder(scripts):
    for query in shipped_library().queries.values():
        place = f"{folder(query.area)}/{query.id}"
        if query.graph:
            assert scripts[f"{place}.graph.cypher"].startswith(f"// {query.title}\n")
            assert scripts[f"{place}.table.cypher"].startswith(f"// {query.title} (table)\n")
        else:
            assert scripts[f"{place}.cypher"].startswith(f"// {query.title}\n")
    wanted = sum(2 if query.graph else 1 for query in shipped_library().queries.values())
    assert len(scripts) == wanted


def test_titles_tell_scripts_of_a_folder_apart(scripts):
    titles = [(name.partition("/")[0], text.partition("\n")[0]) for name, text in scripts.items()]
    assert len(titles) == len(set(titles))


def test_two_exports_are_equal():
    assert favourites_zip(shipped_library()) == favourites_zip(shipped_library())


@pytest.mark.first_neo4j
@pytest.mark.packs
def test_every_script_runs_as_it_stands(database, scripts):
    """One without parameters is its query to the letter, which has run on its examples."""
    for query in shipped_library().queries.values():
        for name in (name for name in scripts if name.partition("/")[2].split(".")[0] == query.id):
            if query.parameters:
                assert admit(database, name, scripts[name], {}), name
            else:
                text, comments = (query.graph, 2) if name.endswith(".graph.cypher") else (query.cypher, 1)
                stands = scripts[name].split("\n", comments)[comments].strip()
                # Ways are wrapped so that Browser draws them from left to right.
                is_way = comments == 2 and query.area == "attack-paths"
                assert stands == (left_to_right(text) if is_way else text.strip()), name
                assert stands == text.strip() or admit(database, name, scripts[name], {}), name
