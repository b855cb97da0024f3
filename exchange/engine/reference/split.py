"""R1.2, R9.4: a split of an instrument: of `den` units become `num`.

Room: one admin command. It takes effect between two trading sessions (CLOSED), like an ex-date:

- All open orders of the instrument are canceled (CORPORATE_ACTION), by order_id, whatever their
  type: their prices and quantities were meant for the units of before. Members enter them anew.
- A position becomes position * num / den, towards zero. The fraction that is left is paid out (a
  short position pays) at the last, else the reference price of before, towards zero; without
  either at cost. Money and securities of fractions come from outside, as the issuer's agent pays
  them: each is an event of its own (PositionAdjusted, CashAdjusted).
- The cost of a position stays what it was, less the part of the fraction; what that part brought is
  its result. What was opened today counts in the new units (R8.13).
- Reference price, last price and dynamic reference become price * den / num, on the tick at or
  below. The average daily volume is counted in the new units. Limits and quantities of instrument
  and accounts stay: an operator sets them with the split.
- Trades from before are final: they can be neither busted nor corrected any more.

Only shares and coins are split; a contract is changed by its multiplier.
"""

from __future__ import annotations

import msgspec

from exchange.engine.reference.admin import AdminRule, Verdict, refuse
from exchange.engine.reference.departure import cancel_all
from exchange.engine.reference.emitter import Emitter
from exchange.engine.reference.risk_books import FINAL
from exchange.engine.reference.scope import refuse_listing
from exchange.engine.reference.state import Listing, State
from exchange.engine.reference.sweep import schedule_sweep
from exchange.engine.reference.valuation import mark_of
from exchange.model.corporate_action import RATIO_MAX, InstrumentSplit, SplitInstrument
from exchange.model.enums import AssetClass, CancelReason, Phase
from exchange.model.event import InstrumentChanged
from exchange.model.reject import RejectReason as R
from exchange.model.risk import POSITION_MAX, RiskReference
from exchange.model.risk_event import CashAdjusted, PositionAdjusted, RiskReferenceChanged
from exchange.model.units import PRICE_MAX

_SPLIT = frozenset({AssetClass.EQUITY.value, AssetClass.CRYPTO.value})


def _judge(state: State, command: SplitInstrument) -> Verdict:
    verdict = refuse_listing(state, command.instrument_id)
    if verdict.reason:
        return verdict
    num, den = command.num, command.den
    listing = state.listings[command.instrument_id]
    if not (1 <= num <= RATIO_MAX and 1 <= den <= RATIO_MAX) or num == den:
        return refuse(R.INVALID_SPLIT_RATIO, f"{num}:{den}")
    if not command.reason:
        return refuse(R.REASON_REQUIRED)
    if listing.instrument.asset_class not in _SPLIT:
        return refuse(R.SPLIT_NOT_ALLOWED, "asset_class")
    if listing.phase != Phase.CLOSED:
        return refuse(R.WRONG_PHASE, listing.instrument.symbol)
    for price in (listing.instrument.reference_price, listing.last_price):
        if price and not 1 <= _price_after(listing, command, price) <= PRICE_MAX:
            return refuse(R.SPLIT_OUT_OF_RANGE, "price")
    for held in state.positions.values():
        if abs(held.get(command.instrument_id, 0)) * num // den > POSITION_MAX:
            return refuse(R.SPLIT_OUT_OF_RANGE, "position")
    if state.risk.adv_qty.get(command.instrument_id, 0) * num // den > POSITION_MAX:
        return refuse(R.SPLIT_OUT_OF_RANGE, "adv_qty")
    return verdict


def _split(state: State, out: Emitter, command: SplitInstrument) -> None:
    instrument_id = command.instrument_id
    listing = state.listings[instrument_id]
    orders = state.open_orders.select(instrument_id=instrument_id)
    cancel_all(state, out, orders, CancelReason.CORPORATE_ACTION)
    owners = [owner for owner in sorted(state.positions) if instrument_id in state.positions[owner]]
    former, former_last = listing.instrument.reference_price, listing.last_price
    mark = mark_of(listing)
    reference = _price_after(listing, command, former)
    listing.last_price = _price_after(listing, command, former_last)
    prices = (former, reference, former_last, listing.last_price)
    why = (command.operator, command.reason)
    ratio = (command.num, command.den)
    out.emit(InstrumentSplit(instrument_id, *ratio, *prices, len(owners), *why))
    if reference != former:
        listing.instrument = msgspec.structs.replace(listing.instrument, reference_price=reference)
        out.emit(InstrumentChanged(0, listing.instrument))
    _split_session(listing, command)
    _split_volume(state, out, command)
    for record in state.risk.trades.values():
        if record.instrument_id == instrument_id and not record.is_busted:
            record.is_busted = FINAL
    for account_id in owners:
        _split_position(state, out, command, account_id, mark)
    schedule_sweep(state)


def _price_after(listing: Listing, command: SplitInstrument, price: int) -> int:
    tick = listing.instrument.tick_size
    return price * command.den // command.num // tick * tick


def _split_session(listing: Listing, command: SplitInstrument) -> None:
    session = listing.session
    session.trail.clear()
    session.dynamic_base = _price_after(listing, command, session.dynamic_base)
    session.auction_close = _price_after(listing, command, session.auction_close)


def _split_volume(state: State, out: Emitter, command: SplitInstrument) -> None:
    former = state.risk.adv_qty.pop(command.instrument_id, 0)
    adv_qty = former * command.num // command.den
    if adv_qty:
        state.risk.adv_qty[command.instrument_id] = adv_qty
    if adv_qty != former:
        out.emit(RiskReferenceChanged(RiskReference(command.instrument_id, adv_qty)))


def _split_position(
    state: State, out: Emitter, command: SplitInstrument, account_id: int, mark: int
) -> None:
    """Change one position, its cost and what was opened today; pay out its fraction."""
    instrument_id, num, den = command.instrument_id, command.num, command.den
    listing = state.listings[instrument_id]
    held = state.risk.holding(account_id, instrument_id)
    former = state.position(account_id, instrument_id)
    position = _towards_zero(former * num, den)
    fraction = former * num - position * den  # in den-ths of a new unit, signed like the position
    if fraction:
        cost = held.cost if not position else held.cost * fraction // (former * num)
        paid = _towards_zero(fraction * mark * listing.scale, num) if mark else cost
        held.cost -= cost
        held.realised += paid - cost
    else:
        paid = 0
    held.opened_qty = _towards_zero(held.opened_qty * num, den)
    state.move_position(account_id, instrument_id, position - former)
    why = (command.operator, command.reason)
    if position != former:
        moved = (account_id, instrument_id, position - former, 0, position)
        out.emit(PositionAdjusted(*moved, *why))
    if paid:
        currency = listing.instrument.currency
        state.risk.add_cash(account_id, currency, paid)
        balance = state.risk.balance(account_id, currency)
        out.emit(CashAdjusted(account_id, paid, balance, currency, *why))


def _towards_zero(numerator: int, denominator: int) -> int:
    whole = abs(numerator) // denominator
    return whole if numerator >= 0 else -whole


SPLIT_RULES: dict[type, AdminRule] = {SplitInstrument: AdminRule(_judge, _split)}
