"""Parameters that follow `tier0.yaml`: a user's own declaration reaches every query, check and rule that has one."""

from __future__ import annotations

from loader.library.overridden import PARAMETERS, Entry, Overridden
from loader.tier0 import Declared


def follow_tier0(kind: str, entries: dict[str, Entry], declared: Declared) -> None:
    """Gives the parameters that follow it the values of a user's `tier0.yaml`, and lets the entries tell so.

    What `overrides.yaml` says of such a parameter holds: it is about this one entry.
    """
    for name, entry in entries.items() if declared.own else ():
        settled = {one for told in entry.overridden for one in told.own}
        parameters, told = dict(entry.parameters), list(entry.overridden)
        for key, parameter in entry.parameters.items():
            if parameter.tier0 is None or parameter.tier0 not in declared.own or PARAMETERS + key in settled:
                continue
            own = declared.tier0.followed(parameter.tier0)
            if own == parameter.default:
                continue
            parameters[key] = parameter.model_copy(update={"default": own})
            before, after = {PARAMETERS + key: parameter.default}, {PARAMETERS + key: own}
            told.append(Overridden(f"{kind} {name}", declared.own[parameter.tier0], before, after))
        if len(told) > len(entry.overridden):
            entries[name] = entry.changed({"parameters": parameters}, *told)
