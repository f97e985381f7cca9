"""From what the configuration says of a channel to the channel, with its secrets read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from loader.azure.one_token import token_for
from loader.azure.settings import AzureSettings
from loader.azure.sign_in import SignIn
from loader.config import Instance, instance_named
from loader.config import notify as said
from loader.config.folders import from_folder
from loader.config.notify_checks import is_plain
from loader.errors import UsageError
from loader.instances import secret_value, settings_of, sign_in
from loader.notify.channels.channel import Channel
from loader.notify.channels.chat import AppriseChannel
from loader.notify.channels.file import FileChannel
from loader.notify.channels.github import GitHubTracker
from loader.notify.channels.issues import IssueChannel
from loader.notify.channels.jira import JiraTracker
from loader.notify.channels.sentinel import SentinelChannel
from loader.notify.channels.splunk import SplunkChannel
from loader.notify.channels.syslog import SyslogChannel
from loader.notify.channels.webhook import WebhookChannel
from loader.notify.planning import Traits
from loader.notify.templates import Templates

_CLASSES: dict[str, Traits] = {
    "apprise": AppriseChannel.traits,
    "webhook": WebhookChannel.traits,
    "jira": IssueChannel.traits,
    "github": IssueChannel.traits,
    "sentinel": SentinelChannel.traits,
    "splunk": SplunkChannel.traits,
    "file": FileChannel.traits,
    "syslog": SyslogChannel.traits,
}


def traits_of(channel: said.Channel) -> Traits:
    """What is known of a channel before it is opened."""
    return _CLASSES[kind_of(channel)]


def kind_of(channel: said.Channel) -> str:
    """apprise, webhook, …"""
    return next(kind for kind in said.KINDS if getattr(channel, kind) is not None)


def open_channel(
    channel: said.Channel, templates: Templates, folder: Path, instances: tuple[Instance, ...] = ()
) -> Channel:
    """The channel. folder: where relative paths of the configuration begin. instances: those it describes.

    Raises UsageError, UnreachableError and NotDeliveredError where a secret is not to be had, or is none.
    """

    opened = _told_by_texts(channel, templates, folder) or _kept_as_records(channel, folder, instances)
    assert opened is not None
    return opened


def _told_by_texts(channel: said.Channel, templates: Templates, folder: Path) -> Channel | None:
    if channel.apprise is not None:
        return AppriseChannel(secret_value(channel.apprise, folder), templates, channel.name)
    if (jira := channel.jira) is not None:
        tracker = JiraTracker(
            jira.url,
            secret_value(jira.token, folder),
            project=jira.project,
            user=jira.user or "",
            issue_type=jira.issue_type,
            labels=tuple(jira.labels),
            done=jira.done,
            again=jira.again,
        )
        return IssueChannel(tracker, templates, channel.name)
    if (github := channel.github) is not None:
        labels = list(github.labels) or ["azgraph"]
        repository = GitHubTracker(github.url, github.repository, secret_value(github.token, folder), labels)
        return IssueChannel(repository, templates, channel.name)
    return None


def _kept_as_records(channel: said.Channel, folder: Path, instances: tuple[Instance, ...]) -> Channel | None:
    if (webhook := channel.webhook) is not None:
        return WebhookChannel(_address(webhook, folder), secret_value(webhook.secret, folder))
    if (splunk := channel.splunk) is not None:
        token = secret_value(splunk.token, folder)
        return SplunkChannel(splunk.url, token, sourcetype=splunk.sourcetype, index=splunk.index)
    if (sentinel := channel.sentinel) is not None:
        return SentinelChannel(sentinel.endpoint, sentinel.rule, sentinel.stream, _token(sentinel, instances))
    if channel.file is not None:
        return FileChannel(from_folder(folder, channel.file.path))
    if (syslog := channel.syslog) is not None:
        authorities = from_folder(folder, syslog.ca_file) if syslog.ca_file else None
        return SyslogChannel(syslog.address, facility=syslog.facility, ca_file=authorities)
    return None


def _address(webhook: said.Webhook, folder: Path) -> str:
    if webhook.url is not None:
        return webhook.url
    assert webhook.url_from is not None
    url = secret_value(webhook.url_from, folder)
    if not url.startswith("https://") and (not url.startswith("http://") or (is_plain(url) and not webhook.plain_http)):
        raise UsageError("The address under url_from must begin with https://.")
    return url


def _token(sentinel: said.Sentinel, instances: tuple[Instance, ...]) -> Callable[[str], str]:
    def token(scope: str) -> str:
        if sentinel.instance is None:
            settings = AzureSettings.from_environment(os.environ)
            return token_for(scope, settings, SignIn.from_environment(os.environ))
        instance = instance_named(sentinel.instance, instances)
        settings = settings_of(instance, os.environ)
        return token_for(scope, settings, sign_in(instance, settings, os.environ))

    return token
