"""From the configuration, and the rules there are, to what is needed to tell people."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from loader.alerts.checks import PREFIX
from loader.alerts.failures import RULE_FAILED
from loader.alerts.library import RuleLibrary
from loader.alerts.rule import Rule
from loader.config import Written, instances
from loader.config.notify import Channel, Route
from loader.config.settings import folder_of
from loader.errors import UsageError
from loader.nearest import alternatives
from loader.notify.channels.opening import traits_of
from loader.notify.outbox import Outbox, rule_facts
from loader.notify.sending import Post


def post_of(
    found: Written, rules: Iterable[Rule] = (), packs_of: Callable[[str], Collection[str]] = lambda _rule: ()
) -> Post:
    """What tells people, as the configuration has it. rules, packs_of: of what is evaluated."""
    said = found.configuration.notify
    followers = frozenset(one.name for one in said.channels if traits_of(one).follows)
    outbox = Outbox(tuple(said.routes), rule_facts([*rules, RULE_FAILED]), packs_of, followers)
    folder: Path = folder_of(found)
    return Post(said, outbox, folder, instances(found) if found.configuration.instances else ())


def packs_in(library: RuleLibrary) -> Callable[[str], Collection[str]]:
    """Tells the packs of a rule; that a check is one too, of those that name it."""

    def packs_of(rule: str) -> Collection[str]:
        if rule in library.areas:
            return library.packs_of(rule)
        return [name for name, pack in library.packs.items() if rule.removeprefix(PREFIX) in pack.checks]

    return packs_of


def named(post: Post, name: str) -> tuple[list[Channel], Route | None]:
    """The channels of a route, or the one channel of this name. Raises UsageError where there is neither."""
    channels = {one.name: one for one in post.notify.channels}
    for route in post.notify.routes:
        if route.name == name:
            return [channels[one] for one in dict.fromkeys(route.channels)], route
    if name in channels:
        return [channels[name]], None
    known = [*(route.name for route in post.notify.routes), *channels]
    if not known:
        raise UsageError(
            "No channel is configured; write `notify:` with `channels` and `routes` into the configuration. "
            "See docs/notify.md."
        )
    raise UsageError(f"There is no route or channel {name!r}. {alternatives(name, known)}")
