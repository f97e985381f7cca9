"""What a channel is, and how it says that something did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from loader.notify.message import Message
from loader.notify.planning import Traits


class NotDeliveredError(Exception):
    """It certainly did not arrive; the text is a sentence without its full stop, and holds no secret.

    lasting: trying again is of no use. down: the next message would meet the same. gone: what it was for is not there
    any more. after: the seconds that the receiver wants to be left alone.
    """

    def __init__(
        self, sentence: str, *, lasting: bool = False, down: bool = True, gone: bool = False, after: float = 0
    ) -> None:
        super().__init__(sentence)
        self.lasting, self.down, self.gone, self.after = lasting, down, gone, after


class UnclearError(Exception):
    """Nobody knows whether it arrived; the text is a sentence without its full stop, and holds no secret."""


class Channel(Protocol):
    """Where something is told."""

    traits: Traits

    def send(self, messages: Sequence[Message]) -> list[str]:
        """Sends at most `traits.at_a_time` messages, all or none; gives a receipt for each, which may be empty.

        Raises NotDeliveredError where they certainly did not arrive. Whatever else ends it leaves that open;
        UnclearError says why.
        """
