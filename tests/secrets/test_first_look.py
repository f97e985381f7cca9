"""No text that a form's pattern matches is passed over by the first look at it, which is for what forms name."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.secrets import holding, scrub_text
from loader.secrets.finding import ignore
from loader.secrets.form import Form
from loader.secrets.scrubbing import FORMS, _scrubbed

# Each of a form's alternatives is tried, and not the one that is found first.
_CASES = [(form, alternative) for form in FORMS for alternative in form.alternatives]


@pytest.mark.parametrize(
    ("form", "alternative"), _CASES, ids=[f"{one.name} {at}" for at, (one, _) in enumerate(_CASES)]
)
@settings(max_examples=4, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_what_a_pattern_matches_is_looked_at(form: Form, alternative: str, data: st.DataObject) -> None:
    pattern = re.compile(alternative, form.pattern.flags & ~re.UNICODE)
    text = data.draw(st.from_regex(pattern).filter(form.pattern.search))
    low = text.lower()
    assert any(sign in low for sign in form.signs), "a sign is missing"
    assert not form.also or any(sign in low for sign in form.also)
    whole = _scrubbed(text, ignore, "")
    assert scrub_text(text) == whole
    assert holding(["/subscriptions/1", text, "westeurope"]) == ({1} if whole != text else set())
