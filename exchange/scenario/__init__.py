"""Scenarios: the rulebook as market stories that run against any engine (SCENARIOS.md).

    file ─▶ parser ─▶ Scenario ─▶ run ─┬▶ order_desk, operator_desk ─▶ commands
            grammar    statement       │        parties, names          │
                                       │                              venue ─▶ engine(s)
                                       ├▶ render, compare  ◀── events ───┘
                                       ├▶ state_checks, audit
                                       └▶ rewrite

Above the engine, below nothing: only `exchange scenario run` and the tests use it. It knows no rule
of the market; every word of a file becomes a real log entry, and every answer is read from the
event batch that the engine gave for it.
"""

from __future__ import annotations

from exchange.scenario.faults import MalformedScenario, UnsupportedScenario
from exchange.scenario.parser import parse
from exchange.scenario.run import Difference, Outcome, run

__all__ = ["Difference", "MalformedScenario", "Outcome", "UnsupportedScenario", "parse", "run"]
