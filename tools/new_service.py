"""Makes the skeleton of a service from an SDK operation: declaration, wire example, place in the demo tenant.

`python -m tools.new_service azure.mgmt.network.aio:NetworkManagementClient nat_gateways.list_all --area network`
writes three files that pass the tests as they are. What they hold is guessed from the SDK's model: keep what is worth
knowing, say what it means, add the relationships, and give the example values that Azure's documentation shows.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
import yaml
from azure.core.pipeline.transport import AsyncHttpTransport

from loader.azure.credential import ReplayCredential
from loader.model import Arm
from loader.nearest import alternatives
from loader.services import entity_types
from tests.services.witnesses.answers import answer_of
from tests.services.witnesses.shapes import Shape

ROOT = Path(__file__).parents[1]
_SUBSCRIPTION = "SUBSCRIPTION"
# Of the scalars that a model has below `properties`; more are seldom worth knowing.
_MOST = 12
_NEVER = {"provisioningState", "resourceGuid"}
# The model's types are not kept by the shapes; the names mostly tell.
_GUESSES = {
    "flag": re.compile(r"^(is|has|enable|disable)[A-Z]|(Enabled|Disabled)$"),
    "whole": re.compile(r"(Minutes|Seconds|Days|Count|Size|Port|Capacity|Limit)$|^capacity$"),
}
_VALUES = {"flag": True, "whole": 4}


class _AskedError(Exception):
    """Carries the address that an operation asks first."""


class _Noting(AsyncHttpTransport):  # type: ignore[type-arg]
    """Sends nothing; tells where to."""

    async def send(self, request: Any, **_: Any) -> Any:
        raise _AskedError(request.url)

    async def open(self) -> None:
        """Nothing is open."""

    async def close(self) -> None:
        """Nothing is open."""

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""


def main(
    client: Annotated[str, typer.Argument(help="The asynchronous client, as module:Class.")],
    operation: Annotated[str, typer.Argument(help="The operation that lists, as group.method.")],
    area: Annotated[str, typer.Option(help="The folder of loader/services/ that it goes into.")],
    root: Annotated[Path, typer.Option(help="The tree to write into.", hidden=True)] = ROOT,
) -> None:
    """Write loader/services/AREA/NAME.py, its wire example and its demo entry; nothing that exists is overwritten."""
    arm_type = arm_type_of(client, operation)
    plural = arm_type.rpartition("/")[2]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plural)
    module = words.lower().replace(" ", "_")
    singular = module.removesuffix("s") if not module.endswith("ies") else f"{module[:-3]}y"
    entity_type = f"azure_{singular}"
    if not (root / "loader" / "services" / area).is_dir():
        raise typer.BadParameter(f"there is no folder loader/services/{area}", param_hint="--area")
    there = {one.arm_type.lower(): one.type for one in entity_types().values() if one.arm_type}
    if known := there.get(arm_type.lower()) or (entity_type if entity_type in entity_types() else None):
        raise typer.BadParameter(f"{arm_type} is declared already, as {known}")
    answered = answer_of(Arm(client=client, operation=operation, permission=""))
    scalars, dashed = list(_scalars(answered))[:_MOST], singular.replace("_", "-")
    files = {
        root / "loader" / "services" / area / f"{module}.py": _declaration(
            client, operation, entity_type, arm_type, words, scalars
        ),
        root / "tests" / "services" / "examples" / area / f"{entity_type}.yaml": _example(arm_type, dashed, scalars),
        _demo_folder(root, area) / f"{module}.yaml": _demo(arm_type, dashed, scalars),
    }
    for path in files:
        if path.exists():
            raise typer.BadParameter(f"{path.relative_to(root)} exists already")
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
        typer.echo(path.relative_to(root))
    typer.echo(
        "Now read them over, run `make docs` and `make test`; CONTRIBUTING.md says what else belongs to a service."
    )


def arm_type_of(client: str, operation: str) -> str:
    """The ARM type whose list over a subscription the operation asks for. Raises BadParameter where it asks another."""
    module, _, name = client.partition(":")
    try:
        made = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise typer.BadParameter(f"there is no client {client} in the installed SDKs") from error
    if "subscription_id" not in inspect.signature(made).parameters:
        raise typer.BadParameter(f"{name} is not about one subscription; write that service by hand")
    target: Any = made(credential=ReplayCredential(), subscription_id=_SUBSCRIPTION, transport=_Noting())
    try:
        for step in operation.split("."):
            target = getattr(target, step)
        url = asyncio.run(_first_address(target()))
    except (AttributeError, TypeError) as error:
        raise typer.BadParameter(
            f"{operation} is no operation of {name} that needs no more than a subscription. "
            + alternatives(operation, _lists(made))
        ) from error
    found = re.fullmatch(rf"/subscriptions/{_SUBSCRIPTION}/providers/([\w.]+/\w+)/?", urlsplit(url).path)
    if found is None:
        raise typer.BadParameter(f"{operation} asks {urlsplit(url).path}, which is no list over a subscription")
    return found[1]


def _lists(client: Any) -> list[str]:
    """The operations of a client that list: those of its groups, as `group.method`."""
    made: Any = client(credential=ReplayCredential(), subscription_id=_SUBSCRIPTION, transport=_Noting())
    groups = {name: one for name, one in vars(made).items() if not name.startswith("_")}
    return [f"{group}.{name}" for group, one in groups.items() for name in dir(one) if name.startswith("list")]


async def _first_address(pages: Any) -> str:
    try:
        async for _ in pages:
            break
    except _AskedError as asked:
        return str(asked)
    raise TypeError("nothing was asked")


def _scalars(answered: Shape) -> list[tuple[str, str, str]]:
    """(name, kind, path) of what stands directly below `properties`, and of the SKU."""
    found = []
    fields = answered.fields()
    for parent in ("sku", "properties"):
        inner = fields[parent].fields() if parent in fields else {}
        for wire, shape in inner.items():
            if shape.open or shape.item is not None or shape.fields() or wire in _NEVER:
                continue
            kind = next((kind for kind, words in _GUESSES.items() if words.search(wire) and not shape.values), "text")
            name = f"sku{wire[0].upper()}{wire[1:]}" if parent == "sku" else wire
            found.append((name, kind, f"{parent}.{wire}"))
    return found


def _declaration(
    client: str, operation: str, entity_type: str, arm_type: str, words: str, scalars: list[tuple[str, str, str]]
) -> str:
    kinds = sorted({kind for _, kind, _ in scalars} | {"Arm", "EntityType", "Service"}, key=str.lower)
    imports = ", ".join(sorted(kinds, key=lambda one: (one.islower(), one)))
    rows = "".join(f'        {kind}("{name}", "{path}", "{_spoken(name)}"),\n' for name, kind, path in scalars)
    title = words[0].upper() + words[1:].lower()
    constant = entity_type.removeprefix("azure_").upper()
    page = "https://learn.microsoft.com/rest/api/" + urlsplit(f"//{arm_type}").netloc.partition(".")[2].lower()
    return f'''"""{title}."""

from __future__ import annotations

from loader.model import {imports}
from loader.services.shared.arm_ids import in_resource_group

{constant} = EntityType(
    type="{entity_type}",
    resource="{title.removesuffix("s")}",
    classes=("Service",),
    arm_type="{arm_type}",
    documentation="{page}",
    fetch=Arm(
        client="{client}",
        operation="{operation}",
        permission="{arm_type}/read",
    ),
    properties=(
{rows}    ),
    relationships=(in_resource_group(),),
)

SERVICE = Service(name="{title}", entity_types=({constant},))
'''


def _spoken(name: str) -> str:
    """The words of a name; what it means is for a person to say."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def _value(name: str, kind: str) -> object:
    return _VALUES.get(kind, f"example {_spoken(name)}")


def _answer(scalars: list[tuple[str, str, str]]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for name, kind, path in scalars:
        parent, _, wire = path.partition(".")
        answer.setdefault(parent, {})[wire] = _value(name, kind)
    return answer


def _example(arm_type: str, name: str, scalars: list[tuple[str, str, str]]) -> str:
    one = {"id": f"$SUB/resourceGroups/shop/providers/{arm_type}/{name}-1", "name": f"{name}-1", "type": arm_type}
    expected = {said: _value(said, kind) for said, kind, _ in scalars}
    document = {
        "examples": [
            {
                "about": "as Azure's documentation shows one",
                "answer": {**one, "location": "westeurope", **_answer(scalars)},
                "expect": {"properties": expected, "links": ["HAS <- $SUB/resourceGroups/shop"], "only": True},
            }
        ],
        "exchange": {"url": f"https://management.azure.com$SUB/providers/{arm_type}"},
    }
    return yaml.safe_dump(document, sort_keys=False, width=118)


def _demo(arm_type: str, name: str, scalars: list[tuple[str, str, str]]) -> str:
    identity = f"${{id rg-web}}/providers/{arm_type}/{name}-1"
    one = {"name": f"{name}-1", "id": identity, "type": arm_type, "location": "westeurope", **_answer(scalars)}
    lists = [{"get": f"/subscriptions/${{production}}/providers/{arm_type}", "value": [one]}]
    lists += [
        {"get": f"/subscriptions/${{{other}}}/providers/{arm_type}", "value": []} for other in ("platform", "sandbox")
    ]
    return yaml.safe_dump(lists, sort_keys=False, width=118)


def _demo_folder(root: Path, area: str) -> Path:
    folder = root / "loader" / "demo" / "contoso"
    return folder / area if (folder / area).is_dir() else folder


if __name__ == "__main__":
    typer.run(main)
