"""An independent market of special orders, slow and obvious, as oracle of R3, R4 and R5.

Room: one flat list of resting orders in time priority, searched anew for each execution; stops,
pegs and all-or-none orders are plain scans. What executes whole or not at all is tried on a deep
copy of the whole market, where the engine reckons (`availability.py`). It shares no code and no
data structure with the engine: it is told accepted orders, replaces and departures of one
instrument, and says which effects must follow, in order.

Size: one market in one file, so that it can be read against the rulebook from top to bottom.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import msgspec

from exchange.model.enums import CancelReason as Why
from exchange.model.enums import OrderFlag, OrdType, PegType, Side, StpMode, TimeInForce, TrailUnit
from exchange.model.terms import OrderTerms

Effect = tuple[str | int, ...]
"""("trade", buy, sell, qty, price), ("canceled", id, qty, why), ("restated", id, leaves, price),
("triggered", id) or ("moved", id, stop price)."""

STOP_TYPES = (3, 4, 7, 8)
POST_ONLY = OrderFlag.POST_ONLY | OrderFlag.POST_ONLY_REPRICE


@dataclass(eq=False)
class Special:
    """What the market must know of an order; `shown` is an iceberg's tranche."""

    order_id: int
    member_id: int
    side: int
    ord_type: int
    tif: int
    stp: int
    flags: int
    qty: int
    leaves: int
    price: int
    terms: OrderTerms
    cum: int = 0
    shown: int = 0
    stop: int = 0
    partner: int = 0

    def sign(self) -> int:
        return 1 if self.side == Side.BUY else -1

    def dark(self) -> bool:
        hidden = self.flags & (OrderFlag.HIDDEN | OrderFlag.ALL_OR_NONE)
        return bool(hidden) or self.terms.peg == PegType.MIDPOINT

    def displayed(self) -> int:
        """What an incoming order meets of it."""
        return self.shown if self.terms.display_qty else self.leaves


@dataclass
class SpecialOrderBook:
    """One instrument in CONTINUOUS; band are the prices that a peg may have."""

    tick: int
    reference_price: int
    band: tuple[int, int]
    resting: list[Special] = field(default_factory=list)
    waiting: list[Special] = field(default_factory=list)
    pegs: list[Special] = field(default_factory=list)
    positions: dict[int, int] = field(default_factory=dict)
    orders: dict[int, Special] = field(default_factory=dict)
    last: int = 0
    prints: list[int] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    reference: tuple[int, int] = (0, 0)

    def take(self) -> list[Effect]:
        """After-effects of a command; then all its effects."""
        self._follow()
        told, self.effects = self.effects, []
        return told

    def new(self, order: Special) -> None:
        """An accepted order."""
        self.orders[order.order_id] = order
        partner = self.orders.get(order.partner)
        if partner is not None:
            partner.partner = order.order_id
        if order.ord_type in STOP_TYPES:
            self._wait(order)
        else:
            self._enter(order)

    def replace(self, order: Special, qty: int, price: int, terms: OrderTerms) -> bool:
        """A successful replace; whether the place was kept."""
        if qty < order.qty and price == order.price and terms == order.terms:
            self._lower(order, order.qty - qty)
            return True
        was_waiting = order in self.waiting
        self._remove(order)
        order.qty, order.leaves, order.price = qty, qty - order.cum, price
        order.terms, order.stop = terms, terms.stop_price
        if was_waiting:
            self._wait(order)
        else:
            self._enter(order)
        return False

    def drop(self, order_id: int) -> int:
        """A departure that was not the market's doing; the open quantity."""
        order = self.orders[order_id]
        assert order.leaves, f"order {order_id} left twice"
        left = order.leaves
        self._end(order)
        return left

    def depth(self, side: int) -> list[tuple[int, int, int]]:
        """(price, displayed quantity, orders), best first."""
        mine = [x for x in self.resting if x.side == side and not x.dark()]
        prices = sorted({x.price for x in mine}, reverse=side == Side.BUY)
        return [
            (
                price,
                sum(x.displayed() for x in mine if x.price == price),
                sum(1 for x in mine if x.price == price),
            )
            for price in prices
        ]

    # --- what an incoming order does

    def _enter(self, order: Special) -> None:
        if order.ord_type == OrdType.PEGGED:
            self.pegs.append(order)
            self._place_peg(order, self._peg_price(order, self._bbo()))
            return
        if order.tif == TimeInForce.FOK and not self.fills(order, order.leaves):
            self._cancel(order, Why.FOK_NOT_FILLABLE)
            return
        if order.terms.min_qty and not self.fills(order, order.terms.min_qty):
            self._cancel(order, Why.MIN_QTY_NOT_FILLABLE)
            return
        if order.flags & POST_ONLY and not self._steps_aside(order):
            return
        converts = order.ord_type == OrdType.MARKET_TO_LIMIT and not order.price
        if converts:
            order.price = self._best_opposite(order)
            if not order.price:
                self._cancel(order, Why.UNFILLED_REMAINDER)
                return
        self.match(order)
        if not order.leaves:
            return
        unpriced = not order.price or order.tif == TimeInForce.IOC
        if unpriced or (converts and not order.cum):
            self._cancel(order, Why.UNFILLED_REMAINDER)
        else:
            self._rest(order)

    def fills(self, order: Special, qty: int) -> bool:
        trial = copy.deepcopy(self)
        incoming = trial.orders[order.order_id]
        incoming.flags &= ~OrderFlag.ALL_OR_NONE
        whole = incoming.qty
        if incoming.stp == StpMode.DECREMENT_AND_CANCEL:
            incoming.stp = StpMode.CANCEL_INCOMING  # meeting an own order ends the trial
        before = incoming.cum
        trial.match(incoming)
        return incoming.qty == whole and incoming.cum - before >= qty

    def _steps_aside(self, order: Special) -> bool:
        other = self._next(order)
        if other is None:
            return True
        beside = other.price - order.sign()
        beside = self._passive_tick(beside, order.sign())
        in_range = self.band[0] <= beside <= self.band[1]
        if not order.flags & OrderFlag.POST_ONLY_REPRICE or not in_range:
            self._cancel(order, Why.POST_ONLY_WOULD_TAKE)
            return False
        order.price = beside
        self._restate(order)
        return True

    def _passive_tick(self, price: int, sign: int) -> int:
        low = price // self.tick * self.tick
        return low if sign > 0 or low == price else low + self.tick

    def _best_opposite(self, order: Special) -> int:
        shown = [x.price for x in self.resting if x.side != order.side and not x.dark()]
        if shown:
            return min(shown) if order.sign() > 0 else max(shown)
        other = self._next(order)
        return self._passive_tick(other.price, -order.sign()) if other else 0

    def _next(self, order: Special) -> Special | None:
        found = []
        for place, x in enumerate(self.resting):
            whole = x.flags & OrderFlag.ALL_OR_NONE
            sign = order.sign()
            if x.side == order.side or (order.price and sign * x.price > sign * order.price):
                continue
            if whole and x.leaves > order.leaves:
                continue
            found.append((sign * x.price, x.dark(), place, x))
        return min(found, key=lambda row: row[:3])[3] if found else None

    def match(self, order: Special) -> None:
        if order.flags & OrderFlag.ALL_OR_NONE and not self.fills(order, order.leaves):
            return
        while order.leaves and (other := self._next(order)) is not None:
            if self._is_own(order, other):
                self._self_trade(order, other)
            else:
                self._trade(order, other)

    def _trade(self, order: Special, other: Special) -> None:
        qty = min(order.leaves, other.displayed())
        for x in (order, other):
            x.leaves -= qty
            x.cum += qty
        pair = (order, other) if order.sign() > 0 else (other, order)
        for x in pair:
            held = self.positions.get(x.member_id, 0)
            self.positions[x.member_id] = held + x.sign() * qty
        self.effects.append(("trade", pair[0].order_id, pair[1].order_id, qty, other.price))
        self.prints.append(other.price)
        self.last = other.price
        if other.terms.display_qty:
            other.shown -= qty
            if not other.shown and other.leaves:
                other.shown = min(other.terms.display_qty, other.leaves)
                self.resting.remove(other)
                self.resting.append(other)
        partners = [order.partner, other.partner]
        for x in (other, order):
            if not x.leaves:
                self._end(x)
        for partner in partners:
            if partner and self.orders[partner].leaves:
                self._cancel(self.orders[partner], Why.LINKED_ORDER_EXECUTED)
        for x in pair:
            self._trim(x.member_id)

    def _trim(self, member_id: int) -> None:
        for _, x in sorted(self.orders.items()):
            if x.member_id != member_id or not x.leaves or not x.flags & OrderFlag.REDUCE_ONLY:
                continue
            room = max(-x.sign() * self.positions.get(member_id, 0), 0)
            if not room:
                self._cancel(x, Why.REDUCE_ONLY_POSITION)
            elif x.leaves > room:
                self._lower(x, x.leaves - room)
                self._restate(x)

    # --- own orders

    def _is_own(self, order: Special, other: Special) -> bool:
        if order.member_id != other.member_id:
            return False
        if order.partner == other.order_id:
            return True
        group = order.terms.stp_group
        same = not group or group == other.terms.stp_group
        return order.stp != StpMode.ALLOW and same

    def _self_trade(self, order: Special, other: Special) -> None:
        why = Why.SELF_TRADE_PREVENTION
        mine, theirs = order.leaves, other.leaves
        if order.stp == StpMode.CANCEL_INCOMING:
            self._cancel(order, why)
        elif order.stp in (StpMode.CANCEL_RESTING, StpMode.ALLOW):
            self._cancel(other, why)
        elif order.stp == StpMode.CANCEL_BOTH or mine == theirs:
            self._cancel(other, why)
            self._cancel(order, why)
        else:
            small, large = (other, order) if mine > theirs else (order, other)
            less = small.leaves
            self._cancel(small, why)
            self._lower(large, less)
            self._restate(large)

    # --- after the command

    def _follow(self) -> None:
        while True:
            hit = self._show_prints()
            for _, _, order in sorted(hit, key=lambda row: row[:2]):
                if order.leaves:
                    self._release(order)
            if hit or self._retry_whole() or self._move_pegs():
                continue
            return

    def _show_prints(self) -> list[tuple[int, int, Special]]:
        prints, self.prints = self.prints, []
        hit: list[tuple[int, int, Special]] = []
        moved: dict[int, Special] = {}
        for price in prints:
            for x in list(self.waiting):
                if x.sign() * price >= x.sign() * x.stop:
                    extreme = max(prints) if x.sign() > 0 else min(prints)
                    hit.append((-abs(extreme - x.stop), x.order_id, x))
                    self.waiting.remove(x)
                elif x.terms.trail and self._trail(x, price):
                    moved[x.order_id] = x
        for _, x in sorted(moved.items()):
            self.effects.append(("moved", x.order_id, x.stop))
        return hit

    def _trail(self, x: Special, price: int) -> bool:
        stop = self.trailing_stop(x.side, x.terms, price)
        if x.sign() * stop >= x.sign() * x.stop:
            return False
        if x.price:
            top = 9 * 10**18 // self.tick * self.tick
            x.price = min(max(x.price + stop - x.stop, self.tick), top)
        x.stop = stop
        x.terms = msgspec.structs.replace(x.terms, stop_price=stop)
        return True

    def trailing_stop(self, side: int, terms: OrderTerms, price: int) -> int:
        """`trail` beyond a price, on the tick further away."""
        sign = 1 if side == Side.BUY else -1
        if terms.trail_unit == TrailUnit.PRICE:
            exact = (price + sign * terms.trail) * 10_000
        else:
            exact = price * (10_000 + sign * terms.trail)
        step = self.tick * 10_000
        low = exact // step * self.tick
        return low + self.tick if sign > 0 and exact % step else low

    def _wait(self, order: Special) -> None:
        if self.last and order.sign() * self.last >= order.sign() * order.stop:
            self._release(order)
        else:
            self.waiting.append(order)

    def _release(self, order: Special) -> None:
        self.effects.append(("triggered", order.order_id))
        self._enter(order)

    def _retry_whole(self) -> bool:
        done = False
        whole = [x for x in self.resting if x.flags & OrderFlag.ALL_OR_NONE]
        for x in sorted(whole, key=lambda x: x.order_id):
            if x in self.resting and self._fills_from_rest(x):
                self.resting.remove(x)
                self.match(x)
                done = True
        return done

    def _fills_from_rest(self, x: Special) -> bool:
        trial = copy.deepcopy(self)
        trial.resting = [y for y in trial.resting if y.order_id != x.order_id]
        return trial.fills(trial.orders[x.order_id], x.leaves)

    def _bbo(self) -> tuple[int, int]:
        plain = [x for x in self.resting if not x.dark() and x.ord_type != OrdType.PEGGED]
        bids = [x.price for x in plain if x.sign() > 0]
        asks = [x.price for x in plain if x.sign() < 0]
        return max(bids, default=0), min(asks, default=0)

    def _move_pegs(self) -> bool:
        reference = self._bbo()
        if not self.pegs:
            self.reference = (0, 0)
            return False
        if reference == self.reference:
            return False
        self.reference = reference
        moving = [(x, self._peg_price(x, reference)) for x in self.pegs]
        moving = sorted(
            (row for row in moving if row[1] != row[0].price), key=lambda row: row[0].order_id
        )
        for x, _ in moving:
            if x in self.resting:
                self.resting.remove(x)
        for x, price in moving:
            if x.leaves:
                self._place_peg(x, price)
        return bool(moving)

    def _peg_price(self, x: Special, reference: tuple[int, int]) -> int:
        near, far = reference if x.sign() > 0 else reference[::-1]
        sign = x.sign()
        if x.terms.peg == PegType.MIDPOINT:
            if not near or not far:
                return 0
            base = (near + far) // 2 if sign > 0 else -(-(near + far) // 2)
        else:
            base = near if x.terms.peg == PegType.PRIMARY else far
            if not base:
                return 0
        price = base + x.terms.peg_offset
        if far and sign * price >= sign * far:
            price = far - sign * self.tick
        if x.terms.peg_limit and sign * price > sign * x.terms.peg_limit:
            price = x.terms.peg_limit
        return price if self.band[0] <= price <= self.band[1] else 0

    def _place_peg(self, x: Special, price: int) -> None:
        if price and x.terms.peg != PegType.MIDPOINT:
            there = [
                y.price
                for y in self.resting
                if y.side != x.side and not y.flags & OrderFlag.ALL_OR_NONE
            ]
            best = (min(there) if x.sign() > 0 else max(there)) if there else 0
            if best and x.sign() * price >= x.sign() * best:
                price = self._passive_tick(best - x.sign(), x.sign())
            price = price if self.band[0] <= price <= self.band[1] else 0
        if price != x.price:
            x.price = price
            self._restate(x)
        if price and x.terms.peg == PegType.MIDPOINT:
            self.match(x)
        if price and x.leaves:
            self._rest(x)

    # --- places

    def _rest(self, x: Special) -> None:
        if x.terms.display_qty:
            x.shown = min(x.terms.display_qty, x.leaves)
        self.resting.append(x)

    def _lower(self, x: Special, less: int) -> None:
        x.qty -= less
        x.leaves -= less
        x.shown = min(x.shown, x.leaves)

    def _restate(self, x: Special) -> None:
        self.effects.append(("restated", x.order_id, x.leaves, x.price))

    def _cancel(self, x: Special, why: Why) -> None:
        self.effects.append(("canceled", x.order_id, x.leaves, why))
        self._end(x)

    def _end(self, x: Special) -> None:
        x.leaves = 0
        self._remove(x)
        if x.partner:
            self.orders[x.partner].partner = 0
            x.partner = 0

    def _remove(self, x: Special) -> None:
        for places in (self.resting, self.waiting, self.pegs):
            if x in places:
                places.remove(x)
