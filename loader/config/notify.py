"""What `azgraph.yaml` says under `notify`: channels, where something is told, and routes, who is told what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from loader.config.hours import parse_digest, parse_hours, parse_zone
from loader.config.parts import Name, Part, Secret, Texts, as_list, written_as
from loader.config.words import SYSLOG

Severity = Literal["critical", "high", "medium", "low", "info"]
Event = Literal["opened", "reopened", "reminded", "raised", "unmuted", "resolved", "closed"]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
KINDS = ("apprise", "webhook", "jira", "github", "sentinel", "splunk", "file", "syslog")
LOOPBACK = r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])"


def _address(written: str) -> str:
    if not re.fullmatch(r"https?://[^/\s?#@]+([/?][^\s#]*)?", written):
        raise ValueError("this is not a web address such as https://alerts.contoso.com/hook, without name and password")
    return written


def _digest(written: str) -> str:
    parse_digest(written)
    return written


def _hours(written: str) -> str:
    parse_hours(written)
    return written


def _zone(written: str) -> str:
    parse_zone(written)
    return written


Address = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_address)]
ChannelName = Annotated[
    str, written_as(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", "a name of letters, digits, dots and dashes")
]


class Webhook(Part):
    """A signed JSON document for each message, by POST."""

    url: Address | None = Field(default=None, description="Where to; one that is itself a secret under `url_from`")
    url_from: Secret | None = Field(default=None, description="Where the address stands that nobody may know")
    secret: Secret = Field(description="What it is signed with (HMAC-SHA256)")
    plain_http: bool = Field(default=False, description="Send without TLS to another machine too")


class Jira(Part):
    """An issue of Jira for each alert, opened and closed with it."""

    url: Address = Field(description="The site, such as https://contoso.atlassian.net")
    project: Annotated[str, written_as(r"[A-Z][A-Z0-9_]{1,19}", "a project's key, such as SEC")] = Field(
        description="The project's key, such as SEC"
    )
    user: Name | None = Field(
        default=None, description="Whose token it is (an address); without it the token is sent as a bearer's"
    )
    token: Secret = Field(description="The API token")
    issue_type: Name = Field(default="Task", description="The type of its issues")
    labels: Texts = Field(default=["azgraph"], description="Labels of its issues")
    done: Name = Field(default="Done", description="The transition, or the status it leads to, that closes an issue")
    again: Name = Field(default="To Do", description="The transition, or the status it leads to, that opens it again")


class GitHub(Part):
    """An issue of a repository for each alert, opened and closed with it."""

    repository: Annotated[str, written_as(r"[\w.-]+/[\w.-]+", "OWNER/NAME")] = Field(description="OWNER/NAME")
    token: Secret = Field(description="A token that may read and write issues")
    url: Address = Field(default="https://api.github.com", description="The API, where it is GitHub Enterprise")
    labels: Texts = Field(default=["azgraph"], description="Labels of its issues; the first tells them apart")


class Sentinel(Part):
    """Records in a table of Log Analytics, which Microsoft Sentinel reads, by the Logs Ingestion API."""

    endpoint: Address = Field(description="The data collection endpoint, or the rule's own logs ingestion endpoint")
    rule: Annotated[str, written_as(r"dcr-[0-9a-f]{32}", "the immutable id of a data collection rule, dcr-…")] = Field(
        description="The data collection rule's immutable id, dcr-…"
    )
    stream: Annotated[str, written_as(r"Custom-\w{1,96}", "the name of a stream, such as Custom-Azgraph_CL")] = Field(
        default="Custom-Azgraph_CL", description="The stream's name"
    )
    instance: Name | None = Field(
        default=None, description="The instance whose sign-in is used; else what the environment offers"
    )


class Splunk(Part):
    """Events for Splunk's HTTP Event Collector."""

    url: Address = Field(description="The collector, such as https://splunk.contoso.com:8088")
    token: Secret = Field(description="The collector's token")
    index: Name | None = Field(default=None, description="The index, where it is not the token's own")
    sourcetype: Name = Field(default="azgraph:alert", description="The source type")
    plain_http: bool = Field(default=False, description="Send without TLS to another machine too")


class FileLines(Part):
    """A JSON document a line, at the end of a file."""

    path: Path = Field(description="The file; a new one is its owner's alone")


class Syslog(Part):
    """Messages of RFC 5424."""

    address: Annotated[str, written_as(*SYSLOG)] = Field(description="udp://, tcp:// or tls://, HOST:PORT")
    facility: Annotated[int, Field(ge=0, le=23)] = Field(default=16, description="The facility; 16 is local0")
    ca_file: Path | None = Field(default=None, description="Authorities that tls:// trusts instead of the machine's")


class Channel(Part):
    """Where something is told. It has a name and exactly one of the kinds."""

    name: ChannelName = Field(description="What routes and `azgraph notify test` call it")
    apprise: Secret | None = Field(
        default=None, description="Mail, Slack, Teams and a hundred more: where its Apprise URL stands"
    )
    webhook: Webhook | None = Field(default=None, description="A signed JSON document by POST")
    jira: Jira | None = Field(default=None, description="Issues of Jira")
    github: GitHub | None = Field(default=None, description="Issues of GitHub")
    sentinel: Sentinel | None = Field(default=None, description="Records for Microsoft Sentinel")
    splunk: Splunk | None = Field(default=None, description="Events for Splunk")
    file: FileLines | None = Field(default=None, description="JSON lines in a file")
    syslog: Syslog | None = Field(default=None, description="Messages of syslog")
    after_crash: Literal["leave", "send_again"] | None = Field(
        default=None,
        description="What becomes of a message of which nobody knows whether it left before a crash; apprise leaves it "
        "(it is listed, and `azgraph notify retry` sends it), the others send it again under the same id",
    )


class Quiet(Part):
    """When nothing is told at once; it waits until then."""

    hours: Annotated[Name, AfterValidator(_hours)] | None = Field(default=None, description="Such as 22:00-07:00")
    days: Annotated[list[Day], BeforeValidator(as_list)] = Field(
        default=[], description="Days that are quiet as a whole, such as saturday"
    )
    unless: Severity | None = Field(default=None, description="What is this bad or worse is told all the same")


class Route(Part):
    """Who is told what, and when. Of all routes that lead an alert to a channel the first one counts."""

    name: ChannelName = Field(description="What `azgraph notify test` and `list` call it")
    channels: Texts = Field(min_length=1, description="Names of channels")
    severity: Severity = Field(default="info", description="Alerts that are at least this bad")
    rules: Texts = Field(default=[], description="Patterns of rules' ids, such as key-vault-*; none for all")
    packs: Texts = Field(default=[], description="Rules of these packs")
    tags: dict[Name, str | None] = Field(
        default={}, description="Tags of the resource: name and value; a name alone (`pager: null`) is any value"
    )
    owners: Texts = Field(default=[], description="Patterns of the alert's owner")
    subscriptions: Texts = Field(default=[], description="Ids or names of subscriptions")
    events: Annotated[list[Event], BeforeValidator(as_list)] = Field(
        default=["opened", "reopened", "reminded", "raised", "unmuted"],
        description="What is told at all; resolved and closed only to whom the opening was told",
    )
    at_once: Annotated[list[Event], BeforeValidator(as_list)] = Field(
        default=["opened", "reopened", "raised", "unmuted"],
        description="What does not wait for the digest; all, where there is none",
    )
    digest: Annotated[Name, AfterValidator(_digest)] | None = Field(
        default=None, description="When the rest is told together: 08:00 each day, or monday 08:00"
    )
    quiet: Quiet | None = Field(default=None, description="When nothing is told at once")
    cap: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=10, description="More alerts of one rule than this become one summary"
    )


class Notify(Part):
    """Telling people of alerts."""

    time_zone: Annotated[Name, AfterValidator(_zone)] = Field(
        default="UTC", description="In which `digest` and `quiet` are meant, such as Europe/Berlin"
    )
    templates: Path | None = Field(default=None, description="A folder of your own templates")
    at_most: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=50, description="More messages for one channel at a time than this become one summary"
    )
    channels: list[Channel] = Field(default=[], description="Where something is told")
    routes: list[Route] = Field(default=[], description="Who is told what; the first that fits a channel counts")
