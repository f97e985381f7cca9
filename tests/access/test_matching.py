"""Roles matched against an oracle that knows a few actions and no patterns: it compares letter by letter."""

from hypothesis import given, settings
from hypothesis import strategies as st

from loader.access.matching import Block, allows

PARTS = ("a", "B", "c.d", "read", "write")
ACTIONS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("/".join)
PATTERNS = st.lists(st.sampled_from((*PARTS, "*", "*a", "c*", "re*d", "**")), min_size=1, max_size=4).map("/".join)
LISTS = st.lists(st.one_of(ACTIONS, PATTERNS), max_size=3).map(tuple)
BLOCKS = st.lists(st.builds(Block, LISTS, LISTS, LISTS, LISTS), max_size=3).map(tuple)


def stands_for(pattern: str, action: str) -> bool:
    """Letter by letter, where each star may stand for nothing or for one letter more; the ways are kept in a row."""
    reachable = {0}
    for letter in pattern.casefold():
        if letter == "*":
            reachable = set(range(min(reachable), len(action) + 1)) if reachable else set()
        else:
            reachable = {at + 1 for at in reachable if at < len(action) and action.casefold()[at] == letter}
    return len(action) in reachable


def oracle(blocks: tuple[Block, ...], action: str, *, data: bool) -> bool:
    for block in blocks:
        given_, taken = (block.data_actions, block.not_data_actions) if data else (block.actions, block.not_actions)
        if [one for one in given_ if stands_for(one, action)] and not [one for one in taken if stands_for(one, action)]:
            return True
    return False


@settings(max_examples=1_000, deadline=None)
@given(BLOCKS, ACTIONS, st.booleans(), st.booleans())
def test_roles_allow_what_the_oracle_says(blocks: tuple[Block, ...], action: str, data: bool, shout: bool) -> None:
    asked = action.upper() if shout else action.lower()
    assert allows(blocks, asked, data=data) == oracle(blocks, asked, data=data)


def test_names_are_no_patterns() -> None:
    assert not allows([Block(actions=("a.b/read",))], "axb/read", data=False)
    assert not allows([Block(actions=("a[b-d]/(read)?",))], "ac/read", data=False)
    assert not allows([Block(actions=("a/read",))], "a/read/more", data=False)


def test_what_one_block_takes_out_another_gives() -> None:
    taken = Block(actions=("*",), not_actions=("a/write",))
    assert not allows([taken], "a/write", data=False)
    assert allows([taken, Block(actions=("a/write",))], "a/write", data=False)
