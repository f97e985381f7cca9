"""Many short words looked for in one go through a text."""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick


class Signs:
    """Finds words by the automaton of Aho and Corasick: some 60 take as long as two or three `word in text`."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(dict.fromkeys(words))
        self._automaton = AhoCorasick(self._words)

    def found(self, text: str) -> list[tuple[int, int, int]]:
        """Each place where a word stands, also within others: the word's number, where it begins, and its end."""
        return self._automaton.find_matches_as_indexes(text, overlapping=True)

    def bits(self, words: Iterable[str]) -> int:
        """Some of the words as bits, to compare with those `bits_of` a text."""
        return sum(1 << self._words.index(word) for word in set(words))

    def bits_of(self, text: str) -> int:
        """Which words stand in a text, as bits."""
        bits = 0
        for number, _, _ in self.found(text):
            bits |= 1 << number
        return bits
