"""Azure on loopback. It serves recorded exchanges over real sockets and TLS, so that the live code runs unchanged.

    with FakeAzure(exchanges) as azure:
        azure.break_next("/virtualNetworks", Fault(status=429, headers={"Retry-After": "0"}))
        environment = {**os.environ, **azure.environment}     # all that a live azgraph needs

It runs in a thread of its own: commands in other processes can talk to it too. With `proxied_environment` they reach
it by Azure's own addresses, key vaults included, through an HTTPS proxy that leads every host here.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme
from aiohttp import web

from loader.azure.transport.replay import ReplayStore
from loader.azure.transport.wire import Exchange
from tests.fakeazure.batch import answered, is_batch
from tests.fakeazure.buckets import Throttle
from tests.fakeazure.entra import PlayedTenant, entra, no_tenant
from tests.relay import pass_on

TENANT = "7c9f0a52-1111-4222-8333-444455556666"
CLIENT = "3d5b7f90-aaaa-4bbb-8ccc-ddddeeeeffff"
SECRET = "xYz8Q~planted-client-secret-planted-0000"
TOKEN = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJwbGF5In0.planted-signature"

ARM = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com"
VAULTS = ".vault.azure.net"


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of its answer.

    cut: the connection is closed without a word. half: the head and half of the body come, then the connection is cut.
    silent: nothing is ever answered. Otherwise `status` with `body` is answered.
    """

    status: int = 500
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    half: bool = False
    silent: bool = False


class FakeAzure:
    """requests: "METHOD /path" of all that came, in order. tokens: how many were given out.

    challenges: how many requests a key vault answered with the way to sign in. throttle: Azure's buckets, where they
    are to be played; its clock is `time.monotonic`. claims: what tokens say of themselves, where they say anything.
    clock_behind: seconds by which the answers are dated behind this machine's time.

    Without tenants any tenant may be asked for, and one application signs in. With tenants these are all there are:
    each has applications and answers of its own.
    """

    def __init__(
        self,
        exchanges: Iterable[Exchange] = (),
        *,
        throttle: Throttle | None = None,
        tenants: Iterable[PlayedTenant] = (),
    ) -> None:
        self._tenants = {one.identifier: one for one in tenants}
        self._owners: list[PlayedTenant | None] = []
        self._store = ReplayStore(exchanges)
        self._faults: list[tuple[str, Fault]] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._folder = tempfile.TemporaryDirectory()
        self._port = self._proxy_port = 0
        self.requests: list[str] = []
        self.tokens = self.challenges = 0
        self.throttle = throttle
        self.claims: Mapping[str, Any] = {}
        self.clock_behind = 0.0
        self._refusal: tuple[int, str] | None = None
        self._oldest_valid = 0

    @property
    def url(self) -> str:
        return f"https://localhost:{self._port}"

    @property
    def ca_file(self) -> Path:
        return Path(self._folder.name) / "ca.pem"

    @property
    def environment(self) -> dict[str, str]:
        """The documented settings that lead a live azgraph here, with the right client secret."""
        return {
            "AZURE_AUTHORITY_HOST": f"localhost:{self._port}",
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": SECRET,
            "AZGRAPH_ARM_URL": self.url,
            "AZGRAPH_GRAPH_URL": self.url,
            "SSL_CERT_FILE": str(self.ca_file),
        }

    @property
    def proxied_environment(self) -> dict[str, str]:
        """As `environment`, but Azure has its own addresses, so that its answers need no other ones."""
        own = {name: value for name, value in self.environment.items() if not name.startswith("AZGRAPH_")}
        return {**own, "HTTPS_PROXY": f"http://127.0.0.1:{self._proxy_port}", "NO_PROXY": "localhost"}

    def serve(self, exchanges: Iterable[Exchange]) -> None:
        """From now on answers are these, and nothing is broken."""
        self._store, self._faults = ReplayStore(exchanges), []

    def break_next(self, path: str, *faults: Fault) -> None:
        """The next requests whose host and path, or path and query, end so (in any casing) meet these, one each."""
        self._faults.extend((path.lower(), fault) for fault in faults)

    def refuse_sign_in(self, body: str, status: int = 401) -> None:
        """From now on each sign-in is answered so; with an empty body as it should be."""
        self._refusal = (status, body) if body else None

    def expire_tokens(self) -> None:
        """The tokens that were given out until now are refused from now on."""
        self._oldest_valid = self.tokens

    def __enter__(self) -> FakeAzure:
        self._thread.start()
        if not self._ready.wait(20):
            raise RuntimeError("the fake Azure did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._folder.cleanup()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _start(self) -> web.AppRunner:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost", "127.0.0.1", *_hosts()).configure_cert(context)
        app = web.Application()
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._sign_in)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self._port = runner.addresses[0][1]
        proxy = await asyncio.start_server(self._tunnel, "127.0.0.1", 0)
        self._proxy_port = proxy.sockets[0].getsockname()[1]
        return runner

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """An HTTPS proxy whose every tunnel ends at this server."""
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if self._refusal is not None:
            status, body = self._refusal
            return web.Response(status=status, text=body, content_type="application/json")
        name, claims = request.match_info["tenant"], self.claims
        tenant = self._tenants.get(name)
        if self._tenants:
            refused = no_tenant(name) if tenant is None else tenant.refusal(form)
            claims = tenant.applications[str(form["client_id"])].claims if tenant and refused is None else {}
        else:
            # An assertion is what a certificate signs; that it comes at all is enough for a play.
            proven = form.get("client_secret") == SECRET or str(form.get("client_assertion", "")).count(".") == 2
            # It quotes the secret, as services have done: nobody may see it.
            text = f"Invalid client secret provided: {form.get('client_secret')}."
            fits = form.get("client_id") == CLIENT and proven
            refused = None if fits else (401, entra(7000215, "invalid_client", text))
        if refused is not None:
            return web.Response(status=refused[0], text=refused[1], content_type="application/json")
        self.tokens += 1
        self._owners.append(tenant)
        token = f"{_token(claims)}-{self.tokens - 1}"
        return web.json_response({"token_type": "Bearer", "expires_in": 3600, "access_token": token})

    def _number(self, request: web.Request) -> int | None:
        """Which of the tokens a request carries; None where it is none that is valid."""
        start, _, number = request.headers.get("Authorization", "").rpartition("-")
        if not start.startswith(f"Bearer {TOKEN.partition('.')[0]}.") or not start.endswith(TOKEN.rpartition(".")[2]):
            return None
        return int(number) if self._oldest_valid <= int(number) < self.tokens else None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        if is_batch(request):
            return await self._batch(request)
        is_vault = request.host.endswith(VAULTS)
        if is_vault and "Authorization" not in request.headers:
            self.challenges += 1
            owner = next((one for one in self._tenants.values() if request.host in one.store.hosts()), None)
            return challenge(f"{self.url}/{owner.identifier if owner else TENANT}")
        fault = self._fault_for(request) or self._throttled(request)
        if fault is not None:
            return await self._play(request, fault)
        number = self._number(request)
        if number is None:
            return refused(401, "AuthenticationFailed", "Authentication failed.")
        owner = self._owners[number]
        store = self._store if owner is None else owner.store
        host = f"https://{request.host}" if is_vault else GRAPH if request.path.startswith(("/v1.0", "/beta")) else ARM
        found = store.find(request.method, host + request.path_qs, await request.read() or None)
        if found is None:
            return refused(404, "ResourceNotFound", f"The resource {request.path} was not found.")
        body = found.body if isinstance(found.body, str) else found.body.decode()
        if request.host.startswith("localhost"):
            # Next links lead back here.
            body = body.replace(ARM, self.url).replace(GRAPH, self.url)
        headers = dict(found.headers)
        if self.clock_behind:
            headers["Date"] = format_datetime(datetime.now(UTC) - timedelta(seconds=self.clock_behind), usegmt=True)
        return web.Response(status=found.status, headers=headers, body=body.encode())

    async def _batch(self, request: web.Request) -> web.StreamResponse:
        fault = self._fault_for(request)
        if fault is not None:
            return await self._play(request, fault)
        if self._number(request) is None:
            return refused(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        return await answered(request, self._answer)

    def _throttled(self, request: web.Request) -> Fault | None:
        if self.throttle is None:
            return None
        refusal, _ = self.throttle.ask(request.method, str(request.url))
        return None if refusal is None else Fault(refusal.status, refusal.body.decode(), refusal.headers)

    def _fault_for(self, request: web.Request) -> Fault | None:
        asked = (f"{request.host}{request.path}".lower(), request.path_qs.lower())
        for index, (ending, fault) in enumerate(self._faults):
            if any(one.endswith(ending) for one in asked):
                del self._faults[index]
                return fault
        return None

    async def _play(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.silent:
            await asyncio.sleep(3600)
        if fault.half:
            whole = json.dumps({"value": [{"id": "/subscriptions/x"}]})
            response = web.StreamResponse(headers={"Content-Length": str(len(whole))})
            await response.prepare(request)
            await response.write(whole[: len(whole) // 2].encode())
        if fault.half or fault.cut:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        headers = {"Content-Type": "application/json", **fault.headers}
        return web.Response(status=fault.status, body=fault.body.encode(), headers=headers)


def _token(claims: Mapping[str, Any]) -> str:
    if not claims:
        return TOKEN
    head, _, signature = TOKEN.split(".")
    told = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{told}.{signature}"


def refused(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def challenge(authority: str) -> web.Response:
    """How a key vault tells its clients where to sign in."""
    told = f'Bearer authorization="{authority}", resource="https://vault.azure.net"'
    return web.json_response({}, status=401, headers={"WWW-Authenticate": told})


def _hosts() -> list[str]:
    return [ARM.removeprefix("https://"), GRAPH.removeprefix("https://"), f"*{VAULTS}"]
