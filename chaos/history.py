"""What clients saw: every command they sent, and what became of it as far as they know.

Room: the record that the checker holds against the log. It judges nothing. A command is named by
(member, cl_ord_id), its idempotency key; sending it again is another attempt of the same command.

    SENT ──answer──▶ ACKNOWLEDGED        SENT ──connection lost──▶ UNKNOWN ──resent──▶ SENT
    SENT ──never reached the log, the server says so──▶ REFUSED (may be sent again)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from chaos.facts import Fact


class Key(NamedTuple):
    """The idempotency key of a command (RULEBOOK R10.1)."""

    member: str
    cl_ord_id: str


class State(Enum):
    """What the client knows of a command."""

    SENT = "sent"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    ACKNOWLEDGED = "acknowledged"


@dataclass(slots=True)
class Sent:
    """One command and what is known of it.

    Attributes:
        key: its name.
        kind: submit, cancel or replace.
        attempts: how often it went out.
        state: what the client knows.
        answers: one for each attempt that was answered; facts in the order of the reports.
    """

    key: Key
    kind: str
    attempts: int = 0
    state: State = State.SENT
    answers: list[tuple[Fact, ...]] = field(default_factory=list)


class History:
    """All commands of all clients of one run. One thread.

    Attributes:
        newest_index: newest log index that any answer told.
    """

    def __init__(self) -> None:
        self._commands: dict[Key, Sent] = {}
        self._acknowledged: list[Key] = []
        self.newest_index = 0

    def sent(self, key: Key, kind: str) -> None:
        """The command goes out now, for the first time or again."""
        command = self._commands.setdefault(key, Sent(key, kind))
        command.attempts += 1
        if command.state is not State.ACKNOWLEDGED:
            command.state = State.SENT

    def acknowledged(self, key: Key, facts: Sequence[Fact]) -> None:
        """An answer came. Raises ValueError for one without reports, which answers nothing."""
        if not facts:
            raise ValueError(f"an answer to {key} without reports")
        command = self._commands[key]
        if command.state is not State.ACKNOWLEDGED:
            self._acknowledged.append(key)
        command.state = State.ACKNOWLEDGED
        command.answers.append(tuple(facts))
        self.newest_index = max(self.newest_index, facts[0].log_index)

    def unknown(self, key: Key) -> None:
        """The connection was lost before an answer."""
        command = self._commands[key]
        if command.state is not State.ACKNOWLEDGED:
            command.state = State.UNKNOWN

    def refused(self, key: Key) -> None:
        """The server says that this attempt did not reach the log."""
        command = self._commands[key]
        if command.state is State.SENT:
            # An earlier attempt whose answer was lost may have got there all the same.
            command.state = State.REFUSED if command.attempts == 1 else State.UNKNOWN

    @property
    def acknowledged_count(self) -> int:
        """Commands with an answer; `since(n)` gives the later ones."""
        return len(self._acknowledged)

    def since(self, count: int) -> list[Sent]:
        """Commands acknowledged after the first `count`, in the order of their first answer."""
        return [self._commands[key] for key in self._acknowledged[count:]]

    def in_state(self, *states: State) -> list[Sent]:
        """Commands in any of the states."""
        return [command for command in self._commands.values() if command.state in states]

    def __iter__(self) -> Iterator[Sent]:
        return iter(self._commands.values())

    def __len__(self) -> int:
        return len(self._commands)

    def __getitem__(self, key: Key) -> Sent:
        return self._commands[key]
