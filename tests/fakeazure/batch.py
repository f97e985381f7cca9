"""Microsoft Graph's `$batch`, played: each of its requests is answered as if it had come alone.

Form and limits: https://learn.microsoft.com/graph/json-batching
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from yarl import URL

MOST = 20


class Part:
    """One request of a batch, with all that the played Azure looks at of a request."""

    def __init__(self, outer: web.Request, asked: Mapping[str, Any]) -> None:
        version = outer.path.removesuffix("/$batch")
        self.method = str(asked["method"])
        self.url = URL(f"{outer.scheme}://{outer.host}{version}/{str(asked['url']).lstrip('/')}", encoded=True)
        self.path, self.path_qs, self.host = self.url.path, self.url.raw_path_qs, outer.host
        self.headers = {"Authorization": outer.headers.get("Authorization", ""), **asked.get("headers", {})}
        if not self.headers["Authorization"]:
            del self.headers["Authorization"]
        self.transport = outer.transport

    async def read(self) -> bytes:
        return b""


def is_batch(request: Any) -> bool:
    return request.method == "POST" and request.path.endswith("/$batch") and not isinstance(request, Part)


async def answered(request: web.Request, answer: Callable[[Any], Awaitable[Any]]) -> web.Response:
    """The answer to a batch; the parts' come in another order than they were asked in."""
    asked = json.loads(await request.read())["requests"]
    ids = [one["id"] for one in asked]
    if not 0 < len(ids) <= MOST or len(set(ids)) < len(ids) or any(one["method"] != "GET" for one in asked):
        body = {"error": {"code": "BadRequest", "message": "Number of batch request steps exceeds the maximum"}}
        return web.json_response(body, status=400)
    responses = []
    answers = await asyncio.gather(*(answer(Part(request, one)) for one in asked))
    for one, found in reversed([*zip(asked, answers, strict=True)]):
        headers = {name: value for name, value in found.headers.items() if name.lower() != "content-length"}
        responses.append(
            {"id": one["id"], "status": found.status, "headers": headers, "body": json.loads(found.body or b"null")}
        )
    return web.json_response({"responses": responses})
