"""A schedule as a file that people read, change and keep: TOML or JSON.

Room: the one shape, both spellings, and the way to a `Plan` and back. Moments carry their UTC
offset, so that a file means the same everywhere; lengths are written `5m`.
"""

from __future__ import annotations

import json
from datetime import tzinfo
from typing import Annotated

import msgspec

from exchange.model.enums import AssetClass, Phase
from exchange.model.trading_rules import ScheduleStep
from exchange.schedule.faults import ScheduleFault, TimeFault
from exchange.schedule.moments import (
    parse_length,
    parse_moment,
    show_length,
    show_moment,
    zone_of,
)
from exchange.schedule.templates import Plan

FORMAT = 1
TOML, JSON = "toml", "json"
PHASES = {phase.name.lower(): phase for phase in Phase}


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step: when, into which phase, and the length of an auction call."""

    at: str
    phase: str
    call: str = ""


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A schedule file.

    Attributes:
        format: 1.
        zone: in which local times without an offset are, and in which the schedule is shown;
            absent = UTC to show, and local times are refused.
        calendar: where it came from; for people.
        template: how it was made; for people.
        symbol: whose schedule it is; or
        asset_class: of all instruments of a class; neither = of all.
        day_ends: when the trading day of the whole market ends; absent = not touched.
        steps: of the schedule, rising.
    """

    format: Annotated[int, msgspec.Meta(ge=FORMAT, le=FORMAT)]
    zone: str = ""
    calendar: str = ""
    template: str = ""
    symbol: str = ""
    asset_class: str = ""
    day_ends: list[str] | None = None
    steps: list[Step] = []

    def scope(self) -> tuple[str, AssetClass | None]:
        """Symbol and class. Raises ScheduleFault for both at once or an unknown class."""
        if self.symbol and self.asset_class:
            raise ScheduleFault("FILE_INVALID", "give a symbol or an asset class, not both")
        if not self.asset_class:
            return self.symbol, None
        try:
            return "", AssetClass[self.asset_class.upper()]
        except KeyError:
            names = ", ".join(kind.name.lower() for kind in AssetClass)
            raise ScheduleFault(
                "FILE_INVALID", f"asset class {self.asset_class!r} is none of {names}"
            ) from None

    def plan(self, now_ns: int) -> Plan:
        """Its steps and day ends; `now_ns` is what `+10m` counts from. Raises ScheduleFault."""
        zone = self.local_zone() if self.zone else None
        steps = []
        for number, step in enumerate(self.steps, 1):
            phase = PHASES.get(step.phase.lower())
            if phase is None:
                names = ", ".join(PHASES)
                raise ScheduleFault(
                    "FILE_INVALID", f"step {number}: {step.phase!r} is none of {names}"
                )
            try:
                ts_ns = parse_moment(step.at, now_ns=now_ns, zone=zone)
                call_ns = parse_length(step.call) if step.call else 0
            except TimeFault as fault:
                raise ScheduleFault("FILE_INVALID", f"step {number}: {fault}") from fault
            steps.append(ScheduleStep(ts_ns, phase.value, call_ns))
        ends = tuple(parse_moment(at, now_ns=now_ns, zone=zone) for at in self.day_ends or ())
        return Plan(tuple(steps), ends)

    def local_zone(self) -> tzinfo:
        """The zone in which it is shown. Raises TimeFault."""
        return zone_of(self.zone or "UTC")


def document_of(plan: Plan, zone: str, *, with_day_ends: bool = True, **about: str) -> Document:
    """A plan as a document; `about` are `calendar`, `template`, `symbol`, `asset_class`."""
    local = zone_of(zone)
    steps = [
        Step(
            show_moment(step.ts_ns, local),
            Phase(step.phase).name.lower(),
            show_length(step.call_ns) if step.call_ns else "",
        )
        for step in plan.steps
    ]
    ends = [show_moment(ns, local) for ns in plan.day_ends_ns] if with_day_ends else None
    return Document(FORMAT, zone, day_ends=ends, steps=steps, **about)


def read_document(text: bytes, form: str) -> Document:
    """A document from a file's content; `form` is TOML or JSON. Raises ScheduleFault."""
    try:
        if form == JSON:
            return msgspec.json.decode(text, type=Document)
        return msgspec.toml.decode(text, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise ScheduleFault("FILE_INVALID", str(error)) from error


def write_document(document: Document, form: str) -> str:
    """The content of a file."""
    if form == JSON:
        return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
    scope = document.symbol or document.asset_class or "all instruments"
    lines = [f"# The schedule of {scope}: {len(document.steps)} steps."]
    built = msgspec.to_builtins(document)
    for name, value in built.items():
        if name == "day_ends":
            lines += ["day_ends = [", *(f"  {json.dumps(at)}," for at in value), "]"]
        elif name != "steps":
            lines.append(f"{name} = {json.dumps(value)}")
    for step in document.steps:
        lines += [
            "",
            "[[steps]]",
            f"at = {json.dumps(step.at)}",
            f"phase = {json.dumps(step.phase)}",
        ]
        lines += [f"call = {json.dumps(step.call)}"] if step.call else []
    return "\n".join(lines) + "\n"
