"""The register as a node sees it that has no vote: not at all.

Room: DR and its like. They follow whoever leads by epoch and generation, never decide, and so need
no register; every change they could ask for is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from replication.register import RegisterError, RegisterStatus, RegisterValue


class AbsentRegister:
    """Fulfils `ConsensusRegister`; holds the value before the first change."""

    def __init__(self, initial: RegisterValue) -> None:
        self._initial = initial

    def read(self) -> RegisterValue:
        """The initial value: nothing newer is known here."""
        return self._initial

    def compare_and_set(self, expected_version: int, new: RegisterValue) -> bool:
        """Refused. Raises RegisterError."""
        raise RegisterError("this node has no vote in the register")

    def watch(self, on_change: Callable[[RegisterValue], None]) -> None:
        """Nothing ever changes."""

    def status(self) -> RegisterStatus:
        """Not healthy: nothing can be decided from here."""
        return RegisterStatus(healthy=False, voters=0, leader="")

    def close(self) -> None:
        """Nothing is held."""
