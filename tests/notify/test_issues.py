"""Issues of GitHub and Jira, played in wire format: made once, commented once, closed with their alert."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from loader.notify.channels.channel import NotDeliveredError
from loader.notify.channels.github import GitHubTracker
from loader.notify.channels.issues import IssueChannel
from loader.notify.channels.jira import JiraTracker
from loader.notify.document import Kind
from loader.notify.message import Message
from loader.notify.templates import Templates
from tests.notify.examples import HOSTILE, message, summary
from tests.notify.receiver import Answer, Got, Receiver

TOKEN = "planted-tracker-token-0000"


@dataclass
class Issue:
    """An issue of either."""

    number: int
    title: str
    body: str
    labels: list[str]
    open: bool = True
    deleted: bool = False
    comments: list[str] = field(default_factory=list)


class Trackers:
    """Both services over the same issues. lost: the next answer to something that was made is lost on its way."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.lost = False
        self.transitions = {"Done": "31", "To Do": "11"}

    def answer(self, got: Got) -> Answer:
        made = self._github(got) if got.path.startswith("/repos/") else self._jira(got)
        if self.lost and got.method == "POST" and made.status in (201, 204):
            self.lost = False
            return Answer(cut=True)
        return made

    def _github(self, got: Got) -> Answer:
        assert got.headers["Authorization"] == f"Bearer {TOKEN}"
        assert got.headers["X-GitHub-Api-Version"] == "2022-11-28"
        parts = got.path.removeprefix("/repos/contoso/cloud/issues").strip("/").split("/")
        if parts == [""] and got.method == "POST":
            issue = self._make(got.json["title"], got.json["body"], got.json["labels"])
            return Answer(201, {"number": issue.number, "state": "open"})
        if parts == [""]:
            found = [one for one in self.issues if got.query["labels"] in one.labels and not one.deleted]
            return Answer(200, [self._as_github(one) for one in self._page(found, got)])
        issue = self.issues[int(parts[0]) - 1]
        if issue.deleted:
            return Answer(410, {"message": "This issue was deleted"})
        if parts[1:] == ["comments"]:
            if got.method == "GET":
                return Answer(200, [{"body": one} for one in self._page(issue.comments, got)])
            issue.comments.append(got.json["body"])
            return Answer(201, {"id": 1})
        if got.method == "PATCH":
            assert set(got.json) == {"state", "state_reason"}
            issue.open = got.json["state"] == "open"
        return Answer(200, self._as_github(issue))

    @staticmethod
    def _page(listed: list[Any], got: Got) -> list[Any]:
        size, page = int(got.query["per_page"]), int(got.query["page"])
        return listed[(page - 1) * size : page * size]

    @staticmethod
    def _as_github(issue: Issue) -> dict[str, Any]:
        return {"number": issue.number, "body": issue.body, "state": "open" if issue.open else "closed"}

    def _jira(self, got: Got) -> Answer:
        assert got.headers["Authorization"].startswith("Basic ")
        path = got.path.removeprefix("/rest/api/3/")
        if path == "search/jql":
            (label,) = re.findall(r'labels = "([\w-]+)"', got.json["jql"])
            assert 'project = "SEC"' in got.json["jql"]
            found = [one for one in self.issues if label in one.labels and not one.deleted]
            return Answer(200, {"issues": [{"key": f"SEC-{one.number}"} for one in found]})
        if path == "issue":
            fields = got.json["fields"]
            assert (fields["project"], fields["issuetype"]) == ({"key": "SEC"}, {"name": "Task"})
            assert "\n" not in fields["summary"]
            issue = self._make(fields["summary"], json.dumps(fields["description"]), fields["labels"])
            return Answer(201, {"key": f"SEC-{issue.number}"})
        _, key, *rest = path.split("/")
        issue = self.issues[int(key.removeprefix("SEC-")) - 1]
        if issue.deleted:
            return Answer(404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."]})
        if rest == ["comment"]:
            if got.method == "GET":
                return Answer(200, {"comments": [{"body": json.loads(one)} for one in issue.comments]})
            issue.comments.append(json.dumps(got.json["body"]))
            return Answer(201, {"id": "1"})
        if rest == ["transitions"]:
            if got.method == "GET":
                listed = [
                    {"id": one, "name": f"Go to {name}", "to": {"name": name}} for name, one in self.transitions.items()
                ]
                return Answer(200, {"transitions": listed})
            if issue.open == (got.json["transition"]["id"] == "11"):
                return Answer(400, {"errorMessages": ["It seems that you have tried an illegal workflow operation."]})
            issue.open = not issue.open
            return Answer(204)
        category = "new" if issue.open else "done"
        return Answer(200, {"fields": {"status": {"statusCategory": {"key": category}}}})

    def _make(self, title: str, body: str, labels: list[str]) -> Issue:
        self.issues.append(Issue(len(self.issues) + 1, title, body, labels))
        return self.issues[-1]


class Desk:
    """A tracker of one kind with its service."""

    def __init__(self, kind: str, trackers: Trackers, server: Receiver) -> None:
        self.kind, self.trackers, self.server = kind, trackers, server

    def send(self, *messages: Message) -> list[str]:
        """As a process of its own: nothing is remembered but what the receipts say."""
        tracker: Any = (
            GitHubTracker(self.server.url, "contoso/cloud", TOKEN, ["azgraph"])
            if self.kind == "github"
            else JiraTracker(self.server.url, TOKEN, project="SEC", user="ada@contoso.com", labels=("azgraph",))
        )
        channel = IssueChannel(tracker, Templates(), "tickets")
        return [receipt for one in messages for receipt in channel.send([one])]

    @property
    def issues(self) -> list[Issue]:
        return self.trackers.issues


@pytest.fixture(params=["github", "jira"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    trackers = Trackers()
    with Receiver(trackers.answer) as server:
        yield Desk(request.param, trackers, server)


def test_an_issue_lives_as_long_as_its_alert(desk: Desk) -> None:
    (receipt,) = desk.send(message())
    (issue,) = desk.issues
    assert (issue.title, issue.open, issue.comments) == ("[high] vault-1 is bad", True, [])
    desk.send(message(event="reminded", receipt=receipt))
    assert len(issue.comments) == 1
    desk.send(message(event="resolved", receipt=receipt))
    assert (issue.open, len(issue.comments)) == (False, 2)
    assert "It is over" in issue.comments[1]
    desk.send(message(event="reopened", receipt=receipt, times_opened=2))
    assert (issue.open, len(issue.comments), len(desk.issues)) == (True, 3, 1)


def test_without_a_receipt_it_is_found_by_its_mark(desk: Desk) -> None:
    for number in range(150):
        desk.trackers._make(f"other {number}", "text", ["azgraph"])
    desk.send(message())
    desk.send(message(event="resolved"))
    assert len(desk.issues) == 151
    assert not desk.issues[-1].open


def test_a_crash_after_it_was_made_makes_no_second_one(desk: Desk) -> None:
    desk.send(message())
    (receipt,) = desk.send(message(again=True))
    assert len(desk.issues) == 1
    assert desk.issues[0].comments == []
    assert receipt


def test_an_answer_that_is_lost_makes_no_second_one(desk: Desk) -> None:
    desk.trackers.lost = True
    with pytest.raises(NotDeliveredError, match="connection broke"):
        desk.send(message())
    desk.send(Message(message().document, attempts=1))
    assert len(desk.issues) == 1


def test_an_end_whose_answer_is_lost_is_not_given_up(desk: Desk) -> None:
    (receipt,) = desk.send(message())
    made = desk.trackers.answer

    def losing(got: Got) -> Answer:
        if got.path.endswith("/transitions") and got.method == "POST":
            desk.trackers.lost = True
        return made(got)

    desk.server.answer = losing
    over = message(event="resolved", receipt=receipt)
    if desk.kind == "jira":
        with pytest.raises(NotDeliveredError) as error:
            desk.send(over)
        assert not error.value.lasting
        over = replace(over, attempts=1)
    desk.send(over)
    assert (desk.issues[0].open, len(desk.issues[0].comments)) == (False, 1)


def test_a_comment_that_was_made_before_a_crash_is_not_made_again(desk: Desk) -> None:
    (receipt,) = desk.send(message())
    desk.trackers.lost = True
    with pytest.raises(NotDeliveredError):
        desk.send(message(event="resolved", receipt=receipt))
    desk.send(message(event="resolved", receipt=receipt, again=True))
    assert (desk.issues[0].open, len(desk.issues[0].comments)) == (False, 1)


def test_what_somebody_closed_stays_closed_and_is_told_all_the_same(desk: Desk) -> None:
    (receipt,) = desk.send(message())
    desk.issues[0].open = False
    before = len(desk.server.got)
    desk.send(message(event="resolved", receipt=receipt))
    assert not any(got.method == "PATCH" or "transitions" in got.path for got in desk.server.got[before:])


def test_an_issue_that_somebody_deleted_holds_nothing_up(desk: Desk) -> None:
    (receipt,) = desk.send(message())
    desk.issues[0].deleted = True
    assert desk.send(message(event="resolved", receipt=receipt)) == [""]
    (other,) = desk.send(message(event="reopened", receipt=receipt))
    assert (other != receipt, len(desk.issues)) == (True, 2)


def test_an_issue_that_we_may_no_longer_see_is_not_taken_for_deleted(desk: Desk) -> None:
    (receipt,) = desk.send(message())
    desk.server.answer = lambda _got: Answer(404, {"message": "Not Found"})
    with pytest.raises(NotDeliveredError, match="status 404"):
        desk.send(message(event="resolved", receipt=receipt))


def test_the_end_of_what_has_no_issue_makes_none(desk: Desk) -> None:
    assert desk.send(message(event="resolved")) == [""]
    (receipt,) = desk.send(Message(summary(12)))
    assert receipt.startswith("summary:")
    before = len(desk.server.got)
    desk.send(message(event="resolved", receipt=receipt))
    assert len(desk.server.got) == before
    assert [issue.open for issue in desk.issues] == [True]


def test_a_trial_is_closed_at_once(desk: Desk) -> None:
    desk.send(Message(summary(1, Kind.TEST)))
    assert [issue.open for issue in desk.issues] == [False]


def test_a_hostile_name_is_text(desk: Desk) -> None:
    desk.send(message(title=HOSTILE, owner=HOSTILE))
    (issue,) = desk.issues
    assert issue.title.isprintable()
    assert len(issue.title) <= 250
    assert "@everyone" not in issue.title + issue.body
    assert "<script" not in issue.body
    if desk.kind == "github":
        assert issue.body.count("<!--") == 1


def test_a_transition_that_is_not_there_is_named(desk: Desk) -> None:
    (receipt,) = desk.send(message())
    desk.trackers.transitions = {"Close it": "41"}
    if desk.kind == "jira":
        with pytest.raises(NotDeliveredError, match=r"SEC-1 has no transition 'Done'.*Go to Close it"):
            desk.send(message(event="resolved", receipt=receipt))


def test_no_sentence_quotes_the_token(desk: Desk) -> None:
    desk.server.answer = lambda got: Answer(403, {"message": str(dict(got.headers))})
    with pytest.raises(NotDeliveredError, match="status 403") as error:
        desk.send(message())
    assert TOKEN not in str(error.value)
    assert "planted" not in str(error.value)
