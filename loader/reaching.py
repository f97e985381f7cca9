"""Why a host could not be reached, in words that say what to do: the same for Azure, its sign-in, and downloads."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

UNTRUSTED = (
    "its certificate is not trusted here. If a proxy of yours opens TLS, put the certificate of its authority into a "
    "PEM file and name that file in SSL_CERT_FILE"
)
_PROXY_SETTINGS = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def why_unreached(error: BaseException) -> str | None:
    """A clause that goes on after "could not be reached: ", without its full stop; None where nothing tells.

    error: whatever an HTTP client raised, with what it was raised from. No part of its own text is told, for that may
    quote a password of the proxy.
    """
    for one in chain(error):
        if is_distrust(one):
            return UNTRUSTED
        if "Proxy" in type(one).__name__:
            return f"{_proxy()} did not pass the request on. Correct HTTPS_PROXY, or name the host in NO_PROXY"
    proxied = f" ({proxy_host()}, from HTTPS_PROXY)" if proxy_host() else ""
    for one in chain(error):
        if isinstance(one, socket.gaierror) or "DNS" in type(one).__name__:
            return f"the name is not known here. Check the spelling, the network and the proxy{proxied}"
        if isinstance(one, ConnectionRefusedError):
            return f"the connection was refused. Check the network and the proxy{proxied}"
        if isinstance(one, TimeoutError) or "Timeout" in type(one).__name__:
            return f"it did not answer in time. Check the network and the proxy{proxied}"
    return None


def is_distrust(error: BaseException) -> bool:
    """Whether it says that a certificate is not trusted: trying again changes nothing."""
    return any(
        isinstance(one, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(one) for one in chain(error)
    )


def proxy_host() -> str | None:
    """The host and port of the proxy that the environment names, without user and password."""
    for name in _PROXY_SETTINGS:
        if os.environ.get(name):
            parts = urlsplit(os.environ[name])
            return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    return None


def _proxy() -> str:
    host = proxy_host()
    return f"the proxy {host}" if host else "the proxy"


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, once each."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = getattr(one, "inner_exception", None) or getattr(one, "os_error", None)
        waiting += [one.__cause__, one.__context__, inner if isinstance(inner, BaseException) else None]
