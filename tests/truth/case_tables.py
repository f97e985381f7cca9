"""Tables of cases, `cases/*.yaml`: each is one tenant, in which a resource is a case by the name of what it is about.

A table says which entity types to `load`, which further `subscriptions` there are and which are `delegated` by another
tenant, and of each kind of resource where Azure lists it, what such a resource is `like`, and what Azure answers
`below` its id (a list, an object, or `refused` with a status). A case is one of a kind (`is`) that differs as it says,
or a resource that `answers` has. It `expects` a verdict of each check that it is about, with a part of the reason, and
names the `page` of the documentation that means it. `!odd` stands before what Azure does not answer today. $SUB,
$GROUP and $TENANT stand for ids of the tenant, $SUB1 to $SUB9 for further subscriptions, $AGO10 for the time ten days
ago.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from loader.azure.transport.wire import Exchange
from loader.model import Json
from tests.truth import oddness
from tests.truth.chain import ARM, GRAPH, GROUP, SUB, TENANT, answered, listed, subscription, tenant

FABRIKAM = "99999999-0000-4000-8000-000000000099"
FOLDER = Path(__file__).parent / "cases"
# A resource that is `out` is not in the check's population.
VERDICTS = {"pass": "pass", "fail": "fail", "unknown": "not-evaluated", "out": None}
_QUESTION = re.compile(r"(?P<check>[^(]+)(?:\((?P<given>.*)\))?")


@dataclass(frozen=True)
class Question:
    """A check with the parameters that are given: written as `check` or `check(name=value; other=value)`."""

    text: str

    @property
    def check(self) -> str:
        return self._parts["check"]

    @property
    def parameters(self) -> dict[str, Any]:
        given = (one.partition("=") for one in (self._parts["given"] or "").split(";") if one)
        return {name.strip(): yaml.safe_load(value) for name, _, value in given}

    @property
    def _parts(self) -> re.Match[str]:
        found = _QUESTION.fullmatch(self.text)
        assert found, self.text
        return found


@dataclass(frozen=True)
class Row:
    """What one check must say of one resource: the verdict, None where it says nothing, and a part of the reason."""

    name: str
    question: Question
    verdict: str | None
    reason: str
    page: str


@dataclass(frozen=True)
class Table:
    """One file of cases."""

    name: str
    told: Mapping[str, Any]

    @property
    def only(self) -> list[str]:
        """The entity types to load."""
        return list(self.told["load"])

    @property
    def rows(self) -> list[Row]:
        """What the cases expect."""
        return list(self._rows())

    def _rows(self) -> Iterator[Row]:
        for case in self.told["cases"]:
            for question, expected in case["expect"].items():
                word, _, reason = str(expected).partition(" ")
                yield Row(str(case["name"]), Question(question), VERDICTS[word], reason, case["page"])

    def exchanges(self) -> list[Exchange]:
        """The tenant of this table, in wire format."""
        more = [subscription(number, name) for number, name in self.told.get("subscriptions", {}).items()]
        for number, name in self.told.get("delegated", {}).items():
            theirs = {"tenantId": FABRIKAM, "managedByTenants": [{"tenantId": TENANT}]}
            more.append(subscription(number, name) | theirs)
        return [*tenant(*more), *self._further(), *self._resources()]

    def _further(self) -> Iterator[Exchange]:
        for path, answer in self.told.get("answers", {}).items():
            yield _exchange(f"{GRAPH}{path.removeprefix('graph:')}" if path.startswith("graph:") else path, answer)

    def _resources(self) -> Iterator[Exchange]:
        for kind, declared in self.told.get("kinds", {}).items():
            own = [case for case in self.told["cases"] if case.get("is") == kind]
            yield listed(
                f"{SUB}/providers/{declared['list']}", *(_resource(declared, case) for case in own if "like" in case)
            )
            for case in own:
                for path, answer in {**declared.get("below", {}), **case.get("below", {})}.items():
                    yield _exchange(f"{_id(declared, case)}/{path}".rstrip("/"), answer)


@cache
def tables(*, marked: bool = False) -> tuple[Table, ...]:
    """All tables; marked: with what is `!odd` in them, see `oddness`."""
    return tuple(_read(file, marked=marked) for file in sorted(FOLDER.glob("*.yaml")))


def _read(file: Path, *, marked: bool) -> Table:
    text = file.read_text(encoding="utf-8").replace("$GROUP", GROUP).replace("$TENANT", TENANT)
    text = re.sub(r"\$SUB([1-9])", lambda found: str(subscription(int(found[1]), "")["id"]), text)
    text = re.sub(r"\$AGO(\d+)", lambda found: _ago(int(found[1])), text)
    return Table(file.stem, oddness.read(text.replace("$SUB", SUB), marked=marked))


def _ago(days: int) -> str:
    return f"'{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}'"


def _exchange(address: str, answer: Any) -> Exchange:
    if isinstance(answer, list):
        return listed(address, *answer)
    if "refused" in answer:
        refusal = {"error": {"code": "Refused", "message": "Refused."}}
        return Exchange.of_json(f"{ARM}{address}", refusal, status=answer["refused"])
    return answered(address, answer)


def _id(declared: Mapping[str, Any], case: Mapping[str, Any]) -> str:
    return f"{SUB}/resourceGroups/{case.get('in', 'shop')}/providers/{declared['list']}/{case['name']}"


def _resource(declared: Mapping[str, Any], case: Mapping[str, Any]) -> Json:
    common = {"id": _id(declared, case), "name": str(case["name"]), "location": "westeurope"}
    return _merged(common | declared.get("like", {}), case["like"])


def _merged(base: Json, more: Mapping[str, Any]) -> Json:
    """The base with what differs: objects field by field, everything else as it is."""
    found = dict(base)
    for name, value in more.items():
        old = found.get(name)
        found[name] = _merged(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
    return found
