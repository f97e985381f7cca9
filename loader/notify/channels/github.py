"""Issues of GitHub. https://docs.github.com/rest/issues/issues and https://docs.github.com/rest/issues/comments:
`GET|POST /repos/{owner}/{repo}/issues`, `PATCH …/issues/{number}` with `state` and `state_reason`, `…/comments`.

The mark is a comment of HTML at the end of the text. Issues are looked for by listing those with our label: the search
index lags behind, the list does not.
"""

from __future__ import annotations

import re
from typing import Any

from loader.notify.channels.channel import NotDeliveredError
from loader.notify.channels.http import Http

_PAGES, _PER_PAGE = 100, 100
_MARK = re.compile(r"<!-- azgraph:([0-9a-f]{32}) -->")
# GitHub takes 65,536.
_LONGEST = 60_000


class GitHubTracker:
    """The issues of a repository. labels: the first tells ours from others'."""

    form = "markdown"

    def __init__(self, url: str, repository: str, token: str, labels: list[str]) -> None:
        self._http = Http(
            url,
            {
                "Authorization": f"Bearer {token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            secrets=(token,),
        )
        self._issues, self._labels = f"/repos/{repository}/issues", labels
        self._states: dict[str, str] = {}
        self._by_mark: dict[str, str] | None = None

    def find(self, mark: str) -> str | None:
        """The issue with the mark; all of ours are listed the first time."""
        if self._by_mark is None:
            self._by_mark = self._all()
        return self._by_mark.get(mark)

    def create(self, title: str, body: str, mark: str) -> str:
        """Makes an issue. Never tried twice without looking."""
        told = {"title": title, "body": _marked(body, mark), "labels": self._labels}
        number = str(self._object(self._http.ask("POST", self._issues, json=told, twice=False).json())["number"])
        self._states[number] = "open"
        if self._by_mark is not None:
            self._by_mark[mark] = number
        return number

    def comment(self, issue: str, body: str, mark: str, *, look: bool) -> None:
        """Adds a comment."""
        if look and mark in self._comments(issue):
            return
        self._http.ask("POST", f"{self._issues}/{issue}/comments", json={"body": _marked(body, mark)}, twice=False)

    def close(self, issue: str) -> None:
        """Closes it as completed; one that somebody has closed stays as it is."""
        if self._state(issue) == "open":
            self._set(issue, {"state": "closed", "state_reason": "completed"})

    def reopen(self, issue: str) -> None:
        """Opens it again."""
        if self._state(issue) != "open":
            self._set(issue, {"state": "open", "state_reason": "reopened"})

    def _set(self, issue: str, state: dict[str, str]) -> None:
        self._http.ask("PATCH", f"{self._issues}/{issue}", json=state)
        self._states[issue] = state["state"]

    def _state(self, issue: str) -> str:
        if issue not in self._states:
            found = self._object(self._http.ask("GET", f"{self._issues}/{issue}").json())
            self._states[issue] = str(found.get("state"))
        return self._states[issue]

    def _all(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for page in range(1, _PAGES + 1):
            query = {"labels": self._labels[0], "state": "all", "per_page": _PER_PAGE, "page": page, "direction": "asc"}
            listed = self._http.ask("GET", self._issues, params=query).json()
            for one in listed:
                for mark in _MARK.findall(str(one.get("body") or ""))[-1:]:
                    found.setdefault(mark, str(one["number"]))
                    self._states[str(one["number"])] = str(one.get("state"))
            if len(listed) < _PER_PAGE:
                return found
        # With a part of the list one cannot tell that an issue is not there.
        raise NotDeliveredError(f"there are more than {_PAGES * _PER_PAGE:,} issues with the label {self._labels[0]!r}")

    def _comments(self, issue: str) -> set[str]:
        marks: set[str] = set()
        for page in range(1, _PAGES + 1):
            query = {"per_page": _PER_PAGE, "page": page}
            listed = self._http.ask("GET", f"{self._issues}/{issue}/comments", params=query).json()
            marks |= {mark for one in listed for mark in _MARK.findall(str(one.get("body") or ""))}
            if len(listed) < _PER_PAGE:
                break
        return marks

    def _object(self, answer: Any) -> dict[str, Any]:
        if not isinstance(answer, dict):
            raise NotDeliveredError("the answer is not one of GitHub's; is the address right?")
        return answer


def _marked(body: str, mark: str) -> str:
    return f"{body[:_LONGEST]}\n\n<!-- azgraph:{mark} -->"
