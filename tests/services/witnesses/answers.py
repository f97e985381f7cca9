"""From a declared call to the shape of its answer: the model that the installed SDK reads it into."""

from __future__ import annotations

import importlib
import inspect
import re
import typing
from functools import cache
from typing import Any
from unittest.mock import MagicMock

from loader.model import Call, Graph, Vault
from tests.services.witnesses.shapes import ANYTHING, Shape, shape_of


def answer_of(call: Call) -> Shape:
    """The shape of one item of a list, or of the object that is answered."""
    if isinstance(call, Graph):
        return _graph_answer(call.builder)
    if isinstance(call, Vault):
        return _vault_answer(call.client, call.operation)
    return _arm_answer(call.client, call.operation, call.api_version)


def model_named(name: str) -> Shape:
    """The shape of a model by its place: "azure.mgmt.monitor.models:DiagnosticSettingsResource"."""
    module, _, model = name.partition(":")
    return shape_of(getattr(importlib.import_module(module), model))


@cache
def _arm_answer(client: str, operation: str, version: str | None) -> Shape:
    module, _, name = client.partition(":")
    made = getattr(importlib.import_module(module), name)
    options = {"subscription_id": "none"} if "subscription_id" in inspect.signature(made).parameters else {}
    target: Any = made(credential=MagicMock(), **options, **({"api_version": version} if version else {}))
    for step in operation.split("."):
        target = getattr(target, step)
    return _item(_returned(target))


@cache
def _vault_answer(client: str, operation: str) -> Shape:
    """The data plane's clients turn what a generated client answers into classes of their own."""
    module, _, name = client.partition(":")
    made = getattr(importlib.import_module(module), name)(vault_url="https://v.vault.azure.net", credential=MagicMock())
    inner = re.search(r"self\._client\.(\w+)\(", inspect.getsource(getattr(type(made), operation)))
    assert inner, f"{client} has no generated operation behind {operation}"
    return _item(_returned(getattr(made._client, inner[1])))


def _returned(method: Any) -> Any:
    """The model that an operation's annotation names, alone or as the item of a pager."""
    annotation = inspect.signature(method).return_annotation
    arguments = typing.get_args(annotation)
    found = arguments[0] if arguments else annotation
    if isinstance(found, type):
        return found
    named = found.__forward_arg__ if isinstance(found, typing.ForwardRef) else str(found)
    place = inspect.unwrap(method).__globals__
    return getattr(place["_models"], named.rpartition(".")[2])


def _item(model: Any) -> Shape:
    """Some operations answer a list as an object with a `value`."""
    whole = shape_of(model)
    value = whole.fields().get("value")
    return value.item if value is not None and value.item is not None else whole


@cache
def _graph_answer(path: str) -> Shape:
    from msgraph.graph_service_client import GraphServiceClient

    builder: Any = GraphServiceClient(request_adapter=MagicMock())
    for step in path.split("."):
        builder = getattr(builder, step)
        if step.startswith("by_"):
            builder = builder("one")
    named = re.findall(r"\w+", str(inspect.signature(builder.get).return_annotation))[-1]
    source = inspect.getsource(builder.get)
    found = re.search(rf"from (\S+) import {named}\b", source)
    assert found, f"{path} does not import what it answers"
    return _item(getattr(importlib.import_module(found[1], type(builder).__module__.rpartition(".")[0]), named))


def step_into(shape: Shape, name: str) -> Shape | None:
    """What stands at one more step of a path; None where the model has no such field."""
    if shape.open:
        return ANYTHING
    if name.endswith("[]"):
        inner = step_into(shape, name[:-2])
        return inner if inner is None or inner.open else inner.item if not inner.is_map else None
    return shape.item if shape.is_map else shape.fields().get(name)
