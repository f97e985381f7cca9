"""`azgraph recording`: what still looks like a secret in a recording, told without its value, and cleaned."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from loader.cli.main import app

MARK = "Pl4nt0042zQx7K2m9"
ARM = "https://management.azure.com/subscriptions/1/providers"


def entry(url: str = f"{ARM}/Microsoft.Web/sites?api-version=1", body: object = None, **parts: Any) -> dict[str, Any]:
    request = {"method": "GET", "url": url, "headers": [], "cookies": [], "queryString": []}
    text = body if isinstance(body, str) else json.dumps(body)
    response = {"status": 200, "headers": [], "cookies": [], "redirectURL": "", "content": {"text": text}}
    return {"request": request | parts.pop("request", {}), "response": response | parts.pop("response", {}), **parts}


def har(path: Path, *entries: object) -> Path:
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    return path


def run(*arguments: object) -> tuple[int, str, str]:
    ended = CliRunner().invoke(app, ["recording", *map(str, arguments)])
    error = ended.exception
    if error is not None and not isinstance(error, SystemExit):
        raise error
    return ended.exit_code, ended.stdout, ended.stderr


LEAKS = {
    "request.headers.Authorization": entry(request={"headers": [{"name": "Authorization", "value": f"Bearer {MARK}"}]}),
    "request.headers.x-functions-key": entry(request={"headers": [{"name": "x-functions-key", "value": MARK}]}),
    "response.headers.Set-Cookie": entry(response={"headers": [{"name": "Set-Cookie", "value": f"a={MARK}"}]}),
    "response.headers.Location": entry(
        response={"headers": [{"name": "Location", "value": f"https://x.example/?code={MARK}"}]}
    ),
    "response.redirectURL": entry(response={"redirectURL": f"https://x.example/#access_token={MARK}"}),
    "request.url": entry(url=f"https://x.example/api?code={MARK}"),
    "request.queryString.code": entry(request={"queryString": [{"name": "code", "value": MARK}]}),
    "request.cookies.session": entry(request={"cookies": [{"name": "session", "value": MARK}]}),
    "request body: body": entry(request={"postData": {"text": f"grant_type=x&client_secret={MARK}"}}),
    "request body: params.client_secret": entry(
        request={"postData": {"params": [{"name": "client_secret", "value": MARK}]}}
    ),
    "response body: properties.connectionStrings[].value": entry(
        body={"properties": {"connectionStrings": [{"name": "a", "value": MARK}]}}
    ),
    "response body: properties.settings.workspace": entry(
        body={
            "id": "/subscriptions/1/resourceGroups/a/providers/Microsoft.Compute/virtualMachines/v/extensions/e",
            "properties": {"settings": {"workspace": MARK}},
        }
    ),
    "response body: keys[].value": entry(
        url=f"{ARM}/Microsoft.Storage/storageAccounts/a/listKeys", body={"keys": [{"keyName": "key1", "value": MARK}]}
    ),
    "response body: tags.note": entry(
        response={
            "content": {
                "encoding": "base64",
                "text": base64.b64encode(json.dumps({"tags": {"note": f"token={MARK}"}}).encode()).decode(),
            }
        }
    ),
    "comment": entry(comment=f"curl -H 'Authorization: Bearer {MARK}'"),
}


@pytest.mark.parametrize("place", LEAKS)
def test_each_part_of_an_entry_is_looked_through_and_cleaned(place: str, tmp_path: Path) -> None:
    file = har(tmp_path / "a.har", entry(body={"fine": True}), LEAKS[place])
    code, out, err = run("check", file)
    assert code == 1
    assert out.startswith(f"{file}, entry 2: {place}: ")
    assert MARK not in out + err
    assert f"({len(MARK)} characters)" in out or place.startswith(("request.headers", "response.headers"))
    clean = tmp_path / "clean.har"
    code, out, err = run("clean", file, "--output", clean)
    assert code == 0
    assert place in out
    assert MARK not in out + err + clean.read_text()
    assert stat.S_IMODE(clean.stat().st_mode) == 0o600
    assert run("check", clean)[0] == 0


def test_findings_as_json(tmp_path: Path) -> None:
    har(tmp_path / "a.har", LEAKS["response body: tags.note"])
    code, out, _ = run("check", tmp_path, "--format", "json")
    assert code == 1
    assert json.loads(out) == [
        {
            "file": str(tmp_path / "a.har"),
            "entry": 1,
            "request": f"GET {ARM}/Microsoft.Web/sites",
            "place": "response body: tags.note",
            "form": "named value",
            "startsWith": MARK[:2],
            "length": len(MARK),
        }
    ]


def test_a_clean_recording_ends_with_0(tmp_path: Path) -> None:
    har(tmp_path / "a.har", entry(body={"value": [{"id": "/subscriptions/1", "name": "Password policy"}]}))
    assert run("check", tmp_path) == (0, "", "1 files looked through, 0 findings.\n")
    assert run("check", tmp_path, "--format", "json")[1] == "[]\n"


def test_what_is_no_recording_ends_with_2_and_the_rest_is_told(tmp_path: Path) -> None:
    har(tmp_path / "a.har", LEAKS["request.url"])
    (tmp_path / "b.har").write_text('{"log": {\n"entries": [}')
    har(tmp_path / "c.har", {"request": {"method": "GET", "url": "https://x:99999999/"}, "response": {"status": 200}})
    code, out, err = run("check", tmp_path)
    assert code == 2
    assert "a.har, entry 1: request.url" in out
    assert "b.har, line 2: not JSON" in err
    assert "c.har, entry 1 of log.entries" in err


def test_clean_does_not_overwrite(tmp_path: Path) -> None:
    from loader.errors import UsageError

    file = har(tmp_path / "a.har", LEAKS["request.url"])
    with pytest.raises(UsageError, match="exists"):
        run("clean", file, "--output", file)
