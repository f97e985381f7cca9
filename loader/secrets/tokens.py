"""Formats of keys and tokens that are known wherever they stand.

They are their makers' own: Azure's identifiable keys have a signature at a fixed place, those of GitHub, Slack, Stripe
and others begin with a prefix. Where a format alone is no proof, `holds` says what else is.
"""

from __future__ import annotations

import re

from loader.secrets.form import Form, form, is_drawn, is_mixed, is_user_and_password

_START = r"(?<![A-Za-z0-9])"
_KEY = r"(?<![A-Za-z0-9+/_-])"  # before a key without a prefix
_END = r"(?![A-Za-z0-9+/=_-])"
_SCHEME = r"(?:(?:basic|bearer|negotiate|digest|token|apikey|sharedkey|sharedkeylite)\s+)?"


def _has_sign(key: str) -> bool:
    """A key in base64 has a + or a / as good as always; a word of 43 letters has none."""
    return "+" in key or "/" in key


TOKENS: tuple[Form, ...] = (
    form(
        "private key",
        "-----begin putty-user-key age-secret",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)"
        r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
        r"PuTTY-User-Key-File-\d(?s:.*)\Z",
        r"AGE-SECRET-KEY-1[0-9A-Z]{40,}",
    ),
    form(
        "JSON Web Token",
        "eyj",
        r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,3}",
    ),
    form(
        "authorization header",
        "authorization bearer",
        r"\bauthorization\\*[\"']?\s*[:=]\s*\\*[\"']?" + _SCHEME + r"([A-Za-z0-9._~+/:=-]{8,})",
        r"\bbearer\s+([A-Za-z0-9._~+/=-]{16,})",
        holds=is_drawn,
        flags=re.IGNORECASE,
    ),
    form(
        "basic authentication",
        "basic",
        r"\bbasic\s+([A-Za-z0-9+/]{8,}={0,2})(?![\w.])",
        holds=is_user_and_password,
        flags=re.IGNORECASE,
    ),
    # Storage, Cosmos DB, Batch: 512 bits. Service Bus, Event Hubs, Relay, IoT, Event Grid: 256 bits, signed.
    form("Azure account key", "==", r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])"),
    form(
        "Azure key",
        "aiot +asb +aeh +arm azeg azfu azse +acr azca jqqj99",
        _KEY + r"[A-Za-z0-9+/]{33}(?:AIoT|\+ASb|\+AEh|\+ARm|AzEG)[A-P][A-Za-z0-9+/]{5}=" + _END,
        _KEY + r"[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==" + _END,
        _KEY + r"[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}" + _END,
        _KEY + r"[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{5}" + _END,
        _KEY + r"[A-Za-z0-9]{33}AzCa[A-P][A-Za-z0-9]{5}=" + _END,
        _KEY + r"[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{18,30}={0,2}" + _END,
    ),
    form("Azure 256-bit key", "=", _KEY + r"[A-Za-z0-9+/]{43}=" + _END, holds=_has_sign),
    form("Entra client secret", "q~", r"(?<![A-Za-z0-9_.~-])[A-Za-z0-9_.~-]{3}\dQ~[A-Za-z0-9_.~-]{30,40}"),
    form("Azure DevOps token", "azdo", r"(?<!\w)\w{76}AZDO\w{4}(?!\w)"),
    form("Databricks token", "dapi dose", _START + r"(?:dapi|dose)[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])"),
    form(
        "GitHub token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        _START + r"gh[pousr]_[A-Za-z0-9]{20,}",
        _START + r"github_pat_\w{20,}",
    ),
    form("GitLab token", "glpat- gldt- glrt- glptt-", _START + r"gl(?:pat|dt|rt|ptt)-[\w-]{18,}"),
    form(
        "AWS key",
        "akia asia aws",
        _START + r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
        r"(?i:aws[\w.-]{0,20}(?:secret|key)[\w.-]{0,20}\s*[=:]\s*[\"']?)([A-Za-z0-9+/]{40})(?![A-Za-z0-9+/=])",
    ),
    form(
        "Google key",
        "aiza ya29. gocspx-",
        _START + r"AIza[\w-]{35}",
        _START + r"ya29\.[\w-]{20,}",
        _START + r"GOCSPX-[\w-]{20,}",
    ),
    form("Slack token", "xox xapp-", _START + r"xox[a-z]-[\w-]{10,}", _START + r"xapp-\d-[\w-]{10,}"),
    form(
        "Stripe key",
        "sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
        _START + r"[sr]k_(?:live|test)_\w{10,}",
        _START + r"whsec_[\w+/=]{16,}",
    ),
    form("SendGrid key", "sg.", _START + r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    form(
        "token of a registry",
        "npm_ pypi- dckr_pat_ rubygems_ oy2",
        _START + r"npm_[A-Za-z0-9]{30,}",
        _START + r"pypi-AgE[\w-]{40,}",
        _START + r"dckr_pat_[\w-]{20,}",
        _START + r"rubygems_[0-9a-f]{40,}",
        _START + r"oy2[a-z0-9]{43}(?!\w)",
    ),
    form(
        "token of a service",
        "sk- hvs. hvb. dop_v1_ nrak- shpat_ lin_api_ pmak- sq0 atatt3 dt0c01. glsa_ key- hf_",
        _START + r"sk-(?:ant-|proj-|svcacct-)?[\w-]{20,}",
        _START + r"hv[sb]\.[\w-]{20,}",
        _START + r"(?:dop_v1_[0-9a-f]{40,}|shpat_[0-9a-fA-F]{32}|key-[0-9a-f]{32})",
        _START + r"(?:NRAK-[A-Z0-9]{20,}|PMAK-[0-9a-f-]{40,}|ATATT3[\w=-]{20,}|sq0(?:atp|csp)-[\w-]{20,})",
        _START + r"(?:lin_api_\w{30,}|glsa_\w{30,}|hf_[A-Za-z0-9]{30,}|dt0c01\.\w{20,}\.\w{40,})",
        holds=is_mixed,
    ),
)
