"""What several processes cannot do is refused with a sentence, before anything is begun."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.cluster import choosing
from loader.cluster.choosing import engine
from loader.cluster.orders import Source
from loader.config import settings
from loader.errors import UsageError

HAR = Source(recordings=(Path("a.har"),))
SCHEDULER = "tls://scheduler:8786"


@pytest.fixture(autouse=True)
def _settings_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings are read once in a process, and a test before may have named a database."""
    monkeypatch.delenv("NEO4J_URI", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_one_process_needs_nobody() -> None:
    assert engine(1, None, Source(), None, records=True) is None


@pytest.mark.parametrize(
    ("workers", "cluster", "source", "uri", "records", "told"),
    [
        (2, SCHEDULER, HAR, None, False, "take one of them"),
        (1, "scheduler", HAR, None, False, "write it as tls://"),
        (1, "tls://me:secret@scheduler:8786", HAR, None, False, "write it as tls://"),
        (2, None, HAR, None, True, "leave out --workers"),
        (1, SCHEDULER, HAR, "bolt://a:7687", False, "without --cluster"),
        (1, SCHEDULER, Source(), None, False, "NEO4J_URI"),
    ],
)
def test_what_cannot_be_is_refused(
    workers: int, cluster: str | None, source: Source, uri: str | None, records: bool, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        engine(workers, cluster, source, uri, records=records)


def test_a_person_does_not_sign_in_for_each_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "azgraph.yaml").write_text("instances: [{name: contoso, sign_in: device_code}]\n", encoding="utf-8")
    monkeypatch.setenv("AZGRAPH_CONFIG", str(tmp_path / "azgraph.yaml"))
    with pytest.raises(UsageError, match="a person can do for one only"):
        engine(2, None, Source("contoso"), None, records=False)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pip install 'azgraph\[cluster\]'"):
        engine(2, None, HAR, None, records=False)
