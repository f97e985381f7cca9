"""A part of a pack, as a user asks for it: which controls, which resources, which verdicts.

The controls are chosen before anything is asked of the graph. The resources are chosen among the verdicts, and the
controls judged anew over them. The verdicts choose what is listed; the scores stay those of all that was judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from loader.coverage.coverage import Coverage
from loader.errors import UsageError
from loader.library.definitions import Control, Pack, Section
from loader.library.library import Library
from loader.nearest import alternatives
from loader.packs import places
from loader.packs.places import Places, lies_in, may_hide
from loader.packs.results import (
    CheckOutcome,
    ControlResult,
    ExceptionState,
    ExceptionUse,
    PackResult,
    ResourceResult,
    verdict_over,
)
from loader.verdicts import Severity, Verdict

if TYPE_CHECKING:
    from loader.graph import Database


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for: any of the values of a field, and all fields that have some. Without any, it is everything.

    section: numbers or titles, those below included; service: folders of checks, such as `storage`; subscription:
    names or ids; tag: `Name` or `Name=Value`; resource: names, ids or keys, with what lies in them.
    """

    control: Sequence[str] = ()
    section: Sequence[str] = ()
    level: Sequence[int] = ()
    severity: Sequence[Severity] = ()
    service: Sequence[str] = ()
    subscription: Sequence[str] = ()
    resource_group: Sequence[str] = ()
    tag: Sequence[str] = ()
    resource: Sequence[str] = ()
    verdict: Sequence[Verdict] = ()

    def __bool__(self) -> bool:
        return bool(self.told)

    @property
    def told(self) -> dict[str, list[str]]:
        """What was asked for, by the name of the option."""
        values = {one.name.replace("_", "-"): getattr(self, one.name) for one in fields(self)}
        return {name: [str(value) for value in given] for name, given in values.items() if given}

    def of_pack(self, pack: Pack, library: Library) -> Pack:
        """The pack with the chosen controls, and of these the chosen checks.

        Raises UsageError for a value that the pack does not have, with the nearest ones, and where nothing is left.
        """
        _refuse_unknown(self, pack, library)
        kept = {
            control.id: chosen
            for place, _, control in pack.places()
            if self._wants(pack.lineage(place), control) and (chosen := self._checks(control, library))
        }
        if not kept:
            raise UsageError(f"No control of {pack.id} is all of this: {words(self.told)}. Ask for less at once.")
        return pack.model_copy(update={"sections": [_with_controls(one, kept) for one in pack.sections]})

    def _wants(self, above: Sequence[Section], control: Control) -> bool:
        named = {_plain(name) for section in above for name in (section.id, section.title, section.heading)}
        return (
            (not self.control or _plain(control.id) in map(_plain, self.control))
            and (not self.section or not named.isdisjoint(map(_plain, self.section)))
            and (not self.level or control.level in self.level)
        )

    def _checks(self, control: Control, library: Library) -> Control | None:
        """The control with those of its checks that have the severity and are of the service; None without any."""
        if not self.severity and not self.service:
            return control
        uses = [
            use
            for use in control.uses
            if (not self.severity or library.check(use.check).severity in self.severity)
            and (not self.service or service_of(library, use.check) in map(_plain, self.service))
        ]
        if control.check:
            return control if uses else None
        return control.model_copy(update={"checks": uses}) if uses else None

    def of_graph(self, database: Database, coverage: Coverage) -> Callable[[PackResult], PackResult]:
        """What leaves of a result the chosen resources. Raises UsageError for names that the graph does not have."""
        chosen: list[Places] = []
        if self.subscription:
            chosen.append(places.subscriptions(self.subscription, coverage.subscriptions))
        if self.resource_group:
            chosen.append(places.resource_groups(database, self.resource_group))
        if self.resource:
            chosen.append(places.resources(database, self.resource))
        tagged = places.tagged(database, self.tag) if self.tag else None

        def wanted(one: ResourceResult) -> bool:
            if one.unseen:  # whoever has not seen a resource does not know its tags either
                return all(may_hide(one, part) for part in chosen)
            return all(lies_in(one, part) for part in chosen) and (tagged is None or lies_in(one, tagged))

        def narrow(result: PackResult) -> PackResult:
            if not chosen and tagged is None:
                return result
            controls = [left for one in result.controls if (left := _narrowed(one, wanted))]
            return replace(result, controls=controls)

        return narrow

    def listed(self, result: PackResult, of: int) -> PackResult:
        """The result with only the chosen verdicts listed, saying what was chosen. of: the whole pack's controls."""
        if not self:
            return result
        result = replace(result, filters=self.told, of=of, exceptions=_still_telling(result.exceptions))
        if not self.verdict:
            return result
        controls = [left for one in result.controls if (left := self._listed(one))]
        return replace(result, controls=controls, whole=result.controls)

    def _listed(self, control: ControlResult) -> ControlResult | None:
        if not control.resources:
            return control if control.verdict in self.verdict else None
        checks = [
            replace(check, resources=left)
            for check in control.checks
            if (left := [one for one in check.resources if one.verdict in self.verdict])
        ]
        return replace(control, checks=checks) if checks else None


def service_of(library: Library, check: str) -> str:
    """The folder that a check stands in: `storage`, `keyvault`. Empty for one that has no file."""
    file = library.files.get(("check", check))
    return file.parent.name if file else ""


def words(told: Mapping[str, list[str]]) -> str:
    """What was asked for, for people: "severity critical or high; subscription Contoso Production"."""
    return "; ".join(f"{name.replace('-', ' ')} {' or '.join(values)}" for name, values in told.items())


def _refuse_unknown(selection: Selection, pack: Pack, library: Library) -> None:
    controls = [control for _, control in pack.controls()]
    sections = {section.id: section for place, *_ in pack.places() for section in pack.lineage(place)}
    services = sorted({service_of(library, use.check) for one in controls for use in one.uses} - {""})
    titles = [name for one in sections.values() for name in (one.id, one.title, one.heading)]
    for kind, given, known in (
        ("control", selection.control, [one.id for one in controls]),
        ("section", selection.section, titles),
        ("level", map(str, selection.level), sorted({str(one.level) for one in controls if one.level is not None})),
        ("service", selection.service, services),
    ):
        for one in given:
            if _plain(one) not in map(_plain, known):
                raise UsageError(f"{pack.id} has no {kind} {one!r}. {_instead(kind, one, known, sections)}")


def _instead(kind: str, one: str, known: Iterable[str], sections: dict[str, Section]) -> str:
    if kind == "control" and one in sections:
        return f"It is a section: --section {one}."
    return alternatives(one, known)


def _plain(name: str) -> str:
    return " ".join(name.lower().split())


def _with_controls(section: Section, kept: dict[str, Control]) -> Section:
    return section.model_copy(
        update={
            "sections": [_with_controls(one, kept) for one in section.sections],
            "controls": [kept[one.id] for one in section.controls if one.id in kept],
        }
    )


def _narrowed(control: ControlResult, wanted: Callable[[ResourceResult], bool]) -> ControlResult | None:
    """The control judged over the wanted resources; None where it has none."""
    checks = [
        _rejudged(check, left) for check in control.checks if (left := [one for one in check.resources if wanted(one)])
    ]
    return control.judged(checks) if checks else None


def _rejudged(check: CheckOutcome, resources: list[ResourceResult]) -> CheckOutcome:
    if len(resources) == len(check.resources):
        return check
    verdict, reason = verdict_over(resources)
    return replace(check, resources=resources, verdict=verdict, reason=reason)


def _still_telling(uses: Iterable[ExceptionUse]) -> list[ExceptionUse]:
    """Of a part of a pack nobody can say that an exception matches nothing."""
    told = (one for one in uses if one.state in (ExceptionState.USED, ExceptionState.EXPIRED))
    return [replace(one, note="") if one.state is ExceptionState.USED else one for one in told]
