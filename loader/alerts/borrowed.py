"""Rules that name a query of the library: what they take over of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loader.alerts.rule import GIVEN, Kind, Rule
from loader.errors import UsageError
from loader.library.definitions import Query
from loader.library.library import one_query
from loader.yaml_reader import Document


def borrowing(document: Document, rule: Rule, folders: Sequence[Path] = ()) -> Rule:
    """The rule with the text, the needs, the parameters and (unless it names its own) the identity of its query.

    folders: users' `queries/`. Raises UsageError with file and line where the query does not exist or does not fit.
    """
    try:
        query = one_query(str(rule.query), folders)
    except UsageError as error:
        raise document.error(("query",), str(error).removesuffix(".")) from error
    parameters = dict(query.parameters)
    for name, value in rule.given.items():
        if name not in parameters:
            known = ", ".join(parameters) or "none"
            raise document.error(("given", name), f"the query has no parameter {name!r}; it has: {known}")
        try:
            parameters[name].bind(value)
        except ValueError as error:
            raise document.error(("given", name), str(error)) from error
        parameters[name] = parameters[name].model_copy(update={"default": value})
    for name, parameter in parameters.items():
        if parameter.default is None:
            raise document.error(("query",), f"`given` must set the parameter {name!r} of the query")
        if name in GIVEN:
            raise document.error(("query",), f"its parameter {name!r} is one that evaluation gives; write a `cypher`")
    wanted = {"entity"} | ({"due"} if rule.kind is Kind.EXPIRY else set())
    if (missing := wanted - rule.columns.keys()) and not _returns(query, missing):
        raise document.error(("columns",), f"`columns` must say which column of the query is {min(missing)!r}")
    return rule.model_copy(
        update={
            "cypher": query.cypher,
            "parameters": parameters,
            "needs": query.needs,
            "identity": rule.identity or [_ours(rule, name) for name in query.identity],
        }
    )


def _returns(query: Query, names: set[str]) -> bool:
    """Whether the query has these columns by name, told by the rows of its examples."""
    return any(names <= row.keys() for example in query.examples for row in example.returns)


def _ours(rule: Rule, name: str) -> str:
    """The rule's name of a column of the query; a column may have two names, and then either will do."""
    return next((ours for ours, theirs in rule.columns.items() if theirs == name), name)
