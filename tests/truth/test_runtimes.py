"""What apps run, as Azure writes it for each hosting plan and stack.

Source: `az webapp list-runtimes`, https://learn.microsoft.com/azure/app-service/configure-language-java-security,
https://learn.microsoft.com/azure/azure-functions/functions-infrastructure-as-code (Flex Consumption, Linux, Windows)
"""

from __future__ import annotations

from typing import Any

import pytest

from loader.graph import Database
from loader.model import Json
from loader.services.web.runtimes import runtime_of
from tests.truth.chain import load, resource

PASS, FAIL, UNKNOWN = "pass", "fail", "not-evaluated"
LINUX, WINDOWS, FUNCTION = "app,linux", "app", "functionapp"


def site(kind: str, flex: Json | None = None, **config: Any) -> Json:
    """An app of a kind, with its configuration, or with the runtime that Flex Consumption writes."""
    properties = {"functionAppConfig": {"runtime": flex}} if flex else {}
    return {"kind": kind, "properties": properties, "$web": {"properties": config}}


def flex(name: str, version: str) -> Json:
    return site("functionapp,linux", {"name": name, "version": version}, linuxFxVersion="", netFrameworkVersion="v4.0")


STACKS: dict[str, tuple[str | None, str | None]] = {
    "PYTHON|3.12": ("python", "3.12"),
    "Python|3.9": ("python", "3.9"),
    "NODE|20-lts": ("node", "20"),
    "Node|18": ("node", "18"),
    "PHP|8.3": ("php", "8.3"),
    "DOTNETCORE|8.0": ("dotnet", "8.0"),
    "DOTNET|6.0": ("dotnet", "6.0"),
    "DOTNET-ISOLATED|9.0": ("dotnet", "9.0"),
    "POWERSHELL|7.4": ("powershell", "7.4"),
    "RUBY|2.7": ("ruby", "2.7"),
    "GO|1.19": ("go", "1.19"),
    "JAVA|21-java21": ("java", "21"),
    "JAVA|8-jre8": ("java", "8"),
    "JAVA|17": ("java", "17"),
    "JAVA|11.0.20": ("java", "11.0.20"),
    "TOMCAT|10.1-java17": ("java", "17"),
    "TOMCAT|8.5-jre8": ("java", "8"),
    "JBOSSEAP|8-java17_byol": ("java", "17"),
    "JBOSSEAP|7.4-java11": ("java", "11"),
    "JBOSSEAP|7-java8": ("java", "8"),
    "STATICSITE|1.0": ("static", "1.0"),
    "DOCKER|contoso.azurecr.io/python:3.9": ("container", None),
    "COMPOSE|dmVyc2lvbjog": ("container", None),
    "SITECONTAINERS": ("container", None),
    "PYTHON|latest": ("python", None),
    "TOMCAT|10.1": ("java", None),
    "RUST|1.80": (None, None),
    "": (None, None),
}


@pytest.mark.parametrize(("written", "expected"), STACKS.items())
def test_linux_writes_one_text(written: str, expected: tuple[str | None, str | None]) -> None:
    found = runtime_of(site(LINUX, linuxFxVersion=written, phpVersion="5.6", netFrameworkVersion="v4.0"))
    assert (found.name, found.version) == expected
    assert found.written == (written or None)


DEFAULTS = {
    "netFrameworkVersion": "v4.0",
    "linuxFxVersion": "",
    "pythonVersion": "",
    "nodeVersion": "",
    "javaVersion": None,
}


@pytest.mark.parametrize(
    ("kind", "config", "expected"),
    [
        (WINDOWS, {"netFrameworkVersion": "v8.0", "phpVersion": "5.6"}, ("dotnet", "8.0")),
        (WINDOWS, {"netFrameworkVersion": "v8.0", "phpVersion": "7.4"}, ("dotnet", "8.0")),
        (WINDOWS, {"phpVersion": "7.4"}, ("php", "7.4")),
        (WINDOWS, {"phpVersion": "5.6"}, (None, None)),
        (WINDOWS, {"phpVersion": ""}, ("other", None)),
        (WINDOWS, {"phpVersion": "Off"}, ("other", None)),
        (WINDOWS, {"javaVersion": "1.8.0_144_ZULU", "phpVersion": "5.6"}, ("java", "8.0")),
        (WINDOWS, {"javaVersion": "1.8"}, ("java", "8")),
        (WINDOWS, {"javaVersion": "17", "javaContainer": "TOMCAT"}, ("java", "17")),
        (WINDOWS, {"pythonVersion": "3.4", "phpVersion": "5.6"}, ("python", "3.4")),
        (WINDOWS, {"nodeVersion": "~20", "phpVersion": ""}, ("node", "20")),
        ("app,container,windows", {"windowsFxVersion": "DOCKER|contoso.azurecr.io/web:1"}, ("container", None)),
        (FUNCTION, {"netFrameworkVersion": "v6.0", "phpVersion": "5.6"}, ("other", None)),
        (FUNCTION, {"powerShellVersion": "~7"}, ("powershell", "7")),
        (FUNCTION, {"javaVersion": "11"}, ("java", "11")),
    ],
)
def test_windows_has_a_setting_for_each_language(
    kind: str, config: Json, expected: tuple[str | None, str | None]
) -> None:
    found = runtime_of(site(kind, **DEFAULTS | config))
    assert (found.name, found.version) == expected


# Name → the app, then the verdicts of appservice-runtime-version for Python 3.11, PHP 8.2 and Java 11.
APPS: dict[str, tuple[Json, str, str, str]] = {
    "flex-old": (flex("python", "3.9"), FAIL, PASS, PASS),
    "flex-new": (flex("python", "3.12"), PASS, PASS, PASS),
    "flex-java": (flex("java", "8"), PASS, PASS, FAIL),
    "flex-handler": (flex("custom", "1.0"), UNKNOWN, UNKNOWN, UNKNOWN),
    "flex-strange": (flex("rust", "1.80"), UNKNOWN, UNKNOWN, UNKNOWN),
    "linux-old": (site(LINUX, linuxFxVersion="PYTHON|3.9"), FAIL, PASS, PASS),
    "jboss": (site(LINUX, linuxFxVersion="JBOSSEAP|8-java17_byol"), PASS, PASS, PASS),
    "jre": (site(LINUX, linuxFxVersion="TOMCAT|8.5-jre8"), PASS, PASS, FAIL),
    "php": (site(LINUX, linuxFxVersion="PHP|8.2"), PASS, PASS, PASS),
    "php-old": (site(LINUX, linuxFxVersion="PHP|7.4"), PASS, FAIL, PASS),
    "left-over": (site(WINDOWS, **DEFAULTS | {"netFrameworkVersion": "v8.0", "phpVersion": "5.6"}), PASS, PASS, PASS),
    "default": (site(WINDOWS, **DEFAULTS | {"phpVersion": "5.6"}), UNKNOWN, UNKNOWN, UNKNOWN),
    "image": (site("app,linux,container", linuxFxVersion="DOCKER|contoso.azurecr.io/web:1"), *[UNKNOWN] * 3),
    "latest": (site(LINUX, linuxFxVersion="PYTHON|latest"), UNKNOWN, PASS, PASS),
    "empty": (site(LINUX, linuxFxVersion=""), UNKNOWN, UNKNOWN, UNKNOWN),
}


@pytest.mark.packs
def test_apps_are_judged_by_what_they_run(database: Database) -> None:
    sites = {
        name: resource("Microsoft.Web/sites", name, kind=row[0]["kind"], properties=row[0]["properties"])
        for name, row in APPS.items()
    }
    configs = {
        f"{sites[name]['id']}/config/web": {"id": "web", "name": "web", **row[0]["$web"]} for name, row in APPS.items()
    }
    chain = load(
        database,
        {
            "/providers/Microsoft.Web/sites": list(sites.values()),
            **{f"{one['id']}/slots": [] for one in sites.values()},
            **configs,
        },
        ["azure_web_app", "azure_function_app", "azure_web_app_slot", "azure_function_app_slot"],
    )
    for at, language, minimum in ((1, "python", "3.11"), (2, "php", "8.2"), (3, "java", "11")):
        found = chain.verdicts("appservice-runtime-version", language=language, minimum=minimum)
        assert found == {name: row[at] for name, row in APPS.items()}, language
    why = chain.reasons("appservice-runtime-version", language="python", minimum="3.11")
    assert "rust|1.80" in why["flex-strange"]
    assert "PYTHON|latest" in why["latest"]
    assert "5.6" in why["default"]
