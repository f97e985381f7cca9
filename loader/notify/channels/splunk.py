"""Events for Splunk's HTTP Event Collector: one JSON object after the other, with the token in a header.

https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector: `POST
/services/collector/event`, `Authorization: Splunk TOKEN`, objects with `time`, `source`, `sourcetype`, `index` and
`event`, batched without commas. It knows no ids, so what is sent again after a crash is there twice (`| dedup id`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from loader.notify.channels.http import Http
from loader.notify.channels.sizes import by_size
from loader.notify.message import Message
from loader.notify.planning import Traits

# A collector takes a megabyte where nobody has set it otherwise.
_LARGEST = 900_000


class SplunkChannel:
    """Sends documents as events."""

    traits = Traits(people=False, at_a_time=200)

    def __init__(self, url: str, token: str, *, sourcetype: str, index: str | None = None) -> None:
        self._more = {"source": "azgraph", "sourcetype": sourcetype, **({"index": index} if index else {})}
        self._http = Http(url, {"Authorization": f"Splunk {token}"}, secrets=(token,))

    def send(self, messages: Sequence[Message]) -> list[str]:
        """Posts all of them, in as many requests as their size needs."""
        events = [
            json.dumps({"time": one.document.at.timestamp(), **self._more, "event": one.document.as_json()}).encode()
            for one in messages
        ]
        for part in by_size(events, _LARGEST):
            headers = {"Content-Type": "application/json"}
            self._http.ask("POST", "/services/collector/event", content=b"\n".join(part), headers=headers)
        return [""] * len(messages)
