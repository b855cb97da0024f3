// What a trade does to those who traded: position, cost, result, cash, fees, reservations (R8).
//
// Settlement is at once. Futures move no notional: what a trade closes is paid as variation.
// Average cost: an execution against the position takes out cost in proportion, rounded down.
#pragma once

#include "valuation.hpp"

namespace lockstep {

inline constexpr uint64_t kSweepDelay = 1'000'000'000;

inline u128 magnitude(i128 v) { return static_cast<u128>(v < 0 ? -v : v); }

// Has the margin accounts judged soon, if there are any.
inline void schedule_sweep(State& s) {
  if (s.sweep_ts_ns || (s.margin_accounts.empty() && s.calls.empty())) return;
  s.sweep_ts_ns = s.now_ns() + kSweepDelay;
  s.timers.insert({s.sweep_ts_ns, TimerKind::MARGIN_SWEEP, 0});
}

inline void pay_variation(State& s, Emitter& out, const TradeRecord& r, uint32_t account_id,
                          const Int256& amount) {
  if (amount.zero()) return;
  s.add_cash(account_id, s.currency_id(r.currency), amount);
  out.emit(VariationSettled{account_id, r.instrument_id, r.price, Int256(), amount, r.currency});
}

// Moves the cost of a holding by a signed quantity and notional; returns what was realised.
inline Int256 close_out(Line& held, i128 position, i128 qty, const Int256& value) {
  if (!position || (position > 0) == (qty > 0)) {
    held.cost += value;
    return {};
  }
  u128 closing = std::min(magnitude(qty), magnitude(position));
  Int256 cost_out = closing == magnitude(position)
                        ? held.cost
                        : floor_div(held.cost * Int256(closing), magnitude(position));
  Int256 realised = -(floor_div(value, magnitude(qty)) * Int256(closing)) - cost_out;
  held.cost += value + realised;
  held.realised += realised;
  return realised;
}

inline Int256 take_side(State& s, const TradeRecord& r, uint32_t account_id, i128 qty,
                        const Int256& value) {
  Line& held = s.holding(account_id, r.instrument_id);
  Int256 realised = close_out(held, held.qty, qty, value);
  s.move_position(account_id, r.instrument_id, qty);
  return realised;
}

// Charges (1) or gives back (-1) the fees of a trade; the venue is the other side.
inline void pay_fees(State& s, const TradeRecord& r, int sign) {
  if (r.buy_fee.zero() && r.sell_fee.zero()) return;
  uint32_t currency = s.currency_id(r.currency);
  Int256 buy = sign > 0 ? r.buy_fee : -r.buy_fee, sell = sign > 0 ? r.sell_fee : -r.sell_fee;
  s.add_cash(r.buy_account_id, currency, -buy);
  s.add_cash(r.sell_account_id, currency, -sell);
  s.add_cash(0, currency, buy + sell);
}

inline Int256 value_of(const TradeRecord& r) {
  return product(static_cast<i128>(r.price) * r.qty, r.scale);
}

inline void book_trade(State& s, Emitter& out, TradeRecord& r) {
  Int256 value = value_of(r);
  r.buy_realised = take_side(s, r, r.buy_account_id, r.qty, value);
  r.sell_realised = take_side(s, r, r.sell_account_id, -static_cast<i128>(r.qty), -value);
  if (r.is_future) {
    pay_variation(s, out, r, r.buy_account_id, r.buy_realised);
    pay_variation(s, out, r, r.sell_account_id, r.sell_realised);
  } else {
    uint32_t currency = s.currency_id(r.currency);
    s.add_cash(r.buy_account_id, currency, -value);
    s.add_cash(r.sell_account_id, currency, value);
  }
  pay_fees(s, r, 1);
}

inline void give_back(State& s, Emitter& out, const TradeRecord& r, uint32_t account_id, i128 qty,
                      const Int256& value, const Int256& realised) {
  Line& held = s.holding(account_id, r.instrument_id);
  s.move_position(account_id, r.instrument_id, qty);
  held.cost += value - realised;
  held.realised -= realised;
  Int256 paid = -realised;
  if (!held.qty && held.cost) {
    held.realised -= held.cost;
    paid -= held.cost;
    held.cost = Int256();
  }
  if (r.is_future) pay_variation(s, out, r, account_id, paid);
}

// Takes back exactly what `book_trade` did, whatever was traded since.
inline void unbook_trade(State& s, Emitter& out, TradeRecord& r) {
  Int256 value = value_of(r);
  Int256 buy_realised = r.buy_realised, sell_realised = r.sell_realised;
  give_back(s, out, r, r.buy_account_id, -static_cast<i128>(r.qty), -value, buy_realised);
  give_back(s, out, r, r.sell_account_id, r.qty, value, sell_realised);
  if (!r.is_future) {
    uint32_t currency = s.currency_id(r.currency);
    s.add_cash(r.buy_account_id, currency, value);
    s.add_cash(r.sell_account_id, currency, -value);
  }
  pay_fees(s, r, -1);
}

// R8.13: who closes on a day what was opened on it has made a day trade, one an order.
inline void count_day_trade(State& s, uint32_t account_id, uint32_t instrument_id, i128 qty,
                            uint64_t order_id) {
  Line& held = s.holding(account_id, instrument_id);
  i128 position = held.qty;
  i128 opening = qty;
  if (position && (position > 0) != (qty > 0)) {
    u128 closing = std::min(magnitude(qty), magnitude(position));
    opening = qty < 0 ? qty + static_cast<i128>(closing) : qty - static_cast<i128>(closing);
    if (held.opened_qty && (held.opened_qty > 0) == (position > 0)) {
      if (held.closing_order_id != order_id) {
        held.closing_order_id = order_id;
        ++s.account(account_id)->day_trades[s.head.trading_day];
      }
      u128 opened = magnitude(held.opened_qty);
      i128 left = opened > closing ? static_cast<i128>(opened - closing) : 0;
      held.opened_qty = position > 0 ? left : -left;
    }
  }
  held.opened_qty += opening;
}

// Books a trade, right after its Trade event; both orders are as they are after it.
inline void settle(State& s, Emitter& out, Listing& l, uint64_t trade_id, int64_t price,
                   int64_t qty, int aggressor, Order* buy, Order* sell) {
  s.trades.emplace_back();
  TradeRecord& r = s.trades.back();
  r.trade_id = trade_id;
  r.instrument_id = l.id();
  r.price = price;
  r.qty = qty;
  r.aggressor = static_cast<uint8_t>(aggressor);
  r.is_future = l.is_future();
  r.scale = l.scale64;
  r.buy_order_id = buy->order_id;
  r.sell_order_id = sell->order_id;
  r.buy_account_id = buy->account_id;
  r.sell_account_id = sell->account_id;
  r.currency = s.currencies[l.currency_id];
  if (!s.fees.empty()) {
    Int256 value = value_of(r);
    r.buy_fee = trade_fee(schedule_of(s, l.id(), buy->member_id), value, Side::BUY_, aggressor);
    r.sell_fee = trade_fee(schedule_of(s, l.id(), sell->member_id), value, Side::SELL_, aggressor);
  }
  count_day_trade(s, r.buy_account_id, l.id(), qty, r.buy_order_id);
  count_day_trade(s, r.sell_account_id, l.id(), -static_cast<i128>(qty), r.sell_order_id);
  book_trade(s, out, r);
  if (r.buy_fee || r.sell_fee)
    out.emit(TradeFees{trade_id, buy->account_id, sell->account_id, r.buy_fee, r.sell_fee,
                       r.currency});
  s.reserve(buy);
  s.reserve(sell);
  schedule_sweep(s);
}

}  // namespace lockstep
