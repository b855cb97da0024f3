"""R8.5: order rates, as integer token buckets on log time, per member and per session.

Room: buckets. A bucket holds at most `burst` tokens (`rate` where no burst is given), gains `rate`
tokens a second and loses one with each order or replace that is accepted; what is refused takes
none, so a refusal leaves no trace. What passes unjudged (a replace of terms alone, an order of the
venue's own) empties a bucket and never overdraws it. Levels are tokens times 1e9: a nanosecond adds
`rate`, exactly.
"""

from __future__ import annotations

from exchange.engine.reference.risk_books import Bucket
from exchange.engine.reference.state import State

_TOKEN = 1_000_000_000


def is_rate_exceeded(state: State, member_id: int, session_id: int) -> bool:
    """Whether the member's bucket, or that of the session (0 = none), holds no token."""
    limits = state.risk.member_limits.get(member_id)
    if limits is None:
        return False
    now_ns = state.now_ns
    if limits.order_rate:
        bucket = state.risk.member_buckets.get(member_id)
        if _level(bucket, limits.order_rate, limits.order_burst, now_ns) < _TOKEN:
            return True
    if limits.session_rate and session_id:
        bucket = state.risk.session_buckets.get(session_id)
        return _level(bucket, limits.session_rate, limits.session_burst, now_ns) < _TOKEN
    return False


def take_token(state: State, member_id: int, session_id: int) -> None:
    """Count an accepted order or replace."""
    risk = state.risk
    limits = risk.member_limits.get(member_id)
    if limits is None:
        return
    now_ns = state.now_ns
    if limits.order_rate:
        bucket = risk.member_buckets.get(member_id)
        level = _level(bucket, limits.order_rate, limits.order_burst, now_ns)
        risk.member_buckets[member_id] = Bucket(max(level - _TOKEN, 0), now_ns)
    if limits.session_rate and session_id:
        bucket = risk.session_buckets.get(session_id)
        level = _level(bucket, limits.session_rate, limits.session_burst, now_ns)
        risk.session_buckets[session_id] = Bucket(max(level - _TOKEN, 0), now_ns)


def forget_buckets(state: State, member_id: int) -> None:
    """Fill the buckets of a member anew: its limits have changed."""
    state.risk.member_buckets.pop(member_id, None)
    for session in state.sessions.values():
        if session.member_id == member_id:
            state.risk.session_buckets.pop(session.session_id, None)


def _level(bucket: Bucket | None, rate: int, burst: int, now_ns: int) -> int:
    full = (burst or rate) * _TOKEN
    if bucket is None:
        return full
    return min(full, bucket.level + (now_ns - bucket.ts_ns) * rate)
