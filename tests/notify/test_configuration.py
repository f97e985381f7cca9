"""What `notify` of the configuration may say, and what is told of its mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from loader.config import ConfigurationError, read_configuration
from loader.config.notify import KINDS, Channel
from loader.config.notify_checks import secrets_of_channels
from loader.config.parts import Part, Secret
from loader.notify.channels.opening import open_channel, traits_of
from loader.notify.templates import Templates

CHANNELS: list[dict[str, Any]] = [
    {"name": "apprise", "apprise": {"env": "PLANTED_URL"}},
    {"name": "webhook", "webhook": {"url_from": {"env": "PLANTED_HOOK"}, "secret": {"env": "PLANTED"}}},
    {"name": "jira", "jira": {"url": "https://contoso.atlassian.net", "project": "SEC", "token": {"env": "PLANTED"}}},
    {"name": "github", "github": {"repository": "contoso/cloud", "token": {"env": "PLANTED"}}},
    {"name": "sentinel", "sentinel": {"endpoint": "https://x.ingest.monitor.azure.com", "rule": "dcr-" + "0" * 32}},
    {"name": "splunk", "splunk": {"url": "https://splunk.contoso.com:8088", "token": {"file": "token"}}},
    {"name": "file", "file": {"path": "alerts.jsonl"}},
    {"name": "syslog", "syslog": {"address": "udp://127.0.0.1:514"}},
]
ROUTE: dict[str, Any] = {"name": "ops", "channels": ["file"]}


def read(folder: Path, notify: dict[str, Any], **more: Any) -> Any:
    path = folder / "azgraph.yaml"
    path.write_text(json.dumps({"notify": notify, **more}, indent=1))
    return read_configuration(path).configuration.notify


def test_each_kind_of_channel_is_opened_with_its_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED_URL", "json://localhost/planted")
    monkeypatch.setenv("PLANTED_HOOK", "https://localhost/planted")
    monkeypatch.setenv("PLANTED", "planted-secret")
    (tmp_path / "token").write_text("planted-token")
    (tmp_path / "token").chmod(0o600)
    said = read(tmp_path, {"channels": CHANNELS, "routes": [ROUTE]})
    assert [one.name for one in said.channels] == list(KINDS)
    for one in said.channels:
        opened = open_channel(one, Templates(), tmp_path)
        assert opened.traits == traits_of(one)
        assert "planted" not in repr(opened)


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ({"apprise": "mailto://ada:planted@smtp.contoso.com"}, "apprise: a secret never stands in this file"),
        ({"github": {"repository": "a/b", "token": "planted"}}, "token: a secret never stands in this file"),
        ({"webhook": {"url": "https://x.example", "secret": "planted"}}, "secret: a secret never stands in this file"),
        ({"webhook": {"url": "https://ada:planted@x.example/", "secret": {"env": "X"}}}, "not a web address"),
        (
            {"webhook": {"url": "http://x.example/", "secret": {"env": "X"}}},
            "without TLS it goes to this machine alone",
        ),
        ({"webhook": {"url": "http://127.0.0.1.x.example/", "secret": {"env": "X"}}}, "without TLS"),
        ({"jira": {"url": "http://x.example", "project": "SEC", "token": {"env": "X"}}}, "without TLS"),
        ({"webhook": {"secret": {"env": "X"}}}, "exactly one of url and url_from"),
        ({"webhook": {"url": "https://x.example", "secret": {"env": "X", "file": "y"}}}, "exactly one of env, file"),
        ({"apprise": {}}, "exactly one of env, file"),
        ({}, "a channel is exactly one of apprise, webhook"),
        ({"file": {"path": "x"}, "syslog": {"address": "udp://x:1"}}, "a channel is exactly one of"),
        ({"syslog": {"address": "http://x:514"}}, "this is not an address such as tls://logs.contoso.com:6514"),
        ({"sentinel": {"endpoint": "https://x", "rule": "my-rule"}}, "this is not the immutable id"),
        (
            {"sentinel": {"endpoint": "https://x", "rule": "dcr-" + "0" * 32, "instance": "contosso"}},
            "there is no instance 'contosso'; did you mean contoso?",
        ),
        (
            {"jira": {"url": "https://x", "project": 'SEC" OR 1=1', "token": {"env": "X"}}},
            "this is not a project's key",
        ),
        ({"file": {"path": "x"}, "name": "../../x"}, "this is not a name of letters"),
    ],
)
def test_a_wrong_channel_is_told_with_its_line_and_no_secret(
    channel: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as error:
        read(tmp_path, {"channels": [{"name": "one", **channel}]}, instances=[{"name": "contoso"}])
    assert words in str(error.value)
    assert "planted" not in str(error.value)
    assert all(one.line > 1 for one in error.value.problems)


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ({"channels": ["fil"]}, "there is no channel 'fil'; did you mean file?"),
        ({"channels": []}, "this must list at least 1"),
        ({"severity": "hihg"}, "did you mean high?"),
        ({"digest": "someday"}, "monday 08:00"),
        ({"quiet": {}}, "say `hours`, `days`, or both"),
        ({"quiet": {"hours": "late"}}, "22:00-07:00"),
        ({"events": ["opened"], "at_once": ["resolved"]}, "resolved is not among the `events`"),
        ({"events": "opend"}, "did you mean opened"),
        ({"cap": 0}, "greater than or equal to 1"),
        ({"channel": "file"}, "did you mean channels?"),
    ],
)
def test_a_wrong_route_is_told(route: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        read(tmp_path, {"channels": CHANNELS, "routes": [{**ROUTE, **route}]})
    assert words in str(error.value)


def test_names_are_given_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        read(tmp_path, {"channels": [*CHANNELS, CHANNELS[0]], "routes": [ROUTE, ROUTE], "time_zone": "Mars/North"})
    assert len(error.value.problems) == 3


def test_plain_http_goes_to_this_machine(tmp_path: Path) -> None:
    hooks = [
        {"url": "http://localhost:8080/hook"},
        {"url": "http://127.0.0.1/hook"},
        {"url": "http://[::1]:1/"},
        {"url": "http://soc.contoso.com/", "plain_http": True},
    ]
    channels = [{"name": f"n{n}", "webhook": {**one, "secret": {"env": "X"}}} for n, one in enumerate(hooks)]
    assert len(read(tmp_path, {"channels": channels}).channels) == 4


def test_every_place_of_a_secret_is_looked_at() -> None:
    def places(model: type[Part], place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        for name, field in model.model_fields.items():
            for kind in (field.annotation, *get_args(field.annotation)):
                if kind is Secret:
                    yield (*place, name)
                elif isinstance(kind, type) and issubclass(kind, Part):
                    yield from places(kind, (*place, name))

    one: dict[str, Any] = {}
    for *above, last in places(Channel):
        within = one
        for name in above:
            within = within.setdefault(name, {})
        within[last] = {"env": "X"}
    found = [place[3:] for place, _ in secrets_of_channels({"notify": {"channels": [one]}})]
    assert sorted(found) == sorted(places(Channel))


def test_a_secret_that_is_not_there_is_told_before_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loader.errors import UsageError
    from loader.instances import read_through

    monkeypatch.setenv("AZGRAPH_CONFIG", str(tmp_path / "azgraph.yaml"))
    monkeypatch.delenv("PLANTED_URL", raising=False)
    read(tmp_path, {"channels": CHANNELS[:1]})
    with pytest.raises(UsageError, match="PLANTED_URL"):
        read_through()
    monkeypatch.setenv("PLANTED_URL", "json://localhost")
    read_through()
