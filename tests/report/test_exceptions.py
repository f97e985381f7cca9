"""Exceptions: what is accepted, until when, and what is told of those that do nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from loader.errors import UsageError
from loader.library import Severity, load_library
from loader.library.exceptions import load_exceptions
from loader.library.library import shipped_folder
from loader.packs import Verdict
from loader.packs.exceptions import apply_exceptions
from loader.packs.results import ExceptionState
from tests.report.conftest import HOSTILE, SUBSCRIPTION, TODAY, exception, resource

pytestmark = pytest.mark.packs

CHECK, PACK = "storage-secure-transfer", "contoso-1.0.0"
GOOD = f"""\
exceptions:
  - check: {CHECK}
    resources: [/subscriptions/1/a, /subscriptions/1/b]
    reason: The old scanner needs it.
    owner: cloud@contoso.example
    expires: 2026-06-30
"""


@pytest.fixture
def library(tmp_path):
    """A shipped check, and a pack of our own that refers to it."""
    shipped = next(shipped_folder().glob(f"checks/*/{CHECK}.yaml"))
    copy = tmp_path / "library" / shipped.relative_to(shipped_folder())
    copy.parent.mkdir(parents=True)
    copy.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    pack = tmp_path / "library" / "packs" / f"{PACK}.yaml"
    pack.parent.mkdir()
    control = f"{{id: '1.1', title: Encrypted, level: 1, assessment: automated, check: {CHECK}}}"
    sections = f"sections: [{{id: '1', title: First, controls: [{control}]}}]"
    pack.write_text(f"id: {PACK}\nversion: '1'\ntitle: Ours\nsource: Contoso\n{sections}\n", encoding="utf-8")
    return load_library([tmp_path / "library"])


def load(tmp_path: Path, text: str, library):
    path = tmp_path / "exceptions.yaml"
    path.write_text(text, encoding="utf-8")
    return load_exceptions(path, library)


def verdicts(result, control: str) -> dict[str, Verdict]:
    one = next(one for one in result.controls if one.id == control)
    return {resource.name: resource.verdict for resource in one.resources}


def test_a_file_is_read(tmp_path, library):
    (one,) = load(tmp_path, GOOD, library)
    assert (one.check, one.owner, one.expires) == (CHECK, "cloud@contoso.example", date(2026, 6, 30))
    assert one.resources == ["/subscriptions/1/a", "/subscriptions/1/b"]


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("    expires: 2026-06-30\n", "", 2, "exceptions.0.expires: this key is missing"),
        ("    owner: cloud@contoso.example\n", "", 2, "exceptions.0.owner: this key is missing"),
        ("    reason: The old scanner needs it.\n", "", 2, "exceptions.0.reason: this key is missing"),
        ("2026-06-30", "soon", 6, "expires"),
        ("2026-06-30", "2026-02-30", 6, "out of range"),
        ("2026-06-30", "2026-06-30 10:00:00", 6, "expires"),
        ("[/subscriptions/1/a, /subscriptions/1/b]", "[]", 3, "resources"),
        ("[/subscriptions/1/a, /subscriptions/1/b]", "[/subscriptions/1/a, /subscriptions/1/a]", 3, "already"),
        ("owner:", "notes: none\n    owner:", 5, "not known here"),
        (f"check: {CHECK}", "check: storage-secure-transfr", 2, "there is no check 'storage-secure-transfr'"),
        (f"check: {CHECK}", "pack: cis-0", 2, "there is no pack 'cis-0'"),
        (f"check: {CHECK}", f"{{pack: {PACK}, control: '99.9'}}", 1, ""),
        (f"check: {CHECK}", f"pack: {PACK}\n    control: '99.9'", 3, "there is no control '99.9'"),
        (f"check: {CHECK}", "control: '9.3.4'", 2, "names its pack too"),
        (f"check: {CHECK}", "control: 9.3", 2, "put it in quotes"),
        (f"- check: {CHECK}\n    resources", "- resources", 2, "names a check, or a pack"),
        ("exceptions:", "exception:", 1, "exceptions: this key is missing"),
        ("owner:", "reason: twice\n    owner:", 5, "second time"),
        ("exceptions:\n", "- [\n", 2, "not valid YAML"),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(tmp_path, library, old, new, line, reason):
    assert old in GOOD
    with pytest.raises(UsageError) as caught:
        load(tmp_path, GOOD.replace(old, new, 1), library)
    assert caught.value.exit_code == 2
    assert f"exceptions.yaml:{line}:" in str(caught.value) or not reason, str(caught.value)
    assert reason in str(caught.value)


def test_a_missing_file_is_refused(tmp_path, library):
    with pytest.raises(UsageError, match="cannot be read"):
        load_exceptions(tmp_path / "none.yaml", library)


def test_a_failing_resource_is_marked_and_keeps_its_reason(bare):
    result = apply_exceptions(bare, [exception("Kept")], TODAY)
    assert verdicts(result, "1.2") == {HOSTILE: Verdict.FAIL, "Kept": Verdict.EXCEPTED, "good": Verdict.PASS}
    assert verdicts(result, "1.10") == {"Kept": Verdict.FAIL}, "another check has no exception"
    control = result.controls[0]
    assert control.verdict is Verdict.FAIL
    assert control.reason == (
        "1 of 3 fail. 1 of 3 fails, which an exception accepts. What remains for a person: Ask the owner."
    )
    assert control.resources[1].reason == "It is open."


def test_a_control_whose_failures_are_all_accepted_is_excepted_and_leaves_the_score(bare):
    assert bare.score == 33
    result = apply_exceptions(bare, [exception("Kept", check="kept-check")], TODAY)
    control = next(one for one in result.controls if one.id == "1.10")
    assert (control.verdict, control.reason) == (Verdict.EXCEPTED, "1 of 1 fails, which an exception accepts.")
    assert (result.summary[Verdict.EXCEPTED], result.evaluated, result.score) == (1, 2, 50)
    assert result.exceptions[0].state is ExceptionState.USED


def test_fail_on_leaves_excepted_ones_out(bare):
    assert [one.id for one in bare.findings(Severity.LOW)] == ["1.2", "1.10"]
    result = apply_exceptions(bare, [exception("Kept", pack="some-pack"), exception(HOSTILE)], TODAY)
    assert result.findings(Severity.LOW) == []


def test_it_holds_through_its_last_day(bare):
    for today, verdict in ((date(2026, 6, 30), Verdict.EXCEPTED), (date(2026, 7, 1), Verdict.FAIL)):
        result = apply_exceptions(bare, [exception("Kept")], today)
        assert verdicts(result, "1.2")["Kept"] is verdict
    assert result.exceptions[0].state is ExceptionState.EXPIRED
    assert result.exceptions[0].note == "It expired on 2026-06-30; 1 of its resources fail."


def test_an_expired_one_does_not_stand_in_the_way_of_a_valid_one(bare):
    given = [exception("Kept", expires=date(2025, 1, 1)), exception("Kept", pack="some-pack")]
    result = apply_exceptions(bare, given, TODAY)
    assert verdicts(result, "1.2")["Kept"] is Verdict.EXCEPTED
    assert [one.state for one in result.exceptions] == [ExceptionState.EXPIRED, ExceptionState.USED]


def test_nobody_accepts_what_passes_or_was_not_seen(bare):
    unseen = exception("x", check="unseen-check").model_copy(update={"resources": [SUBSCRIPTION]})
    result = apply_exceptions(bare, [exception("good", check="good-check"), unseen], TODAY)
    assert [one.verdict for one in result.controls] == [one.verdict for one in bare.controls]
    assert [one.state for one in result.exceptions] == [ExceptionState.UNUSED, ExceptionState.UNUSED]
    assert all(one.note for one in result.exceptions)


def test_an_id_that_matches_nothing_is_told_with_the_one_that_was_meant(bare):
    shouted = exception("Kept").model_copy(update={"resources": [resource("Kept", Verdict.FAIL, "").key.upper()]})
    result = apply_exceptions(bare, [shouted], TODAY)
    assert verdicts(result, "1.2")["Kept"] is Verdict.FAIL
    (use,) = result.exceptions
    assert use.state is ExceptionState.UNMATCHED
    assert f"Did you mean {resource('Kept', Verdict.FAIL, '').key!r}?" in use.note


def test_a_control_of_one_pack_is_not_that_of_another(bare):
    here = exception("Kept", pack="some-pack", control="1.10")
    result = apply_exceptions(bare, [here, exception("Kept", pack="other-pack", control="1.2")], TODAY)
    assert verdicts(result, "1.10") == {"Kept": Verdict.EXCEPTED}
    assert verdicts(result, "1.2")["Kept"] is Verdict.FAIL
    assert [one.exception for one in result.exceptions] == [here], "those of other packs are none of this report's"


@pytest.mark.parametrize("about", ["check: check-gone", "pack: pack-gone", f"pack: {PACK}\n    control: '99.9'"])
def test_an_exception_for_what_is_gone_is_told_and_passed_over(tmp_path, library, about):
    second = GOOD.removeprefix("exceptions:\n").replace(f"check: {CHECK}", about, 1)
    path = tmp_path / "exceptions.yaml"
    path.write_text(GOOD.rstrip("\n") + "\n" + second)
    told = []
    assert [one.check for one in load_exceptions(path, library, told.append)] == [CHECK]
    assert len(told) == 1
    assert "exceptions.yaml:" in told[0]
    assert told[0].endswith("The exception is passed over.")
