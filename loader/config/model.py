"""What `azgraph.yaml` can say, as models; their descriptions are what the JSON schema and the documentation tell."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from loader.config.interval import DISABLED, parse_interval
from loader.config.notify import Notify
from loader.config.parts import Count, Days, Folders, Name, Neo4jAddress, Part, Secret, Texts, Url, named, written_as
from loader.config.words import LISTEN, TENANT
from loader.formats import ReportFormat
from loader.spans import span


def _interval(written: str) -> str:
    parse_interval(written)
    return written


def _span(written: str) -> str:
    span(written)
    return written


def _limit(written: str) -> str:
    return written if written.strip().upper() == DISABLED else _span(written)


_Report = Annotated[ReportFormat, WithJsonSchema({"enum": [str(one) for one in ReportFormat], "type": "string"})]
SignIn = Literal[
    "client_secret",
    "certificate",
    "managed_identity",
    "workload_identity",
    "azure_cli",
    "device_code",
    "browser",
    "default",
]


class Certificate(Part):
    """A certificate to sign in with."""

    path: Path = Field(description="A PEM or PKCS #12 file that holds it with its RSA private key")
    password: Secret | None = Field(default=None, description="Where the file's password stands, if it has one")


class Cloud(Part):
    """The cloud, by name or by its endpoints."""

    name: Literal["public", "usgovernment", "china"] | None = Field(
        default=None, description="public unless AZGRAPH_CLOUD or AZURE_AUTHORITY_HOST say otherwise"
    )
    authority: Name | None = Field(default=None, description="The sign-in host, such as login.microsoftonline.us")
    arm: Url | None = Field(
        default=None, description="Azure Resource Manager, such as https://management.usgovcloudapi.net"
    )
    graph: Url | None = Field(default=None, description="Microsoft Graph, such as https://dod-graph.microsoft.us")


class Exclude(Part):
    """Subscriptions that are not loaded. What is stored of them stays."""

    ids: Texts = Field(default=[], description="Their ids")
    names: Texts = Field(default=[], description="Patterns of their names, such as *-sandbox")
    tags: dict[Name, str | None] = Field(
        default={}, description="Tags that they have: name and value; a name alone (`draft: null`) stands for any value"
    )
    management_groups: Texts = Field(
        default=[], description="Management groups (ids) under which they are, at any depth"
    )


class Subscriptions(Part):
    """Which subscriptions are loaded: all that the identity sees, unless something is said."""

    include: Texts = Field(default=[], description="Ids or names; none for all that are visible")
    management_groups: Texts = Field(default=[], description="All under these management groups (ids), at any depth")
    exclude: Exclude = Field(default_factory=Exclude)


class ResourceGroups(Part):
    """Which resource groups are left out, with all that is in them. What is stored of them stays."""

    exclude: Texts = Field(default=[], description="Patterns of their names, such as MC_*")
    provider_managed: Literal["keep", "leave_out"] = Field(
        default="keep",
        description="Those that Azure's services made: kept (`providerManaged` tells them apart), or left out",
    )


class Types(Part):
    """Which entity types are loaded: all, unless something is said. `azgraph model` lists them."""

    only: Texts = Field(default=[], description="Only these, and what they belong to")
    skip: Texts = Field(default=[], description="Not these, nor what belongs to them; what is stored of them stays")


class Instance(Part):
    """One tenant, or a part of one, that is loaded as one account."""

    name: Name = Field(description="The account's name: what `--instance` says, and `tag.AccountName` where it is on")
    description: str = Field(default="", max_length=1000, description="What it is, for people")
    tag_account_name: bool = Field(
        default=False, description="Store the name on each of its entities as `tag.AccountName`"
    )
    interval: Annotated[Name, AfterValidator(_interval)] = Field(
        default="DISABLED",
        description="When `azgraph watch` loads it: DISABLED, 30m to 1w, or a cron line in UTC such as `0 3 * * *`",
    )
    time_limit: Annotated[Name, AfterValidator(_limit)] = Field(
        default="24h",
        description="How long a load may take before it is ended as failed, with nothing deleted: such as 6h or 2d, or "
        "DISABLED for as long as it takes",
    )
    tenant: Annotated[str, written_as(*TENANT)] | None = Field(
        default=None, description="The tenant's id or a domain of it (AZURE_TENANT_ID)"
    )
    client_id: Annotated[str, written_as(*TENANT)] | None = Field(
        default=None, description="The application's (client) id, not its object id (AZURE_CLIENT_ID)"
    )
    sign_in: SignIn = Field(
        default="default", description="How to sign in; `default` takes what the environment and the machine offer"
    )
    secret: Secret | None = Field(default=None, description="The client secret (AZURE_CLIENT_SECRET)")
    certificate: Annotated[Certificate, named("path")] | None = Field(
        default=None, description="The client certificate (AZURE_CLIENT_CERTIFICATE_PATH)"
    )
    token_file: Path | None = Field(default=None, description="The federated token's file (AZURE_FEDERATED_TOKEN_FILE)")
    cloud: Annotated[Cloud, named("name")] = Field(default_factory=Cloud)
    ingest_directory: bool = Field(
        default=True, description="Load the directory (Entra ID) too; on in exactly one instance of a tenant"
    )
    actors: bool = Field(
        default=True, description="Ask Azure's logs who made the changes that a run found, one listing a log"
    )
    inventory: bool = Field(
        default=True,
        description="Read each subscription's list of all resources first, and ask the lists of single types only "
        "where it or the graph knows of something of that type; Resource Graph may stand for lists of many resources",
    )
    freshness: dict[Name, Annotated[str, AfterValidator(_span)]] = Field(
        default={},
        description="How old what is stored of a step may be before it is read again, such as "
        "`{azure_diagnostic_setting: 24h}`; `all` stands for every step that may be older (docs/scale.md)",
    )
    full_read_every: int = Field(
        default=10,
        ge=1,
        description="Users and groups are read whole in one of so many runs, and in the others only what Microsoft "
        "Graph says has changed; 1 for each run (docs/scale.md)",
    )
    subscriptions: Annotated[Subscriptions, named("include")] = Field(default_factory=Subscriptions)
    resource_groups: ResourceGroups = Field(default_factory=ResourceGroups)
    types: Types = Field(default_factory=Types)

    @property
    def longest(self) -> timedelta | None:
        """How long a load may take; None for as long as it takes."""
        return None if self.time_limit.strip().upper() == DISABLED else span(self.time_limit)


class Neo4j(Part):
    """The database; without a uri the local one."""

    uri: Neo4jAddress | None = Field(
        default=None, description="Such as neo4j+s://example.databases.neo4j.io (NEO4J_URI)"
    )
    user: Name | None = Field(default=None, description="Who azgraph is in the database (NEO4J_USER, NEO4J_USERNAME)")
    database: Name | None = Field(default=None, description="The database's name, where the server has several")
    password_file: Path | None = Field(
        default=None, description="A file whose first line is the password; or NEO4J_PASSWORD"
    )


class PackReport(Part):
    """A pack that is run after each run, and where its report goes."""

    pack: Name = Field(description="The pack's id, as `azgraph check --list` tells it")
    format: _Report = Field(default=ReportFormat.HTML, description="What the report is")
    output: str | None = Field(
        default=None,
        description="The file, with {instance}, {date} and {time} filled in; without one only the scores are kept",
    )
    exceptions: Path | None = Field(default=None, description="Accepted findings, as `azgraph check --exceptions`")


class AfterRun(Part):
    """What follows each run of `azgraph watch`."""

    rules: bool = Field(default=True, description="Evaluate the alert rules")
    rule_packs: Texts = Field(
        default=[],
        description="Packs of alert rules, as `azgraph alerts rules` lists them; without any `essentials` and your own",
    )
    rule_exceptions: Path | None = Field(
        default=None, description="Accepted findings of the checks in these, as `azgraph alerts evaluate --exceptions`"
    )
    packs: list[Annotated[PackReport, named("pack")]] = Field(
        default=[], description="Packs to run, with their reports"
    )


class Kept(Part):
    """How long, and how many at most; the stricter of both holds."""

    days: Days | None = Field(default=None, description="For so many days")
    count: Count | None = Field(default=None, description="The newest, so many at most")


class Retention(Part):
    """How long the graph keeps what it remembers; pruned at the end of each run, a batch at a time."""

    runs: Kept = Field(default_factory=Kept, description="Runs; the latest of each tenant always stays")
    changes: Kept = Field(default_factory=lambda: Kept(days=90), description="Changes between runs")
    resolved_alerts: Kept = Field(default_factory=Kept, description="Alerts that are resolved")
    archive: Path | None = Field(
        default=None, description="A folder into which changes are written, as compressed JSON lines, before they go"
    )


class Watch(Part):
    """How `azgraph watch` behaves."""

    listen: Annotated[str, written_as(*LISTEN)] = Field(
        default="127.0.0.1:9464", description="Where /healthz, /readyz and /metrics are served"
    )
    jitter: Annotated[int, Field(ge=0, le=3600)] = Field(
        default=60, description="Seconds by which a start may be late at random, so that not all ask Azure at once"
    )


class Configuration(Part):
    """The whole file. The names with `neo4j_` in them are those of the earlier, flat file."""

    neo4j: Neo4j = Field(default_factory=Neo4j)
    library: Folders = Field(
        default=[], description="Folders of your own queries, checks, packs, rules and overrides (AZGRAPH_LIBRARY)"
    )
    people_file: Path | None = Field(
        default=None, description="Employees, as `azgraph people import` reads them after each sync"
    )
    instances: list[Instance] = Field(
        default=[], description="What is loaded; without any, what AZURE_* variables describe"
    )
    after_run: AfterRun = Field(default_factory=AfterRun)
    retention: Retention = Field(default_factory=Retention)
    watch: Watch = Field(default_factory=Watch)
    notify: Notify = Field(default_factory=Notify)
    neo4j_uri: Neo4jAddress | None = Field(default=None, description="As neo4j.uri")
    neo4j_user: Name | None = Field(default=None, description="As neo4j.user")
    neo4j_database: Name | None = Field(default=None, description="As neo4j.database")
    neo4j_password_file: Path | None = Field(default=None, description="As neo4j.password_file")
    account_name_tag: Name | None = Field(
        default=None, description="Stored on every entity as tag.AccountName; no instances"
    )


def schema() -> dict[str, Any]:
    """The JSON schema for editors. What may be written in short is allowed in short."""
    made = Configuration.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "azgraph.yaml"
    short = {"type": ["string", "array"], "items": {"type": "string"}}
    for part, name, text in (
        ("Instance", "cloud", {"type": "string", "enum": ["public", "usgovernment", "china"]}),
        ("Instance", "subscriptions", short),
        ("Instance", "certificate", {"type": "string"}),
    ):
        properties = made["$defs"][part]["properties"]
        properties[name] = {"anyOf": [properties[name], text]}
    items = made["$defs"]["AfterRun"]["properties"]["packs"]
    items["items"] = {"anyOf": [items["items"], {"type": "string"}]}
    made["properties"]["library"] = {**made["properties"]["library"], "type": ["string", "array"]}
    for definition in made["$defs"].values():
        for one in definition.get("properties", {}).values():
            if one.get("type") == "array" and one["items"].get("type") == "string":
                one["type"] = ["string", "array"]
    return made
