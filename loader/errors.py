"""Errors that a user meets: one plain sentence that says what to do, and the exit code scripts see."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `azgraph`, part of what it owes to scripts."""

    FINE = 0
    FINDINGS = 1
    USAGE = 2
    PARTIAL = 3
    UNREACHABLE = 4
    # By a signal: 128 and the number of SIGINT, as shells have it.
    STOPPED = 130


class AzgraphError(Exception):
    """Ends the command with its sentence on stderr and `exit_code`; `--debug` shows the traceback."""

    exit_code = ExitCode.UNREACHABLE


class UsageError(AzgraphError):
    """Wrong usage, configuration, YAML, parameters or recordings: names the file, the line and the reason."""

    exit_code = ExitCode.USAGE


class UnreachableError(AzgraphError):
    """Azure or Neo4j could not be reached or refused us."""


def first_of(group: BaseException) -> BaseException:
    """What went wrong first where several things run side by side: groups arrive in groups."""
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group
