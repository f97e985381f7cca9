"""The certificate authorities that are trusted over TLS: the same for Azure, its sign-in, and where alerts are told."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import certifi


def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """What a TLS connection is opened with: those of `ca_file` (PEM) are trusted alone; without it those of the usual
    variables SSL_CERT_FILE and SSL_CERT_DIR, else Mozilla's, as certifi brings them.

    Raises OSError where they cannot be read.
    """
    file = ca_file or os.environ.get("SSL_CERT_FILE")
    folder = None if file else os.environ.get("SSL_CERT_DIR")
    return ssl.create_default_context(
        cafile=str(file) if file else None if folder else certifi.where(), capath=folder or None
    )
