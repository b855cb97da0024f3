"""Runs a scenario: every statement in turn against one venue, expected against actual.

Room: the course of a run and its outcome. At the end of each file, whether it asks or not, the
digests are checked (restored, replayed and restarted engines agree) and so is what must be true of
every run (`audit`). A run goes on after a difference: later ones may follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from exchange.engine.port import REFERENCE
from exchange.model.event import Event
from exchange.scenario.audit import audit
from exchange.scenario.compare import holds, relevant
from exchange.scenario.faults import NotSupportedFault, StatementFault, located
from exchange.scenario.grammar import LISTED_ON_DEMAND
from exchange.scenario.limit_desk import LimitDesk
from exchange.scenario.market_desk import MarketDesk
from exchange.scenario.names import OrderNames
from exchange.scenario.operator_desk import OperatorDesk
from exchange.scenario.order_desk import OrderDesk
from exchange.scenario.parties import Parties
from exchange.scenario.render import Renderer, expectation_of, line_of
from exchange.scenario.rewrite import Change, rewritten
from exchange.scenario.risk_desk import RiskDesk
from exchange.scenario.state_checks import StateChecks
from exchange.scenario.statement import Kind, Scenario, Statement, Words
from exchange.scenario.venue import Venue

_NOT_SUPPORTED = "_NOT_SUPPORTED"


class Difference(NamedTuple):
    """Where the engine did not do what the file says.

    `expected` and `actual` are lines as a file has them; `text` is the statement they belong to.
    `rewritable` is whether other lines in the file would make it hold.
    """

    line_no: int
    text: str
    expected: list[str]
    actual: list[str]
    rewritable: bool = True


class Outcome(NamedTuple):
    """What came of a run; `text` is the file as it would hold."""

    differences: list[Difference]
    command_count: int
    text: str


def run(scenario: Scenario, engine_names: Sequence[str] = (REFERENCE,)) -> Outcome:
    """Run a scenario from genesis.

    Args:
        scenario: as parsed.
        engine_names: engines that must agree byte for byte; the first is the one compared.

    Raises:
        MalformedScenario: a statement cannot be carried out as it is written, or (its kind
            UnsupportedScenario) needs what the engine version does not have.
    """
    return _Run(scenario, engine_names).to_its_end()


class _Run:
    def __init__(self, scenario: Scenario, engine_names: Sequence[str]) -> None:
        self._scenario = scenario
        self._venue = Venue(engine_names)
        names = OrderNames()
        parties = Parties(self._venue, names)
        self._renderer = Renderer(self._venue, names, parties)
        self._checks = StateChecks(self._venue, names, parties, self._renderer)
        orders = OrderDesk(self._venue, names, parties)
        market = MarketDesk(self._venue, names)
        risk = RiskDesk(self._venue, names, parties)
        limits = LimitDesk(self._venue, names, parties)
        operators = OperatorDesk(self._venue, names, parties, market)
        self._setup: dict[str, Callable[[Words], list[Event]]] = {
            "instrument": operators.instrument,
            "member": risk.member,
            "account": parties.set_account,
            "phase": operators.phase_setup,
            "time": operators.time,
        }
        self._commands: dict[str, Callable[[Words], list[Event]]] = {
            "new": orders.new,
            "replace": orders.replace,
            "cancel": orders.cancel,
            "mass_cancel": orders.mass_cancel,
            "repeat": orders.repeat,
            "phase": operators.phase,
            "halt": operators.halt,
            "resume": operators.resume,
            "kill": operators.kill,
            "release": operators.release,
            "disconnect": parties.disconnect,
            "bust": operators.bust,
            "correct": operators.correct,
            "open_session": operators.open_session,
            "close_session": operators.close_session,
            "cancel_all": operators.cancel_all,
            "update": operators.update,
            "failover": operators.failover,
            "rules": market.rules,
            "schedule": market.schedule,
            "day_ends": market.day_ends,
            "index": market.index,
            "dark": market.dark,
            "deposit": risk.deposit,
            "deliver": risk.deliver,
            "fees": risk.fees,
            "emergency_close": risk.emergency_close,
            "split": operators.split,
            "limits": limits.limits,
            "restrict": limits.restrict,
            "unrestrict": limits.unrestrict,
            "adv": limits.volume,
        }
        self._differences: list[Difference] = []
        self._changes: list[Change] = []

    def to_its_end(self) -> Outcome:
        statements = self._scenario.statements
        for statement in statements:
            try:
                if statement.kind is Kind.LOOK:
                    self._look(statement)
                else:
                    self._carry_out(statement)
            except StatementFault as fault:
                raise located(fault, self._scenario.path, statement.line_no) from fault
        problems = [*self._venue.verify(), *audit(self._venue)]
        if problems:
            end = len(self._scenario.lines)
            difference = Difference(
                end, "end of file", ["digest equal"], problems, rewritable=False
            )
            self._differences.append(difference)
        commands = [one for one in statements if one.kind is Kind.COMMAND]
        text = rewritten(self._scenario, self._changes)
        return Outcome(self._differences, len(commands), text)

    def _carry_out(self, statement: Statement) -> None:
        table = self._commands if statement.kind is Kind.COMMAND else self._setup
        reports = self._renderer.reports(table[statement.words.word](statement.words))
        actual = relevant(statement, reports)
        if holds(statement, actual):
            return
        if not _refused_as_unsupported([line.words for line in statement.expectations]):
            for reason in _refused_as_unsupported(actual):
                raise NotSupportedFault(f"{statement.text!r} ({reason})")
        expected = [f"< {line_of(line.words)}" for line in statement.expectations]
        shown = [f"< {_as_written(statement, at, report)}" for at, report in enumerate(actual)]
        self._note(statement, expected, shown)
        if not statement.attached_lines:
            # A list that is begun is whole: what was free while there was none belongs into it.
            actual = [report for report in reports if report.word not in LISTED_ON_DEMAND]
        self._changes.append(Change(statement, None, self._rewritten(statement, actual)))

    def _note(self, statement: Statement, expected: list[str], actual: list[str]) -> None:
        if statement.wildcard_line:
            expected = [*expected, "< ..."]
        elif not expected:
            expected = ["no trade, reject, cancel, expiry or trigger"]
        self._differences.append(
            Difference(statement.line_no, statement.text, expected, actual or ["nothing"])
        )

    def _rewritten(self, statement: Statement, actual: Sequence[Words]) -> list[str]:
        lines = [expectation_of(report) for report in actual]
        if statement.wildcard_line:
            return [*lines[: len(statement.expectations)], "< ..."]
        return lines

    def _look(self, statement: Statement) -> None:
        finding = self._checks.look(statement)
        if finding.holds:
            return
        if finding.problems:
            actual = list(finding.problems)
            expected = [statement.text]
        elif finding.attached is not None:
            actual = finding.attached or ["an empty book"]
            rows = statement.levels
            expected = [f"{row.side} {row.price} {row.qty} x{row.order_count}" for row in rows]
            expected = expected or ["an empty book"]
            self._changes.append(Change(statement, None, finding.attached))
        else:
            actual, expected = [finding.own], [statement.text]
            self._changes.append(Change(statement, finding.own))
        rewritable = not finding.problems
        difference = Difference(statement.line_no, statement.text, expected, actual, rewritable)
        self._differences.append(difference)


def _refused_as_unsupported(reports: Sequence[Words]) -> list[str]:
    """The *_NOT_SUPPORTED reasons among the reports."""
    reasons = (report.keys.get("reason", "") for report in reports)
    return [reason for reason in reasons if reason.endswith(_NOT_SUPPORTED)]


def _as_written(statement: Statement, position: int, report: Words) -> str:
    """The report with the keys that the line in its place compares, and those always shown."""
    expected = statement.expectations
    asked = expected[position].words.keys if position < len(expected) else {}
    return line_of(report, [*asked, "reason", "detail"])
