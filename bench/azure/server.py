"""Serves a simulated tenant over TLS: sign-in, Resource Manager, Graph and vaults, each in a process of its own.

    with playing(SIZES["small"], Play(latency=0.03)) as azure:
        environment = {**os.environ, **azure.environment}     # all that a live azgraph needs

The server is the one of the tests (`tests/fakeazure`), with another store behind it.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from aiohttp import web

from bench.azure.made import TENANT, Size
from bench.azure.world import World
from tests.fakeazure import FakeAzure, Fault
from tests.fakeazure.batch import answered, is_batch
from tests.fakeazure.buckets import Throttle
from tests.fakeazure.server import ARM, GRAPH, VAULTS, challenge, refused

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Play:
    """How the simulated Azure behaves. latency: seconds before each answer; buckets: whether Azure's limits are played.

    throttled, failing, cut: each so many-th request is refused for pace, fails, or is cut off; 0 for none. again:
    the seconds that such a refusal names.
    """

    latency: float = 0.0
    buckets: bool = True
    throttled: int = 0
    failing: int = 0
    cut: int = 0
    again: int = 0


class Simulated(FakeAzure):
    """A played Azure with a made-up tenant. asked: requests that came; refused: those that were refused for pace."""

    def __init__(self, world: World, play: Play) -> None:
        super().__init__(throttle=Throttle(time.monotonic) if play.buckets else None)
        self._world, self._play_as = world, play
        self.asked = self.refused = 0

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/told":
            return web.json_response({"asked": self.asked, "refused": self.refused})
        if is_batch(request):
            return await answered(request, self._answer)
        self.asked += 1
        fault = self._due_fault()
        if self._play_as.latency:
            await asyncio.sleep(self._play_as.latency)
        is_vault = request.host.endswith(VAULTS)
        if fault is not None:
            return await self._play(request, fault)
        if is_vault and "Authorization" not in request.headers:
            self.challenges += 1
            return challenge(f"{self.url}/{TENANT}")
        headers = {}
        if self.throttle is not None:
            refusal, headers = self.throttle.ask(request.method, str(request.url))
            if refusal is not None:
                self.refused += 1
                return web.Response(
                    status=refusal.status,
                    body=refusal.body,
                    headers={**refusal.headers, "Content-Type": "application/json"},
                )
        if "Authorization" not in request.headers:
            return refused(401, "AuthenticationFailed", "Authentication failed.")
        host = f"https://{request.host}" if is_vault else GRAPH if request.path.startswith(("/v1.0", "/beta")) else ARM
        found = self._world.find(request.method, host + request.path_qs, await request.read() or None)
        if found is None:
            return refused(404, "ResourceNotFound", f"The resource {request.path} was not found.")
        body = str(found.body)
        if not is_vault:
            body = body.replace(ARM, self.url).replace(GRAPH, self.url)
        return web.Response(status=found.status, headers={**found.headers, **headers}, body=body.encode())

    def _due_fault(self) -> Fault | None:
        play, count = self._play_as, self.asked
        if play.cut and count % play.cut == 0:
            return Fault(cut=True)
        if play.failing and count % play.failing == 0:
            return Fault(status=500)
        if play.throttled and count % play.throttled == 0:
            body = json.dumps({"error": {"code": "TooManyRequests", "message": "The request is being throttled."}})
            return Fault(status=429, body=body, headers={"Retry-After": str(play.again)})
        return None


_DUTIES = ("arm", "graph", "vaults")


@dataclass(frozen=True, slots=True)
class Played:
    """Where the processes are. environment: leads a live azgraph there. world: what they play."""

    world: World
    environment: dict[str, str]
    folder: Path
    lines: tuple[IO[str], ...]

    def rest(self) -> None:
        """Some hours go by: all of Azure's limits are untouched again."""
        for line in self.lines:
            line.write("rest\n")
            line.flush()


@contextmanager
def playing(size: Size, play: Play) -> Iterator[Played]:
    """Starts the processes, and ends them. Each has the buckets of its own hosts, so none is shared by two."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="azgraph-azure-")))
        told: dict[str, dict[str, Any]] = {}
        processes = {}
        for duty in _DUTIES:
            arguments = json.dumps([dataclasses.asdict(size), dataclasses.asdict(play), str(folder / f"{duty}.pem")])
            process = subprocess.Popen(
                [sys.executable, "-m", "bench.azure.server", arguments],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            processes[duty] = stack.enter_context(process)
            stack.callback(process.terminate)
        for duty, process in processes.items():
            assert process.stdout is not None
            told[duty] = json.loads(process.stdout.readline())
        bundle = folder / "ca.pem"
        bundle.write_text("".join((folder / f"{duty}.pem").read_text() for duty in _DUTIES), encoding="utf-8")
        environment = {
            **told["graph"]["environment"],
            "AZGRAPH_ARM_URL": told["arm"]["url"],
            "HTTPS_PROXY": told["vaults"]["proxy"],
            "NO_PROXY": "localhost",
            "SSL_CERT_FILE": str(bundle),
        }
        lines = tuple(process.stdin for process in processes.values() if process.stdin is not None)
        yield Played(World(size), environment, folder, lines)


def main() -> None:
    """One process: prints where it is as JSON, and serves until it is terminated or left alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("arguments")
    size, play, ca_file = json.loads(parser.parse_args().arguments)
    world = World(Size(**size))
    world.prepare()
    with Simulated(world, Play(**play)) as azure:
        Path(ca_file).write_bytes(azure.ca_file.read_bytes())
        proxy = azure.proxied_environment["HTTPS_PROXY"]
        print(json.dumps({"url": azure.url, "proxy": proxy, "environment": azure.environment}), flush=True)
        # Whoever started it holds the other end.
        for _line in sys.stdin:
            if azure.throttle is not None:
                azure.throttle = Throttle(time.monotonic)


if __name__ == "__main__":
    main()
