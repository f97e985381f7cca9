"""What could not be told, kept in files: a line for each message, for its owner alone."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from loader.config import home_dir
from loader.files import private_folder
from loader.notify.channels.file import append
from loader.notify.message import Message


def dead_letter_file(channel: str) -> Path:
    """Where a channel's are."""
    return home_dir() / "notify" / f"{channel}.dead.jsonl"


def keep(channel: str, message: Message, reason: str, now: datetime) -> None:
    """Adds a message. Raises OSError and UsageError where it cannot be written; the graph has it all the same."""
    path = dead_letter_file(channel)
    private_folder(path.parent)
    line = {"at": now.isoformat(), "channel": channel, "reason": reason, "message": message.document.as_json()}
    append(path, json.dumps(line).encode() + b"\n")
