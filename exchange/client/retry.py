"""When a call may be repeated, and when to give up: the decision, without I/O.

Room: one `Attempts` per call. Only what changes nothing twice is repeated: reads, and commands with
a key (`cl_ord_id`, `request_id`), which the exchange carries out once however often they come
(RULEBOOK R10). Invalid requests are never repeated.

| status                                     | repeated | then may have taken effect |
|--------------------------------------------|----------|----------------------------|
| UNAVAILABLE STOPPING, NOT_LEADER, JOINING, |          |                            |
|   NODE_FENCED, NO_LEASE, SINGLE_COPY_PAUSED | yes      | no: it was not admitted    |
| RESOURCE_EXHAUSTED                         | yes      | no: it was not admitted    |
| UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED  | yes      | yes                        |
| INTERNAL, UNKNOWN of the transport         | yes      | yes                        |
| INTERNAL of the exchange                   | no       | yes                        |
| DISK_NEARLY_FULL, message too large        | no       | no                         |
| everything else                            | no       | no                         |

After an attempt whose fate is not known, only an answer that rests on the log ends the doubt.
"""

from __future__ import annotations

import random

from exchange.client.errors import (
    ClientError,
    Fault,
    OutcomeUnknownError,
    UnavailableError,
    error_of,
)

BACKOFF_S_FIRST = 0.02
BACKOFF_S_MAX = 1.0
SWITCH_BACKOFF_S_MAX = 0.08
"""While leadership moves: it takes some tenths of a second, and a refusal costs the node little."""

SWITCH_REASONS = frozenset({"NOT_LEADER", "NO_LEASE", "JOINING"})
AMBIGUOUS_CODES = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"})
TRANSPORT_CODES = frozenset({"INTERNAL", "UNKNOWN"})
NOT_ADMITTED_REASONS = frozenset(
    {
        "STOPPING",
        "QUEUE_FULL",
        "EVENT_INDEX_BEHIND",
        "NOT_LEADER",
        "JOINING",
        "NODE_FENCED",
        "NO_LEASE",
        "SINGLE_COPY_PAUSED",
    }
)
DECIDED_CODES = frozenset(
    {"INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION", "OUT_OF_RANGE"}
)
"""Answers that the exchange gives for what is in the log and in the request: they do not change
with who asks or how busy it is."""


def is_ambiguous(fault: Fault) -> bool:
    """Whether a command that failed so may have taken effect all the same."""
    if fault.reason in NOT_ADMITTED_REASONS or fault.reason == "NOTHING_TO_SNAPSHOT":
        return False
    transport = fault.code in TRANSPORT_CODES and not fault.is_of_exchange
    return fault.code in AMBIGUOUS_CODES or transport


class Attempts:
    """The attempts of one call.

    Args:
        key: idempotency key of a command; "" for a read.
        deadline: time at which to give up, on the clock that `wait_s` is asked with, seconds.
        chance: spreads the waits, so that many clients do not come back at once.
    """

    def __init__(self, key: str, deadline: float, chance: random.Random | None = None) -> None:
        self.key = key
        self.deadline = deadline
        self.sent = 0
        self.may_have_taken_effect = False
        self._chance = chance or random.Random()
        self._backoff_s = BACKOFF_S_FIRST

    def wait_s(self, fault: Fault, now: float) -> float:
        """Seconds to wait before the next attempt.

        Raises ClientError if there is to be none: OutcomeUnknownError where a command may have
        taken effect, else the error of the status.
        """
        ambiguous = is_ambiguous(fault)
        if not ambiguous and fault.reason not in NOT_ADMITTED_REASONS:
            raise self._final(fault)
        self.may_have_taken_effect |= ambiguous
        most = SWITCH_BACKOFF_S_MAX if fault.reason in SWITCH_REASONS else BACKOFF_S_MAX
        wait = max(min(self._backoff_s, most) * self._chance.uniform(0.5, 1.0), fault.retry_after_s)
        self._backoff_s = min(self._backoff_s * 2, BACKOFF_S_MAX)
        if now + wait >= self.deadline:
            raise self.give_up(fault)
        return wait

    def give_up(self, fault: Fault) -> ClientError:
        """The error at the end of the time."""
        if self.key and self.may_have_taken_effect:
            return OutcomeUnknownError(fault, self.key, self.sent)
        if fault.code in TRANSPORT_CODES | AMBIGUOUS_CODES:
            return UnavailableError(fault)
        return error_of(fault)

    def _final(self, fault: Fault) -> ClientError:
        failed = fault.code in TRANSPORT_CODES
        in_doubt = self.may_have_taken_effect and fault.code not in DECIDED_CODES
        if self.key and (failed or in_doubt):
            return OutcomeUnknownError(fault, self.key, self.sent)
        return error_of(fault)
