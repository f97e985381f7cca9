"""Ctrl-C and SIGTERM: answered at once, ended cleanly; and what the commands ask of a sync unless they are told."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from loader.cli import loading
from loader.cli.demo import demo
from loader.cli.stopping import stoppable
from tests.e2e.support import ROOT


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_answered_within_a_second_and_what_is_being_written_is_finished(
    kind: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    written: list[str] = []

    async def work() -> None:
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), kind)
        try:
            await asyncio.sleep(30)
        finally:
            written.append("the last batch")

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(stoppable(work()))
    assert time.monotonic() - began < 5
    assert written == ["the last batch"]
    said = capsys.readouterr().err
    assert said.startswith("Stopping: ")
    assert "take nothing of this run for whole until the next `azgraph sync`" in said


def test_a_second_signal_ends_at_once() -> None:
    program = (
        "import asyncio, os, signal, time\n"
        "from loader.cli.stopping import stoppable\n"
        "async def work():\n"
        "    loop = asyncio.get_running_loop()\n"
        "    loop.call_later(0.05, os.kill, os.getpid(), signal.SIGINT)\n"
        "    loop.call_later(0.10, os.kill, os.getpid(), signal.SIGINT)\n"
        "    try:\n        await asyncio.sleep(30)\n"
        "    finally:\n        await asyncio.sleep(30)\n"
        "asyncio.run(stoppable(work()))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=25)
    assert done.returncode == 130
    assert done.stderr.count("Stopping") == 1


def test_work_that_ends_by_itself_gives_its_result() -> None:
    async def work() -> int:
        return 7

    assert asyncio.run(stoppable(work())) == 7


def test_the_demo_asks_for_a_graph_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(loading, "load", lambda _session, options, *_rest: asked.append(options))
    demo(next_day=False, awkward=False, accept_deletions=False, neo4j_uri=None)
    (options,) = asked
    assert (options.only_alone, options.accept_older, options.accept_deletions) == (True, False, False)
