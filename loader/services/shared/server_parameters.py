"""Parameters of database servers, which Azure lists by name: `configurations.logCheckpoints` and the like."""

from __future__ import annotations

from collections.abc import Callable

from loader.model import Json, Property, texts
from loader.services.shared.wire import explained, part, parts

DETAIL = "configurations"


def parameter_value(answer: Json, name: str) -> str | None:
    """The value of one parameter in the server's `$configurations`; None where the server has no such parameter."""
    for one in parts(answer, f"${DETAIL}", "value"):
        if str(one.get("name") or "").lower() == name:
            value = _in_effect(part(one, "properties"))
            return None if value is None else str(value)
    return None


def _in_effect(parameter: Json) -> object:
    """Its `value`; while that waits for a restart, the `currentValue` from before, which only MySQL tells.

    https://learn.microsoft.com/rest/api/postgresql/configurations/list-by-server: isConfigPendingRestart is true where
    the value is "pending a server restart for it to take effect". MySQL writes it as text.
    """
    value, before = parameter.get("value"), parameter.get("currentValue")
    if str(parameter.get("isConfigPendingRestart")).lower() != "true":
        return value
    return before if before != value else None


def parameter_list(answer: Json, name: str) -> list[str] | None:
    """A parameter that is a list: "CONNECTION,DDL". None where the server has no such parameter."""
    value = parameter_value(answer, name)
    return None if value is None else [word.strip() for word in value.split(",") if word.strip()]


# How PostgreSQL writes a switch that is off.
_OFF = frozenset({"", "off", "false", "no", "0"})


def logs_connections(answer: Json) -> bool | None:
    """`properties.value` of log_connections in `$configurations`: a switch, or since PostgreSQL 18 a list of moments

    (receipt, authentication, authorization, setup_durations, all), of which each logs something of every connection:
    https://www.postgresql.org/docs/18/runtime-config-logging.html#GUC-LOG-CONNECTIONS
    """
    value = parameter_value(answer, "log_connections")
    return None if value is None else value.strip().lower() not in _OFF


def list_parameter(name: str, azure_name: str, meaning: str, values: tuple[str, ...] = ()) -> Property:
    """`configurations.{name}`: one parameter that is a list. values: see `Property`."""
    source = f"`properties.value` of {azure_name} in `${DETAIL}`, split at its commas"
    reader = explained(source, lambda answer: parameter_list(answer, azure_name))
    return texts(f"{DETAIL}.{name}", reader, f"{azure_name}: {meaning}", needs=(DETAIL,), values=values)


def parameter(kind: Callable[..., Property], name: str, azure_name: str, meaning: str) -> Property:
    """`configurations.{name}`: one parameter as a property of that kind (`flag`, `whole`, `text`)."""
    return kind(
        f"{DETAIL}.{name}",
        explained(f"`properties.value` of {azure_name} in `${DETAIL}`", lambda one: parameter_value(one, azure_name)),
        f"{azure_name}: {meaning}",
        needs=(DETAIL,),
    )
