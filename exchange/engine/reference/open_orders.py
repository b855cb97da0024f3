"""Open orders by whom and what they belong to, so that a mass action finds its own at once.

Room: the indexes. An order is in all of them from the moment it rests until it is done, also while
a replace has taken it out of its queue. Order ids rise, so each index is in entry order.
"""

from __future__ import annotations

from collections.abc import Iterable

from exchange.engine.reference.order import Order


class OpenOrders:
    """All live orders, and the same by member, account, instrument and session."""

    __slots__ = ("by_account", "by_id", "by_instrument", "by_member", "by_session")

    def __init__(self) -> None:
        self.by_id: dict[int, Order] = {}
        self.by_member: dict[int, dict[int, Order]] = {}
        self.by_account: dict[int, dict[int, Order]] = {}
        self.by_instrument: dict[int, dict[int, Order]] = {}
        self.by_session: dict[int, dict[int, Order]] = {}

    def add(self, order: Order) -> None:
        """Index an order that begins to rest."""
        order_id = order.order_id
        self.by_id[order_id] = order
        self.by_member.setdefault(order.member_id, {})[order_id] = order
        self.by_account.setdefault(order.account_id, {})[order_id] = order
        self.by_instrument.setdefault(order.instrument_id, {})[order_id] = order
        if order.session_id:
            self.by_session.setdefault(order.session_id, {})[order_id] = order

    def discard(self, order: Order) -> None:
        """Forget an order that is done; one that never rested is not here, and that is fine."""
        order_id = order.order_id
        if self.by_id.pop(order_id, None) is None:
            return
        del self.by_member[order.member_id][order_id]
        del self.by_account[order.account_id][order_id]
        del self.by_instrument[order.instrument_id][order_id]
        if order.session_id:
            of_session = self.by_session[order.session_id]
            del of_session[order_id]
            if not of_session:
                del self.by_session[order.session_id]

    def has_any(self, instrument_id: int) -> bool:
        """Whether the instrument has open orders."""
        return bool(self.by_instrument.get(instrument_id))

    def of_session(self, session_id: int) -> list[Order]:
        """Open orders entered over a session, by order_id."""
        return _by_order_id(self.by_session.get(session_id, {}).values())

    def of_instruments(self, instrument_ids: Iterable[int]) -> list[Order]:
        """Open orders of several instruments, by order_id."""
        none: dict[int, Order] = {}
        return _by_order_id(
            order
            for instrument_id in instrument_ids
            for order in self.by_instrument.get(instrument_id, none).values()
        )

    def select(
        self, *, member_id: int = 0, account_id: int = 0, instrument_id: int = 0, side: int = 0
    ) -> list[Order]:
        """Open orders that pass every filter (0 = any), by order_id.

        Walks the smallest index that a filter names, never all orders unless all are asked for.
        """
        none: dict[int, Order] = {}
        pools = []
        if member_id:
            pools.append(self.by_member.get(member_id, none))
        if account_id:
            pools.append(self.by_account.get(account_id, none))
        if instrument_id:
            pools.append(self.by_instrument.get(instrument_id, none))
        pool = min(pools, key=len) if pools else self.by_id
        return _by_order_id(
            order
            for order in pool.values()
            if member_id in (0, order.member_id)
            and account_id in (0, order.account_id)
            and instrument_id in (0, order.instrument_id)
            and side in (0, order.side)
        )


def _by_order_id(orders: Iterable[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: order.order_id)
