"""Many short words looked for in one go through a text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from ahocorasick_rs import AhoCorasick

# Parts texts that are looked through together: no secret, nor what may stand around one, has it.
SEPARATOR = "\0"


class Signs:
    """Finds words by the automaton of Aho and Corasick: a hundred take as long as a few `word in text`.

    Each look lets other threads of Python go on meanwhile, which costs more than looking through a short text does: so
    many texts are better joined than looked through one by one.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(dict.fromkeys(words))
        self._automaton = AhoCorasick(self._words)

    def found(self, text: str) -> list[tuple[int, int, int]]:
        """Each place where a word stands, also within others: the word's number, where it begins, and its end."""
        return self._automaton.find_matches_as_indexes(text, overlapping=True)

    def bits(self, words: Iterable[str]) -> int:
        """Some of the words as bits, to compare with those `bits_of` a text."""
        return sum(1 << self._words.index(word) for word in set(words))

    def bits_of(self, texts: Sequence[str]) -> list[int]:
        """Which words stand in each of several texts, as bits."""
        ends = ends_of(texts)
        bits = [0] * len(texts)
        for number, start, _ in self.found(SEPARATOR.join(texts)):
            bits[bisect_right(ends, start)] |= 1 << number
        return bits


def ends_of(texts: Sequence[str]) -> list[int]:
    """Where each of the texts that `SEPARATOR` joins ends, for `bisect_right` to tell which one has a place."""
    return list(accumulate([len(text) + 1 for text in texts]))
