"""What one may take up costs no more where thousands of others may take up something too."""

from __future__ import annotations

from collections.abc import ItemsView
from typing import Never

from loader.access.memberships import Memberships


class Unlisted(dict[str, set[str]]):
    """Eligible memberships that are looked up, never gone through."""

    def items(self) -> ItemsView[str, set[str]]:
        raise AssertionError("all eligible memberships were gone through")

    def __iter__(self) -> Never:
        raise AssertionError("all eligible memberships were gone through")


def test_only_what_one_comes_to_is_looked_at() -> None:
    eligible = Unlisted({"ada": {"inner"}, "top": {"highest"}, "bo": {"other"}})
    memberships = Memberships(now={"inner": {"top"}}, eligible=eligible)
    assert memberships.to_take_up("ada") == (("ada", "inner"), ("top", "highest"))
    assert memberships.to_take_up("cy") == ()
