"""Secrets that are known by what stands around them: `name=value`, arguments of commands, parts of addresses."""

from __future__ import annotations

import re

from loader.secrets.form import Form, form, is_no_status, is_quoted_value, is_valued

_KINDS_OF_KEYS = (
    "account|access|shared[_-]?access|shared|api|primary|secondary|master|auth|signing|encryption|private|storage"
    "|function|functions|workspace|instrumentation|subscription|sas|host|admin"
)
# Places in a list, a .NET assembly's signer and what domains publish are tokens, too, and no secrets.
_OPEN_TOKENS = ("publickey", "skip", "continuation", "delta", "page", "next", "sync", "validation", "verification")
_TOKEN = "".join(f"(?<!{kind})" for kind in _OPEN_TOKENS)
_WORD = (
    r"(?:pass(?:word|wort|wd|phrase)|kennwort|pwd|credentials?|connection[_-]?string|client[_-]?assertion"
    r"|sharedaccesssignature"
    r"|(?:client|app|shared|consumer|storage|signing|webhook)?[_-]?secret(?:[_-]?(?:access[_-]?)?key|[_-]?value)?"
    rf"|(?:{_KINDS_OF_KEYS})[_ -]?key|{_TOKEN}token|(?:(?<![a-z])|db|sa|pg|sql|user|root|admin|postgres)pass(?![a-z])"
    r"|(?<=_)(?:auth|pat|cred)(?![a-z])|(?:(?<![a-z])|(?<=_))(?:pw|psk)(?![a-z]))"
)
_SIGNS = "pass pwd pw psk secret key token connection assertion signature credential _auth _pat _cred kennwort"
# Parameters of addresses that are secrets: signatures, codes of a sign-in, keys of functions and of APIs.
_PARAMETER = (
    r"(?:sig|signature|code|token|[a-z_]*_token|client_secret|client_assertion|assertion|password|passwd|pwd|secret|sas"
    r"|jwt|auth|authorization|device_code|samlresponse|ticket|session_?id|api[_-]?key|subscription-key"
    r"|x-functions-key|access_?key|key)"
)
# An address that is a parameter of another one is escaped, and twice where that one is a parameter itself; in JSON and
# in HTML in other ways.
_ESCAPED = r"%(?:25)*"
_BEFORE = rf"(?:[?&#](?:amp;)?|\\u00(?:3f|26|23)|{_ESCAPED}(?:3f|26|23))"
_EQUALS = rf"(?:=|\\u003d|{_ESCAPED}3d)"
# A value in quotes, which may stand in a text that is itself quoted (\"…\"); one in braces; one of a connection
# string, which ends at the semicolon; any other, which ends at a blank.
_QUOTED = r"\\*\"([^\"]*[^\"\\])|\\*'([^']*[^'\\])|&quot;((?:(?!&quot;)[^<>\r\n])+)&quot;"
_BARE = r"([^;\"'\s&,<>()\[\]{}=\\][^;\"'\r\n]{0,256}(?=;)|(?:[^;\"'\s&<>\\]|&(?![\w.-]{1,64}=|quot;)){2,})"
# What follows a name and a colon, and is no name that a colon follows itself.
_SAID = r"(?!\S{0,200}:\s)([^\s\"',;<>()]{6,})"
_PROGRAMS = "sshpass|mysql|mysqldump|psql|login|redis-cli|sqlcmd|7z|zip"

PHRASES: tuple[Form, ...] = (
    form(
        "webhook address",
        r"https://hooks\.slack\.com/(?:services|workflows|triggers)/([\w./-]{8,})",
        r"https://[\w.-]+/webhook(?:b2)?/([\w@./-]{8,})",
        r"https://(?:[\w-]+\.)?discord(?:app)?\.com/api/webhooks/([\w./-]{8,})",
        r"https://events\.(?:eu\.)?pagerduty\.com/integration/([\w./-]{8,})",
        r"https://maker\.ifttt\.com/trigger/\w+/(?:json/)?with/key/([\w-]{8,})",
        words="hooks.slack.com webhook pagerduty.com maker.ifttt.com",
        flags=re.IGNORECASE,
    ),
    form(
        "password in an address",
        # Where the token is the user's name, what stands for the password says so. A port is none.
        r"://([^\s/?#:@\"'<>]{8,256}):(?:x|x-oauth-basic|x-token-auth)?@(?=[\w\[$%{.-])",
        r"://[^\s/?#:@\"'<>]{0,256}:(?!\d{1,5}[/?#;,])((?:[^\s/?#@\"'<>]|[/?#@](?=[^\s/\"'<>]{0,64}@)){1,256})@(?=[\w\[$%{.-])",
        signs="://",
        also=("@",),
    ),
    form(
        "signature of a shared access",
        r"(?:[?&;]|\b|u0026)sig(?:=|\\u003d)([A-Za-z0-9%+/=_-]{6,})",
        signs="sig= sig\\u003d",
        flags=re.IGNORECASE,
    ),
    form(
        "parameter of an address",
        rf"{_BEFORE}{_PARAMETER}{_EQUALS}((?:[^\s&\"'<>#;,)\\%]|%(?!(?:25)*26))+)",
        signs="=",
        words="%3d 253d u003d",
        holds=is_no_status,
        flags=re.IGNORECASE,
        also=("?", "&", "#", "%3f", "%26", "%23", "253f", "2526", "2523", "u003f", "u0026", "u0023"),
    ),
    form(
        "secure string of PowerShell",
        r"\bConvertTo-SecureString[^\S\n]+(?:-(?:String|AsPlainText|Force)[^\S\n]+)*"
        rf"(?:{_QUOTED}|(?![-$(\"'])([^\s;\"')]+))",
        signs="convertto-securestring",
        holds=is_valued,
        flags=re.IGNORECASE,
    ),
    form(
        "named value",
        rf"{_WORD}\d?\\*[\"']?\s*(?:=|%3D|\\+u003d)\s*(?!=)(?:{_QUOTED}|\{{([^{{}}]+)\}}|{_BARE})",
        signs=_SIGNS,
        holds=is_valued,
        flags=re.IGNORECASE,
        also=("=", "%3d", "u003d"),
    ),
    # JSON within a text; also of pairs of a name and a value.
    form(
        "named value",
        rf"{_WORD}\d?\\*[\"']\s*:\s*(?:{_QUOTED})",
        rf"[\"'](?:name|key)\\*[\"']\s*:\s*\\*[\"'][\w.:-]{{0,100}}?{_WORD}\d?\\*[\"']\s*,\s*"
        rf"\\*[\"']value\\*[\"']\s*:\s*(?:{_QUOTED})",
        signs=_SIGNS,
        holds=is_valued,
        flags=re.IGNORECASE,
        also=(":",),
    ),
    form(
        "named value",
        rf"{_WORD}\d?\s*:\s*(?:{_QUOTED})",
        rf"{_WORD}\d?\s*:\s+{_SAID}",
        rf"(?<![\w/.:-])(?:\w{{0,64}}_)?{_WORD}\d?:{_SAID}",
        signs=_SIGNS,
        holds=is_quoted_value,
        flags=re.IGNORECASE,
        also=(":",),
    ),
    form(
        "argument of a command",
        rf"(?:^|[\s\"'\[,])(?:--?|/(?=[\w-]+:))[a-z-]*?{_WORD}"
        r"\\*(?:[\"']?,\s*\\*[\"']|[ \t]+|[=:])\\*[\"']?([^\s\"'\\-][^\s\"'\\]+)",
        r"(?:^|\s)(?:-u|--user)[ =][\"']?[^\s:\"'/]+:([^\s\"'/][^\s\"']+)",
        rf"\b(?:{_PROGRAMS})\b[^\n|;&]{{0,120}}?\s-[pPa]\s*[\"']?([^\s\"'-][^\s\"']+)",
        signs=f"{_SIGNS} -u --user -p -a",
        # Its hyphen; or a colon after a word and before no address, as in `/password:…`. Each is looked for by its one
        # character first.
        parts=(r"-(?<![A-Za-z0-9]-)", r":(?:(?<=[A-Za-z]:)|(?<=[A-Za-z]\d:))(?!//)"),
        holds=is_valued,
        flags=re.IGNORECASE,
        also=("-", "/"),
    ),
)
