"""Switches and words in answers: what is not known here is neither on nor off."""

import pytest

from loader.services.shared.wire import is_on, one_of
from loader.shapes import NoPropertiesError, WrongShapeError


@pytest.mark.parametrize(
    ("value", "on"),
    [(True, True), ("true", True), ("True", True), ("ENABLED", True), (1, True), (False, False), ("Off", False)],
)
def test_a_switch_is_on_or_off_in_any_of_azures_words(value: object, on: bool) -> None:
    assert is_on({"enabled": value}, "enabled", default=not on) is on


@pytest.mark.parametrize("value", [None, "", " "])
def test_a_switch_of_which_nothing_is_said_is_as_it_is_by_default(value: object) -> None:
    assert is_on({"enabled": value}, "enabled", default=True)
    assert not is_on({}, "enabled")


@pytest.mark.parametrize("value", ["Perhaps", 2, {}, [True], "EnabledForAll"])
def test_a_word_that_is_not_known_is_no_off(value: object) -> None:
    with pytest.raises(WrongShapeError):
        is_on({"enabled": value}, "enabled")


def test_which_word_it_is() -> None:
    assert one_of({"access": "ALLOW"}, "access", "allow", "deny") == "allow"
    with pytest.raises(WrongShapeError):
        one_of({"access": "Permit"}, "access", "allow", "deny")
    with pytest.raises(NoPropertiesError):
        one_of({"access": None}, "access", "allow", "deny")
