"""A sign-in host that keeps what it is sent: Entra's endpoints for all ways to sign in, and a machine's identity."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from aiohttp import web


@dataclass
class Authority:
    """sent: the path and form (or query) of each request for a token, in order. nonce: what the browser was given."""

    host: str = ""
    plain: str = ""
    ca_file: Path = Path()
    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    nonce: str = ""

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    async def discovery(self, request: web.Request) -> web.Response:
        base = f"{self.url}/{request.match_info['tenant']}"
        return web.json_response(
            {
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "issuer": f"{base}/v2.0",
            }
        )

    async def device_code(self, request: web.Request) -> web.Response:
        self.sent.append((request.path, {key: str(value) for key, value in (await request.post()).items()}))
        return web.json_response(
            {
                "device_code": "a-device-code",
                "user_code": "AB12CD34",
                "verification_uri": f"{self.url}/device",
                "expires_in": 900,
                "interval": 0,
                "message": "x",
            }
        )

    async def token(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.sent.append((request.path, form))
        tenant, now = request.match_info["tenant"], int(time.time())
        claims = {"aud": form["client_id"], "iss": f"{self.url}/{tenant}/v2.0", "sub": "ada", "tid": tenant, "oid": "a"}
        claims |= {"preferred_username": "ada@contoso.com", "iat": now, "exp": now + 3600, "nonce": self.nonce}
        answer = {"token_type": "Bearer", "expires_in": 3600, "access_token": "a-token"}
        if form["grant_type"] != "client_credentials":
            answer["id_token"] = f"{_encoded({'alg': 'none'})}.{_encoded(claims)}.x"
            answer["client_info"] = _encoded({"uid": "a", "utid": tenant})
            answer["refresh_token"] = "a-refresh-token"
        return web.json_response(answer)

    async def machine(self, request: web.Request) -> web.Response:
        self.sent.append((request.path, {**request.query, "header": request.headers.get("X-IDENTITY-HEADER", "")}))
        return web.json_response(
            {
                "access_token": "a-token",
                "expires_on": str(int(time.time()) + 3600),
                "resource": "x",
                "token_type": "Bearer",
            }
        )


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """The host, running in a thread of its own."""
    playing, loop, ready = Authority(ca_file=folder / "ca.pem"), asyncio.new_event_loop(), threading.Event()
    issuer = trustme.CA()
    issuer.cert_pem.write_to_path(playing.ca_file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issuer.issue_cert("localhost", "127.0.0.1").configure_cert(context)

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", playing.discovery)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", playing.token)
        app.router.add_post("/{tenant}/oauth2/v2.0/devicecode", playing.device_code)
        app.router.add_get("/msi/token", playing.machine)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        playing.host, playing.plain = (f"localhost:{one[1]}" for one in runner.addresses)
        return runner

    def serve() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(20)
    yield playing
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
