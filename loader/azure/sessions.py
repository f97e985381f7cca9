"""Opening a session: live, from recordings, or from exchanges in memory. Above the wire all run the same code."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from loader.azure.credential import ReplayCredential, credential
from loader.azure.people import WITH_PEOPLE
from loader.azure.session import AzureSession
from loader.azure.settings import CLOUDS, AzureSettings, Cloud
from loader.azure.sign_in import SignIn
from loader.azure.tokens import Tokens
from loader.azure.transport.batching import Batches
from loader.azure.transport.live import LiveSender
from loader.azure.transport.record import Recording, RecordingSender
from loader.azure.transport.replay import ReplaySender, ReplayStore
from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.traffic import Traffic
from loader.azure.transport.wire import Exchange, Sender

# The SDKs warn of every old shape their models cannot read (thousands of lines in a replay) and of each refusal. The
# wire JSON does not pass through those models, and refusals end as outcomes; a level that was set before stands.
if logging.getLogger("azure").level == logging.NOTSET:
    logging.getLogger("azure").setLevel(logging.CRITICAL)


def live(
    settings: AzureSettings | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    sign_in: SignIn | None = None,
    record_to: Recording | None = None,
) -> AzureSession:
    """A session with Azure itself, signed in as the environment says, or `sign_in`. record_to: keeps answers."""
    settings = settings or AzureSettings.from_environment(environment)
    if sign_in is not None:
        settings = replace(settings, by_hand=sign_in.method in WITH_PEOPLE, said=sign_in.said)
    batches = Batches(LiveSender(settings.ca_file))
    sender = _recorded(batches, record_to)
    tokens = Tokens(lambda: credential(settings, environment, sign_in))
    return AzureSession(_traffic(sender, settings, tokens), tokens, settings, batches=batches)


def replay(
    paths: Iterable[Path | str], *, settings: AzureSettings | None = None, record_to: Recording | None = None
) -> AzureSession:
    """A session over HAR files, or folders of them: no network, no credential."""
    return over(ReplayStore.from_paths(paths), settings=settings, record_to=record_to)


def exchanges(
    recorded: Iterable[Exchange], *, settings: AzureSettings | None = None, record_to: Recording | None = None
) -> AzureSession:
    """A session over exchanges in memory: the demo tenant, and tests."""
    return over(ReplayStore(recorded), settings=settings, record_to=record_to)


def over(
    store: ReplayStore, *, settings: AzureSettings | None = None, record_to: Recording | None = None
) -> AzureSession:
    """A session over a store of recorded exchanges. Refusals in it are final: trying again changes nothing."""
    settings = replace(settings or AzureSettings(cloud=_cloud_of(store)), retry=RetryPolicy(tries=1))
    sender = ReplaySender(store)
    return AzureSession(_traffic(_recorded(sender, record_to), settings), ReplayCredential(), settings, sender)


def _cloud_of(store: ReplayStore) -> Cloud:
    """The cloud that was recorded, so that a recording of a sovereign cloud needs no setting to be replayed."""
    hosts = store.hosts()
    return next((one for one in CLOUDS.values() if urlsplit(one.arm).netloc in hosts), CLOUDS["public"])


def _recorded(sender: Sender, recording: Recording | None) -> Sender:
    return sender if recording is None else RecordingSender(sender, recording)


def _traffic(sender: Sender, settings: AzureSettings, signer: Tokens | None = None) -> Traffic:
    return Traffic(
        sender,
        settings.retry,
        in_flight=settings.in_flight,
        per_host=settings.per_host,
        signer=signer,
        processes=settings.processes,
    )
