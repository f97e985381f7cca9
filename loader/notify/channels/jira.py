"""Issues of Jira Cloud. https://developer.atlassian.com/cloud/jira/platform/rest/v3/: `POST /rest/api/3/search/jql`
(api-group-issue-search), `POST /rest/api/3/issue`, `GET|POST …/issue/{key}/transitions` (api-group-issues) and
`GET|POST …/issue/{key}/comment` (api-group-issue-comments).

The mark is a label. Texts are documents of Atlassian's format, in which a name is text and nothing else. The search may
lag some seconds behind; what failed is not tried again before a minute is over.
"""

from __future__ import annotations

import base64
from typing import Any

from loader.notify.channels.channel import NotDeliveredError
from loader.notify.channels.http import Http

_LONGEST_SUMMARY = 250
# Jira takes 32,767 letters.
_LONGEST = 30_000


class JiraTracker:
    """The issues of a project. user: whose token it is; empty for a bearer's."""

    form = "text"

    def __init__(
        self,
        url: str,
        token: str,
        *,
        project: str,
        user: str = "",
        issue_type: str = "Task",
        labels: tuple[str, ...] = (),
        done: str = "Done",
        again: str = "To Do",
    ) -> None:
        basic = base64.b64encode(f"{user}:{token}".encode()).decode()
        header = f"Basic {basic}" if user else f"Bearer {token}"
        self._http = Http(url, {"Authorization": header}, secrets=(token, basic))
        self._project, self._type, self._labels = project, issue_type, labels
        self._done, self._again = done, again

    def find(self, mark: str) -> str | None:
        """The issue with the mark as its label."""
        told = {
            "jql": f'project = "{self._project}" AND labels = "azgraph-{mark}" ORDER BY created ASC',
            "fields": ["status"],
            "maxResults": 1,
        }
        found = self._http.ask("POST", "/rest/api/3/search/jql", json=told).json().get("issues") or []
        return str(found[0]["key"]) if found else None

    def create(self, title: str, body: str, mark: str) -> str:
        """Makes an issue. Never tried twice without looking."""
        fields = {
            "project": {"key": self._project},
            "issuetype": {"name": self._type},
            "summary": title[:_LONGEST_SUMMARY],
            "description": as_document(body),
            "labels": [*(one.replace(" ", "-") for one in self._labels), f"azgraph-{mark}"],
        }
        return str(self._http.ask("POST", "/rest/api/3/issue", json={"fields": fields}, twice=False).json()["key"])

    def comment(self, issue: str, body: str, mark: str, *, look: bool) -> None:
        """Adds a comment, of which the last line names the message."""
        path, sign = f"/rest/api/3/issue/{issue}/comment", f"Message {mark}"
        if look:
            listed = self._http.ask("GET", path, params={"orderBy": "-created", "maxResults": 100}).json()
            if any(sign in _texts_of(one.get("body")) for one in listed.get("comments") or ()):
                return
        told = f"{body[: _LONGEST - len(sign) - 1]}\n{sign}"
        self._http.ask("POST", path, json={"body": as_document(told)}, twice=False)

    def close(self, issue: str) -> None:
        """Takes the transition that closes it; one that somebody has closed stays as it is."""
        if not self._is_done(issue):
            self._take(issue, self._done)

    def reopen(self, issue: str) -> None:
        """Takes the transition that opens it again."""
        if self._is_done(issue):
            self._take(issue, self._again)

    def _is_done(self, issue: str) -> bool:
        found = self._http.ask("GET", f"/rest/api/3/issue/{issue}", params={"fields": "status"}).json()
        return bool(found["fields"]["status"]["statusCategory"]["key"] == "done")

    def _take(self, issue: str, wanted: str) -> None:
        path = f"/rest/api/3/issue/{issue}/transitions"
        listed = self._http.ask("GET", path).json().get("transitions") or []
        for one in listed:
            if wanted.casefold() in (str(one["name"]).casefold(), str(one["to"]["name"]).casefold()):
                # From where it leads there is no such transition: done once more it is refused for good.
                self._http.ask("POST", path, json={"transition": {"id": one["id"]}}, twice=False)
                return
        names = ", ".join(str(one["name"]) for one in listed)
        raise NotDeliveredError(
            f"{issue} has no transition {wanted!r} from where it stands; there are {names or 'none'}. Name "
            "it as `done` or `again` of the channel",
            down=False,
        )


def as_document(text: str) -> dict[str, Any]:
    """A text as a document of Atlassian's format: a paragraph for each line."""
    lines = [line for line in text[:_LONGEST].splitlines() if line.strip()] or ["-"]
    content = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]
    return {"type": "doc", "version": 1, "content": content}


def _texts_of(node: Any) -> str:
    if isinstance(node, str):
        return node
    if not isinstance(node, dict):
        return ""
    own = str(node.get("text") or "")
    return own + "\n".join(_texts_of(one) for one in node.get("content") or ())
