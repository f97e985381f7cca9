"""Formats of keys and tokens that are known wherever they stand.

They are their makers' own: Azure's identifiable keys have a signature at a fixed place, those of GitHub, Slack, Stripe
and others begin with a prefix. Where a format alone is no proof, `holds` says what else is.
"""

from __future__ import annotations

import re

from loader.secrets.form import Form, form, is_mixed, is_sign_in, is_user_and_password

_START = r"(?<![A-Za-z0-9])"
_KEY = r"(?<![A-Za-z0-9+/_-])"  # before a key without a prefix
_END = r"(?![A-Za-z0-9+/=_-])"
_SCHEME = r"(?:(?:basic|bearer|negotiate|digest|token|apikey|sharedkey|sharedkeylite)\s+)?"


def _has_sign(key: str) -> bool:
    """A key in base64 has a + or a / as good as always; a word of 43 letters has none."""
    return "+" in key or "/" in key


_OLD_DEVOPS = r"(?<![A-Za-z0-9])[a-z2-7]{52}"


def _is_of_many(key: str) -> bool:
    """What is drawn at random of 32 letters and digits has more than half of them; a word or a pattern has few."""
    return len(set(key)) > 16 and sum(letter.isdigit() for letter in key) > 2


TOKENS: tuple[Form, ...] = (
    form(
        "private key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)"
        r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
        r"PuTTY-User-Key-File-\d(?s:.*)\Z",
        r"AGE-SECRET-KEY-1[0-9A-Z]{40,}",
        words="-----begin putty-user-key age-secret",
    ),
    form(
        "JSON Web Token",
        r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,3}",
        begins="eyJ",
    ),
    form(
        "authorization header",
        r"\bauthorization\\*[\"']?\s*[:=]\s*\\*[\"']?" + _SCHEME + r"([A-Za-z0-9._~+/:=-]{8,})",
        r"\bbearer\s+([A-Za-z0-9._~+/=-]{16,})",
        signs="bearer authorization",
        # Not the word alone, which is in the id of each role.
        words="authorization: authorization\\",
        holds=is_sign_in,
        flags=re.IGNORECASE,
    ),
    form(
        "basic authentication",
        r"\bbasic\s+([A-Za-z0-9+/]{8,}={0,2})(?![\w.])",
        signs="basic",
        holds=is_user_and_password,
        flags=re.IGNORECASE,
    ),
    # Storage, Cosmos DB, Batch: 512 bits. Service Bus, Event Hubs, Relay, IoT, Event Grid: 256 bits, signed.
    form(
        "Azure account key",
        r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])",
        signs="==",
    ),
    form(
        "Azure key",
        _KEY + r"[A-Za-z0-9+/]{33}(?:AIoT|\+ASb|\+AEh|\+ARm|AzEG)[A-P][A-Za-z0-9+/]{5}=" + _END,
        _KEY + r"[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==" + _END,
        _KEY + r"[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}" + _END,
        _KEY + r"[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{5}" + _END,
        _KEY + r"[A-Za-z0-9]{33}AzCa[A-P][A-Za-z0-9]{5}=" + _END,
        _KEY + r"[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{18,30}={0,2}" + _END,
        words="aiot +asb +aeh +arm azeg azfu azse +acr azca jqqj99",
    ),
    form("Azure 256-bit key", _KEY + r"[A-Za-z0-9+/]{43}=" + _END, signs="=", holds=_has_sign),
    form(
        "Entra client secret",
        r"(?<![A-Za-z0-9_.~-])[A-Za-z0-9_.~-]{3}\dQ~[A-Za-z0-9_.~-]{30,40}",
        signs="q~",
    ),
    form(
        "Azure DevOps token",
        r"(?<!\w)\w{76}AZDO\w{4}(?!\w)",
        words="azdo",
    ),
    # Those made before 2024 have 52 digits of base 32, of which digits are as good as always some:
    # https://learn.microsoft.com/purview/sit-defn-azure-devops-personal-access-token
    form(
        "Azure DevOps token",
        _OLD_DEVOPS + r"(?![A-Za-z0-9])",
        signs="2 3 4 5 6 7",
        parts=(_OLD_DEVOPS,),
        least=52,
        holds=_is_of_many,
    ),
    form(
        "Databricks token",
        _START + r"(?:dapi|dose)[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])",
        begins="dapi dose",
    ),
    form(
        "GitHub token",
        _START + r"gh[pousr]_[A-Za-z0-9]{20,}",
        _START + r"github_pat_\w{20,}",
        begins="ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
    ),
    form(
        "GitLab token",
        _START + r"gl(?:pat|dt|rt|ptt)-[\w-]{18,}",
        begins="glpat- gldt- glrt- glptt-",
    ),
    form(
        "AWS key",
        _START + r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
        r"(?i:aws[\w.-]{0,20}(?:secret|key)[\w.-]{0,20}\s*[=:]\s*[\"']?)([A-Za-z0-9+/]{40})(?![A-Za-z0-9+/=])",
        words="aws",
        begins="AKIA ASIA",
    ),
    form(
        "Google key",
        _START + r"AIza[\w-]{35}",
        _START + r"ya29\.[\w-]{20,}",
        _START + r"GOCSPX-[\w-]{20,}",
        begins="AIza ya29. GOCSPX-",
    ),
    form(
        "Slack token",
        _START + r"xox[a-z]-[\w-]{10,}",
        _START + r"xapp-\d-[\w-]{10,}",
        begins="xox xapp-",
    ),
    form(
        "Stripe key",
        _START + r"[sr]k_(?:live|test)_\w{10,}",
        _START + r"whsec_[\w+/=]{16,}",
        begins="sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
    ),
    form(
        "SendGrid key",
        _START + r"SG\.[\w-]{16,}\.[\w-]{16,}",
        begins="SG.",
    ),
    form(
        "token of a registry",
        _START + r"npm_[A-Za-z0-9]{30,}",
        _START + r"pypi-AgE[\w-]{40,}",
        _START + r"dckr_pat_[\w-]{20,}",
        _START + r"rubygems_[0-9a-f]{40,}",
        _START + r"oy2[a-z0-9]{43}(?!\w)",
        begins="npm_ pypi- dckr_pat_ rubygems_ oy2",
    ),
    form(
        "token of a service",
        _START + r"sk-(?:ant-|proj-|svcacct-)?[\w-]{20,}",
        _START + r"hv[sb]\.[\w-]{20,}",
        _START + r"(?:dop_v1_[0-9a-f]{40,}|shpat_[0-9a-fA-F]{32}|key-[0-9a-f]{32})",
        _START + r"(?:NRAK-[A-Z0-9]{20,}|PMAK-[0-9a-f-]{40,}|ATATT3[\w=-]{20,}|sq0(?:atp|csp)-[\w-]{20,})",
        _START + r"(?:lin_api_\w{30,}|glsa_\w{30,}|hf_[A-Za-z0-9]{30,}|dt0c01\.\w{20,}\.\w{40,})",
        begins="sk- hvs. hvb. dop_v1_ NRAK- shpat_ lin_api_ PMAK- sq0 ATATT3 dt0c01. glsa_ key- hf_",
        holds=is_mixed,
    ),
)
