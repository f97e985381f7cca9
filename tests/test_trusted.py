"""Which certificate authorities are trusted, by the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from loader.trusted import tls_context


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    trustme.CA(organization_name="Contoso").cert_pem.write_to_path(str(file))
    return file


def _trusted(ca_file: Path | None = None) -> list[str]:
    return [str(one["subject"]) for one in tls_context(ca_file).get_ca_certs()]


def test_without_settings_all_public_authorities() -> None:
    assert len(_trusted()) > 50


def test_a_file_is_trusted_alone(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "is-not-there.pem"))
    assert len(_trusted(own)) == 1
    assert "Contoso" in _trusted(own)[0]


def test_the_usual_variables(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(own.parent))
    assert _trusted() == [], "those of a folder are read when one of them is asked for"
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    assert "Contoso" in _trusted()[0]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        tls_context(tmp_path / "ca.pem")
