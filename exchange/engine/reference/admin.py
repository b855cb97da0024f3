"""R10.1 for operators: one course for all admin commands, judge, acknowledge, carry out.

Room: the course and the table of rules. A rule judges first (nothing changes) and takes effect
only after AdminAccepted is out, so the first event is always the acknowledgement (R11.1). The
request is remembered after its effect: the CloseSession that ends the trading day must itself be
known in the next day, or a repeat would end that one too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.idempotency import RememberedRequest
from exchange.engine.reference.origin import Origin
from exchange.engine.reference.state import State
from exchange.model.event import AdminAccepted, AdminRejected
from exchange.model.reject import RejectReason

OPERATORS = 0
"""Stands for the member in the memory of admin requests; members count from 1."""


class Verdict(NamedTuple):
    """Whether an admin command may be carried out: `reason` 0, or why not and what is at fault."""

    reason: int = 0
    detail: str = ""
    target_id: int = 0


class AdminRule(NamedTuple):
    """One admin command: the judgement (pure) and the effect."""

    judge: Callable[[State, Any], Verdict]
    effect: Callable[[State, Emitter, Any], None]


def refuse(reason: RejectReason, detail: str = "") -> Verdict:
    """A refusal; `detail` names the field or object at fault."""
    return Verdict(reason, detail)


def carry_out(
    state: State, out: Emitter, command: Any, origin: Origin, rule: AdminRule, *, owner: int
) -> None:
    """Run one admin command.

    Args:
        state: of the engine.
        out: takes the events.
        command: has a `request_id`, and an `operator` unless a gateway sent it.
        origin: its kind and fingerprint.
        rule: how it is judged and what it does.
        owner: whose request_ids it counts among: OPERATORS, or a member.
    """
    kind, request_id = origin.kind, command.request_id
    operator = getattr(command, "operator", "")
    key = (owner, request_id)
    known = state.remembered_requests.get(key)
    if known is None and request_id:
        verdict = rule.judge(state, command)
    elif known is None:
        verdict = refuse(RejectReason.INVALID_REQUEST_ID)
    elif known.fingerprint != origin.fingerprint:
        verdict = refuse(RejectReason.DUPLICATE_REQUEST_ID)
    else:
        verdict = Verdict(known.reason, known.detail, known.target_id)
    repeated = int(known is not None and known.fingerprint == origin.fingerprint)
    reason, detail, target_id = verdict
    if reason:
        out.emit(AdminRejected(kind, repeated, reason, request_id, operator, detail))
    else:
        out.emit(AdminAccepted(kind, repeated, target_id, request_id, operator))
        if not repeated:
            rule.effect(state, out, command)
    if known is None and request_id:
        state.remembered_requests[key] = RememberedRequest(
            origin.fingerprint, target_id, reason, detail
        )
