"""What `exctl schedule set` was given, ready to be judged and sent.

Room: reading a file or `--step`, the scope, what is left out, and refusals as exit statuses: a file
that cannot be read as a schedule is usage, one that the exchange would refuse is refused.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import exit_codes
from cli.output import warn

if TYPE_CHECKING:
    from exchange.model.enums import AssetClass, Phase
    from exchange.schedule.document import Document
    from exchange.schedule.templates import Plan


def load(path: str) -> Document:
    """The document of a file, or of stdin for `-`. Raises UsageError."""
    from exchange.schedule.document import JSON, TOML, read_document
    from exchange.schedule.faults import ScheduleFault

    try:
        text = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from error
    is_json = path.endswith(".json") or (path == "-" and text.lstrip().startswith(b"{"))
    try:
        return read_document(text, JSON if is_json else TOML)
    except ScheduleFault as fault:
        raise click.UsageError(f"{path}: {fault}") from fault


def steps_of(texts: tuple[str, ...]) -> Document:
    """The document of `--step TIME=PHASE[:CALL]`. Raises UsageError."""
    from exchange.schedule.document import FORMAT, Document, Step

    steps = []
    for text in texts:
        at, equals, rest = text.rpartition("=")
        if not equals:
            raise click.UsageError(f"--step {text!r} is no TIME=PHASE or TIME=PHASE:CALL")
        phase, _, call = rest.partition(":")
        steps.append(Step(at, phase, call))
    return Document(FORMAT, steps=steps)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A schedule with its scope.

    Attributes:
        document: as it was read.
        whole: all of it, also what is past.
        plan: what is sent.
        ends: the day ends that are sent; None = they are not touched.
        symbol: or
        asset_class: or neither: of all.
    """

    document: Document
    whole: Plan
    plan: Plan
    ends: tuple[int, ...] | None
    symbol: str
    asset_class: AssetClass | None

    @classmethod
    def of(cls, document: Document, now_ns: int, **asked: Any) -> Loaded:
        """Read its times and its scope; `asked` are the options of the verb. Raises UsageError."""
        from exchange.schedule.faults import ScheduleFault
        from exchange.schedule.judgement import still_to_come

        symbol, kind, market = asked["symbol"], asked["asset_class"], asked["market"]
        if bool(symbol) + bool(kind) + market > 1:
            raise click.UsageError("name one of --symbol, --asset-class and --market")
        try:
            whole = document.plan(now_ns)
            scope = document.scope()
        except ScheduleFault as fault:
            raise click.UsageError(str(fault)) from fault
        if symbol or kind or market:
            from exchange.model.enums import AssetClass

            scope = (symbol, AssetClass[kind.upper()] if kind else None)
        elif scope == ("", None) and not document.calendar:
            raise click.UsageError("whose schedule is it? --symbol, --asset-class or --market")
        plan = still_to_come(whole, now_ns) if asked["skip_past"] else whole
        if whole.steps and not plan.steps and not plan.day_ends_ns:
            raise click.UsageError("all of it lies in the past")
        kept = document.day_ends is not None and not asked["no_day_ends"]
        return cls(document, whole, plan, plan.day_ends_ns if kept else None, *scope)

    @property
    def scope_name(self) -> str:
        """What a person types to confirm."""
        return self.symbol or (self.asset_class.name.lower() if self.asset_class else "market")

    def is_for(self, class_name: str) -> bool:
        """Whether an instrument of that class is in scope, where no symbol is named."""
        return self.asset_class is None or self.asset_class.name.lower() == class_name

    def impact(self, instruments: int, day_ends: int) -> str:
        """What it changes, one sentence; the counts are of the exchange as it is."""
        what = f"replaces the schedule of {self.symbol}"
        if not self.symbol:
            what = f"replaces the schedules of {instruments} instruments"
        if self.ends is None:
            return what
        return f"{what}, and {day_ends} day ends of the market by {len(self.ends)}"

    def judge(self, now_ns: int, random_end_max_ns: int) -> None:
        """End the command with REFUSED, and why, if the exchange would refuse it."""
        from exchange.schedule.faults import ScheduleFault
        from exchange.schedule.judgement import judge

        plan = self.plan._replace(day_ends_ns=self.ends or ())
        zone = self.document.local_zone()
        try:
            judge(plan, now_ns=now_ns, random_end_max_ns=random_end_max_ns, zone=zone)
        except ScheduleFault as fault:
            hint = "; --skip-past leaves out what is past" if "IN_THE_PAST" in fault.reason else ""
            warn(f"{fault}{hint}")
            sys.exit(exit_codes.REFUSED)

    def planned_phase(self, now_ns: int) -> Phase | None:
        """Where the schedule has instruments at `now_ns`; None = before its first step."""
        from exchange.schedule.judgement import planned_phase

        return planned_phase(self.whole.steps, now_ns)

    def told(self, *, dry_run: bool) -> dict[str, Any]:
        """What the verb prints."""
        from exchange.schedule.moments import show_moment

        zone = self.document.local_zone()
        steps = self.plan.steps
        return {
            "scope": self.scope_name,
            "steps": len(steps),
            "left_out": len(self.whole.steps) - len(steps),
            "first": show_moment(steps[0].ts_ns, zone) if steps else "none",
            "last": show_moment(steps[-1].ts_ns, zone) if steps else "none",
            "day_ends": "kept" if self.ends is None else len(self.ends),
            "sent": not dry_run,
        }
