"""What an app runs: the language and its version, wherever the app's plan has Azure write them.

  runtime          python, node, php, java, dotnet, powershell, ruby, go, static; `container` for an image, whose
                   content is not read; `custom` for a handler of one's own; `other` for a Windows app whose language
                   only its settings tell, which are not read: .NET or Node, never PHP, Python or Java
  runtimeVersion   numbers with dots between them, as Azure wrote them, without what stands before or after
  runtimeWritten   what Azure wrote, for those who read

Flex Consumption writes `functionAppConfig.runtime`, Linux one text (PYTHON|3.12, TOMCAT|10.1-java17), Windows a setting
for each language. Of these a new app has some though it uses none: netFrameworkVersion v4.0 on every app, phpVersion
5.6 on those that were made before 2023. So these two beside each other tell nothing, and both properties are absent,
as they are where Azure wrote something that nobody has documented.
Source: https://learn.microsoft.com/azure/app-service/language-support-policy,
https://learn.microsoft.com/azure/azure-functions/functions-app-settings,
https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan, `az webapp list-runtimes`
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from loader.model import Json, text
from loader.services.shared.wire import explained, part

# The word before the bar on Linux, or Flex Consumption's name of a runtime.
_STACKS = {
    "python": "python",
    "node": "node",
    "php": "php",
    "java": "java",
    "tomcat": "java",
    "jbosseap": "java",
    "wildfly": "java",
    "dotnetcore": "dotnet",
    "dotnet": "dotnet",
    "dotnet-isolated": "dotnet",
    "powershell": "powershell",
    "ruby": "ruby",
    "go": "go",
    "staticsite": "static",
    "docker": "container",
    "compose": "container",
    "kube": "container",
    "sitecontainers": "container",
    "custom": "custom",
}
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")
_JAVA_IN_SERVER = re.compile(r"-(?:java|jre)(\d+(?:\.\d+)*)")
_UNUSED = ("", "off", "null")
_DEFAULT_DOTNET, _DEFAULT_PHP = ("v2.0", "v4.0"), "5.6"


@dataclass(frozen=True, slots=True)
class Runtime:
    """What an app runs. `name` is None where it is not known; `version` too where only that is not."""

    name: str | None = None
    version: str | None = None
    written: str | None = None


def runtime_of(site: Json) -> Runtime:
    """What an app runs, by its answer and its configuration (`$web`)."""
    flex = part(site, "properties", "functionAppConfig", "runtime")
    if flex.get("name"):
        return _stack(str(flex["name"]), str(flex.get("version") or ""))
    config = part(site, "$web", "properties")
    for field in ("linuxFxVersion", "windowsFxVersion"):
        stack, _, version = str(config.get(field) or "").partition("|")
        if stack:
            return _stack(stack, version)
    kinds = str(site.get("kind") or "").lower()
    if "container" in kinds:
        return Runtime("container", None, "container")
    return Runtime() if "linux" in kinds or not config else _on_windows(config, "functionapp" in kinds)


def _stack(stack: str, version: str) -> Runtime:
    written, name = f"{stack}|{version}" if version else stack, _STACKS.get(stack.lower())
    if name == "java":
        inner = _JAVA_IN_SERVER.search(version.lower())
        own = version if stack.lower() == "java" else ""
        return Runtime(name, _java(inner[1] if inner else own), written)
    return Runtime(name, None if name in (None, "container") else _version(version), written)


def _on_windows(config: Json, runs_functions: bool) -> Runtime:
    """The languages in the order in which a setting for them is a choice rather than a default."""
    said = {
        language: str(config.get(f"{language}Version") or "")
        for language in ("java", "powerShell", "python", "node", "netFramework", "php")
    }
    used = {language: version for language, version in said.items() if version.lower() not in _UNUSED}
    dotnet, php = used.get("netFramework", ""), used.get("php", "")
    if "java" in used:
        return Runtime("java", _java(used["java"]), f"JAVA|{used['java']}")
    for language in ("powerShell", "python"):
        if language in used:
            return Runtime(language.lower(), _version(used[language]), f"{language.upper()}|{used[language]}")
    # Functions have no PHP, and the version of .NET is that of their host, whatever language they are written in.
    if dotnet and dotnet not in _DEFAULT_DOTNET and not runs_functions:
        return Runtime("dotnet", _version(dotnet), f"DOTNET|{dotnet}")
    if php and not runs_functions:
        told = php != _DEFAULT_PHP or not dotnet
        return Runtime("php" if told else None, _version(php) if told else None, f"PHP|{php}")
    if "node" in used:
        return Runtime("node", _version(used["node"]), f"NODE|{used['node']}")
    return Runtime("other", None, f"DOTNET|{dotnet}" if dotnet else None)


def _version(written: str) -> str | None:
    """`20-lts`, `~20` and `v8.0` as 20, 20 and 8.0; None where there is no number at its beginning."""
    found = _NUMBERS.match(written.strip().lstrip("~vV"))
    return found[0] if found else None


def _java(written: str) -> str | None:
    """Java 8 and older call themselves 1.8."""
    version = _version(written)
    return version.removeprefix("1.") if version and version.startswith("1.") else version


_WHERE = "`properties.functionAppConfig.runtime`, else the settings of `$web` that name a version"
RUNTIME = tuple(
    text(name, explained(_WHERE, source), meaning, needs=("web",))
    for name, source, meaning in (
        ("runtime", lambda site: runtime_of(site).name, "the language it runs, or container, custom or other"),
        ("runtimeVersion", lambda site: runtime_of(site).version, "its version, in numbers"),
        ("runtimeWritten", lambda site: runtime_of(site).written, "both as Azure writes them"),
    )
)
