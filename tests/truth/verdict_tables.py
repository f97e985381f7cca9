"""The truth table: what each check must say of each resource of a world, and why, as a reader of the answers judged.

`verdicts/WORLD/AREA.yaml` has for each check (with parameters: for each setting that a pack uses) its rows by verdict:
the reason, which is what the answer says, and the resources for which it holds. In the demo tenant a resource goes by
its name, and where several of a check have the same one, by what they are in ("default in vnet-prod") or else by
subscription or group. Names of real tenants stay in their recordings: there a resource goes by `digest` of its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from loader.packs import CheckResult, ResourceResult

FOLDER = Path(__file__).parent / "verdicts"
VERDICTS = {"pass": "pass", "fail": "fail", "not_evaluated": "not-evaluated"}
JUDGED = ("pass", "fail")


@dataclass(frozen=True)
class Entry:
    """The rows of one check in one setting: each resource with its verdict."""

    file: str
    check: str
    parameters: Mapping[str, Any]
    rows: Mapping[str, str]

    @property
    def name(self) -> str:
        settings = ", ".join(f"{key} {value}" for key, value in self.parameters.items())
        return f"{self.check} ({settings})" if settings else self.check

    def differences(self, result: CheckResult, *, whole: bool) -> list[str]:
        """What a check says otherwise than its rows, in sentences. whole: the world is the demo tenant, in which also
        what is not evaluated has its row.
        """
        named = labels(result.resources) if whole else {one.key: digest(one.key) for one in result.resources}
        told = {named[one.key]: one for one in result.resources}
        found = [
            f"{name} ({told[name].name}) is {told[name].verdict.value}, not {verdict}: {told[name].reason}"
            for name, verdict in self.rows.items()
            if name in told and told[name].verdict.value != verdict
        ]
        found += [f"there is no {name}" for name in self.rows if name not in told]
        found += [
            f"{name} ({one.name}) has no row; it is {one.verdict.value}: {one.reason}"
            for name, one in told.items()
            if name not in self.rows and (whole or one.verdict.value in JUDGED)
        ]
        return [f"{self.file}: {self.name}: {one}" for one in found]


def entries(world: str) -> list[Entry]:
    """All entries of a world's table."""
    return [entry for path in sorted((FOLDER / world).glob("*.yaml")) for entry in _entries_of(path)]


def _entries_of(path: Path) -> Iterator[Entry]:
    for check, told in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader).items():
        for one in told if isinstance(told, list) else [told]:
            assert set(one) <= {"parameters", *VERDICTS}, f"{path.name}: {check} says {sorted(one)}"
            rows: dict[str, str] = {}
            for key, verdict in VERDICTS.items():
                for why, names in one.get(key, {}).items():
                    for name in names:
                        assert str(why).strip(), f"{path.name}: {check} does not say why {name} is {key}"
                        assert name not in rows, f"{path.name}: {check} has {name} twice"
                        rows[name] = verdict
            yield Entry(f"{path.parent.name}/{path.name}", check, one.get("parameters", {}), rows)


def digest(key: str) -> str:
    """What stands for the key of a real tenant's resource."""
    return f"~{sha256(key.encode()).hexdigest()[:8]}"


def labels(resources: Iterable[ResourceResult]) -> dict[str, str]:
    """What the table calls each resource, by key: its name, with as much of its place as tells it from the others."""
    found = {one.key: one.name for one in resources}
    for place in (_container, _kind, _subscription):
        sharing: dict[str, list[str]] = {}
        for key, name in found.items():
            sharing.setdefault(name, []).append(key)
        for name, keys in sharing.items():
            if len({place(key) for key in keys}) > 1:
                found |= {key: f"{name}{place(key)}" for key in keys}
    return found


def _container(key: str) -> str:
    """What a part is in, or the resource group: of ".../virtualnetworks/hub/subnets/default" it is "hub"."""
    parts = key.strip("/").split("/")
    if len(parts) < 4:
        return ""
    parent = parts[-3] if "." not in parts[-3] else parts[-5] if len(parts) > 6 else parts[1]
    return f" in {parent}"


def _kind(key: str) -> str:
    """The resource type, of things of several kinds that have one name."""
    parts = key.strip("/").split("/")
    return f" ({parts[-2]})" if len(parts) > 3 else ""


def _subscription(key: str) -> str:
    return f" of {key.split('/')[2]}" if key.startswith("/subscriptions/") else f" ({key})"
