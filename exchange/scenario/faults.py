"""What can be wrong with a scenario file, apart from the market behaving otherwise.

Room: the exceptions. A difference between a file and an engine is no exception but a result
(`run.Difference`). Code that knows no line raises a `StatementFault`; whoever knows the line turns
it into a `MalformedScenario` with `located`.
"""

from __future__ import annotations

from exchange.errors import OperatorFault


class StatementFault(Exception):
    """A statement says something that cannot be; the text says what, and what was expected."""


class NotSupportedFault(StatementFault):
    """A statement uses a word of the grammar that this engine version has no meaning for."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not supported by this engine version")


class MalformedScenario(OperatorFault):
    """A file that cannot be run as it is written.

    Args:
        path: of the file, as the caller named it.
        line_no: from 1.
        detail: what is wrong, and what was expected.
    """

    def __init__(self, path: str, line_no: int, detail: str) -> None:
        super().__init__(f"{path}: line {line_no}: {detail}")
        self.path = path
        self.line_no = line_no
        self.detail = detail


class UnsupportedScenario(MalformedScenario):
    """A well-formed file that needs what this engine version does not have."""


def located(fault: StatementFault, path: str, line_no: int) -> MalformedScenario:
    """The fault with its place."""
    unsupported = isinstance(fault, NotSupportedFault)
    return (UnsupportedScenario if unsupported else MalformedScenario)(path, line_no, str(fault))
