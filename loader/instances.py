"""From a configured instance to what a run needs of it: how to sign in, where Azure is, what is left out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from loader.azure import sessions
from loader.azure.configured_secret import read_secret
from loader.azure.session import AzureSession
from loader.azure.settings import CLOUDS, AzureSettings, Cloud
from loader.azure.sign_in import Method, SignIn
from loader.azure.transport.record import Recording
from loader.config import Instance, Known, Written, instance_named, instances, settings, written
from loader.config.folders import from_folder
from loader.config.model import AfterRun
from loader.config.parts import Secret
from loader.config.secret_values import from_file, from_variable
from loader.config.settings import ONLY, folder_of
from loader.files import shipped
from loader.graph.retention import Kept, Retention
from loader.guids import is_guid_alone
from loader.services import entity_types
from loader.services.refreshable import refreshable
from loader.spans import span
from loader.sync.standing import Standing
from loader.yaml_reader import yaml_files


@dataclass(frozen=True, slots=True)
class Chosen:
    """One instance of the configuration among the others. described: the configuration describes any at all; otherwise
    the environment does, as without configuration.
    """

    instance: Instance
    others: tuple[Instance, ...]
    described: bool
    retention: Retention
    after_run: AfterRun = field(default_factory=AfterRun)

    def session(self, record_to: Recording | None = None, *, processes: int = 1) -> AzureSession:
        """A live session with its Azure; its secrets are read now. processes: how many draw on the tenant's buckets.

        Raises UsageError, UnreachableError where a secret is not to be had.
        """
        if not self.described:
            settings = replace(AzureSettings.from_environment(), processes=processes)
            return sessions.live(settings, record_to=record_to)
        settings = replace(settings_of(self.instance, os.environ), processes=processes)
        return sessions.live(settings, sign_in=sign_in(self.instance, settings, os.environ), record_to=record_to)

    @property
    def standing(self) -> Standing:
        """What it leaves out of its runs."""
        return standing(self.instance, self.others) if self.described else Standing(time_limit=self.instance.longest)

    @property
    def account_name(self) -> str | None:
        """What is stored on its entities as tag.AccountName; None where nothing is."""
        if self.described:
            return self.instance.name if self.instance.tag_account_name else None
        return settings().account_name_tag


def chosen(name: str | None) -> Chosen:
    """The instance of a name; without one the only one. Raises UsageError for each mistake of the configuration."""
    found = written(Known(types=entity_types(), refreshable=refreshable()))
    listed = instances(found)
    described = bool(found.configuration.instances)
    after = found.configuration.after_run
    return Chosen(instance_named(name, listed, described=described), listed, described, retention(found), after)


def unconfigured() -> Chosen:
    """No instance of the configuration, with what it says of the graph all the same."""
    found = written()
    return Chosen(Instance(name=ONLY), (), described=False, retention=retention(found))


def retention(found: Written) -> Retention:
    """How long the graph remembers."""
    said = found.configuration.retention
    return Retention(
        changes=Kept(said.changes.days, said.changes.count),
        runs=Kept(said.runs.days, said.runs.count),
        resolved_alerts=Kept(said.resolved_alerts.days, said.resolved_alerts.count),
        archive=None if said.archive is None else from_folder(folder_of(found), said.archive),
    )


def read_through() -> Written:
    """The configuration, looked at in all that can be known without Azure: names of types and packs, and its secrets.

    Raises UsageError with all mistakes, a secret that is not to be had among them.
    """
    packs = [path.stem for path in yaml_files(shipped("queries") / "packs")]
    rule_packs = ["all", *(path.stem for path in yaml_files(shipped("alertrules") / "packs"))]
    found = written(Known(entity_types(), packs, rule_packs, refreshable(), secrets=True))
    instances(found)
    return found


def secret_value(secret: Secret, folder: Path | None = None) -> str:
    """A secret that the configuration names. folder: where relative paths of it begin.

    Raises UsageError and UnreachableError where it is not to be had.
    """
    if secret.file is not None and folder is not None:
        secret = secret.model_copy(update={"file": from_folder(folder, secret.file)})
    return _value(secret, AzureSettings.from_environment(os.environ), os.environ)


def sign_in(instance: Instance, settings: AzureSettings, variables: Mapping[str, str]) -> SignIn:
    """How the instance signs in: what it says, and what it leaves open from the `AZURE_*` variables."""
    method = Method(instance.sign_in)
    if method is Method.DEFAULT:
        method = _told_by(instance, variables)
    path = instance.certificate.path.expanduser() if instance.certificate else None
    return SignIn(
        method=method,
        tenant=instance.tenant,
        client_id=instance.client_id,
        secret=_secret(instance, settings, variables) if method is Method.CLIENT_SECRET else None,
        certificate=str(path) if path else variables.get("AZURE_CLIENT_CERTIFICATE_PATH") or None,
        certificate_password=_password(instance, settings, variables) if method is Method.CERTIFICATE else None,
        token_file=str(instance.token_file) if instance.token_file else variables.get("AZURE_FEDERATED_TOKEN_FILE"),
        configured=instance.name,
        said=_said(instance),
    )


def _said(instance: Instance) -> dict[str, str]:
    """Where the instance says what a variable would, for sentences."""
    of = f"of instance {instance.name!r}"
    said: dict[str, str] = {}
    if instance.certificate is not None:
        said["AZURE_CLIENT_CERTIFICATE_PATH"] = f"`certificate` {of}"
    if instance.secret is not None:
        place = instance.secret.env or instance.secret.file or instance.secret.key_vault
        said["AZURE_CLIENT_SECRET"] = f"{place}, which is `secret` {of}"
    if instance.client_id is not None:
        said["AZURE_CLIENT_ID"] = f"`client_id` {of}"
    if instance.tenant is not None:
        said["AZURE_TENANT_ID"] = f"`tenant` {of}"
    return said


def _told_by(instance: Instance, variables: Mapping[str, str]) -> Method:
    """The way to sign in of an instance that names none: what it brings, then what the environment brings."""
    if instance.secret is not None:
        return Method.CLIENT_SECRET
    if instance.certificate is not None:
        return Method.CERTIFICATE
    if variables.get("AZURE_CLIENT_SECRET") and instance.client_id:
        return Method.CLIENT_SECRET
    if variables.get("AZURE_CLIENT_CERTIFICATE_PATH") and instance.client_id:
        return Method.CERTIFICATE
    return Method.DEFAULT


def _secret(instance: Instance, settings: AzureSettings, variables: Mapping[str, str]) -> str | None:
    if instance.secret is None:
        return variables.get("AZURE_CLIENT_SECRET") or None
    return _value(instance.secret, settings, variables)


def _password(instance: Instance, settings: AzureSettings, variables: Mapping[str, str]) -> str | None:
    if instance.certificate is not None and instance.certificate.password is not None:
        return _value(instance.certificate.password, settings, variables)
    return variables.get("AZURE_CLIENT_CERTIFICATE_PASSWORD") or None


def _value(secret: Secret, settings: AzureSettings, variables: Mapping[str, str]) -> str:
    if secret.env is not None:
        return from_variable(secret.env, variables)
    if secret.file is not None:
        return from_file(secret.file)
    # Who may read it is this machine, not the application whose secret it is.
    machine = SignIn.from_environment(variables)
    return asyncio.run(read_secret(str(secret.key_vault), settings, machine))


def settings_of(instance: Instance, variables: Mapping[str, str]) -> AzureSettings:
    """Where the instance's Azure is."""
    said = instance.cloud
    found = AzureSettings.from_environment(variables)
    # A cloud that the file names is whole: a sign-in host in the environment may be another instance's.
    base = CLOUDS[said.name] if said.name is not None else found.cloud
    own = Cloud(
        (said.authority or base.authority).removeprefix("https://").strip("/").lower(),
        (said.arm or base.arm).rstrip("/"),
        (said.graph or base.graph).rstrip("/"),
    )
    return replace(found, cloud=own)


def standing(instance: Instance, others: tuple[Instance, ...] = ()) -> Standing:
    """What the instance leaves out of its runs. others: all instances of the configuration."""
    wanted, excluded = instance.subscriptions, instance.subscriptions.exclude
    include = tuple(name for name in wanted.include if name.lower() != "all")
    tenant = (instance.tenant or "").lower()
    return Standing(
        instance=instance.name,
        tenant=tenant if is_guid_alone(tenant) else None,
        include=include,
        under=tuple(wanted.management_groups),
        exclude_ids=tuple(excluded.ids),
        exclude_names=tuple(excluded.names),
        exclude_tags=excluded.tags,
        exclude_under=tuple(excluded.management_groups),
        only_types=tuple(instance.types.only),
        skip_types=tuple(instance.types.skip),
        resource_groups=tuple(instance.resource_groups.exclude),
        without_provider_managed=instance.resource_groups.provider_managed == "leave_out",
        directory=instance.ingest_directory,
        actors=instance.actors,
        inventory=instance.inventory,
        full_read_every=instance.full_read_every,
        time_limit=instance.longest,
        freshness={step: span(text) for step, text in instance.freshness.items()},
        shares_tenant=sum((one.tenant or "").lower() == tenant for one in others) > 1,
    )
