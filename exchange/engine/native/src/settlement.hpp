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

inline bool opens(i128 position, int64_t qty) {
  return !position || (position > 0) == (qty > 0);
}
// How much of an execution against a position closes it: all of it, or all of the position.
inline uint64_t closing_qty(i128 position, int64_t qty) {
  u128 held = magnitude(position), traded = magnitude(qty);
  return static_cast<uint64_t>(held < traded ? held : traded);
}

// Moves the cost of a holding by a signed quantity at a price; `value` is the product of both and
// `scale`. Returns what was realised.
inline Int256 close_out(Line& held, int64_t qty, int64_t price, uint64_t scale,
                        const Int256& value) {
  if (opens(held.qty, qty)) {
    held.cost += value;
    return {};
  }
  uint64_t closing = closing_qty(held.qty, qty);
  u128 position = magnitude(held.qty);
  Int256 realised = closing == position ? -held.cost : -in_proportion(held.cost, closing, position);
  if (closing == magnitude(qty)) {
    realised -= value;
  } else {
    auto sold = static_cast<i128>(price) * static_cast<int64_t>(closing);
    realised -= product(qty < 0 ? -sold : sold, scale);
  }
  held.cost += value;
  held.cost += realised;
  held.realised += realised;
  return realised;
}

// One side of a trade: `held` is its holding, `qty` and `value` are signed.
inline Int256 take_side(State& s, const TradeRecord& r, uint32_t account_id, Line& held,
                        int64_t qty, const Int256& value) {
  Int256 realised = close_out(held, qty, r.price, r.scale, value);
  s.move_position(account_id, held, qty);
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

// Books a trade into the holdings of those who traded; `currency` is that of the trade.
inline void book_trade(State& s, Emitter& out, TradeRecord& r, Line& bought, Line& sold,
                       uint32_t currency) {
  Int256 value = value_of(r), proceeds = -value;
  r.buy_realised = take_side(s, r, r.buy_account_id, bought, r.qty, value);
  r.sell_realised = take_side(s, r, r.sell_account_id, sold, -r.qty, proceeds);
  if (r.is_future) {
    pay_variation(s, out, r, r.buy_account_id, r.buy_realised);
    pay_variation(s, out, r, r.sell_account_id, r.sell_realised);
  } else {
    s.add_cash(r.buy_account_id, currency, proceeds);
    s.add_cash(r.sell_account_id, currency, value);
  }
}
inline void rebook_trade(State& s, Emitter& out, TradeRecord& r) {
  Line& bought = s.holding(r.buy_account_id, r.instrument_id);
  Line& sold = s.holding(r.sell_account_id, r.instrument_id);
  book_trade(s, out, r, bought, sold, s.currency_id(r.currency));
  pay_fees(s, r, 1);
}

inline void give_back(State& s, Emitter& out, const TradeRecord& r, uint32_t account_id, i128 qty,
                      const Int256& value, const Int256& realised) {
  Line& held = s.holding(account_id, r.instrument_id);
  s.move_position(account_id, held, qty);
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

inline void add_day_trade(State& s, uint32_t account_id) {
  auto& days = s.account(account_id)->day_trades;
  auto last = days.rbegin();
  if (last != days.rend() && last->first == s.head.trading_day)
    ++last->second;
  else
    ++days[s.head.trading_day];
}

// R8.13: who closes on a day what was opened on it has made a day trade, one an order.
inline void count_day_trade(State& s, uint32_t account_id, Line& held, int64_t qty,
                            uint64_t order_id) {
  if (opens(held.qty, qty)) {
    held.opened_qty += qty;
    return;
  }
  auto closing = static_cast<int64_t>(closing_qty(held.qty, qty));
  if (held.opened_qty && (held.opened_qty > 0) == (held.qty > 0)) {
    if (held.closing_order_id != order_id) {
      held.closing_order_id = order_id;
      add_day_trade(s, account_id);
    }
    if (magnitude(held.opened_qty) <= static_cast<u128>(closing))
      held.opened_qty = 0;
    else
      held.opened_qty += qty < 0 ? -closing : closing;
  }
  held.opened_qty += qty < 0 ? qty + closing : qty - closing;
}

// Books a trade, right after its Trade event; both orders are as they are after it.
inline void settle(State& s, Emitter& out, Listing& l, uint64_t trade_id, int64_t price,
                   int64_t qty, int aggressor, Order* buy, Order* sell) {
  TradeRecord& r = s.trades.add();
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
  Line& bought = s.holding(buy->account_id, l.id());
  Line& sold = s.holding(sell->account_id, l.id());
  count_day_trade(s, buy->account_id, bought, qty, buy->order_id);
  count_day_trade(s, sell->account_id, sold, -qty, sell->order_id);
  book_trade(s, out, r, bought, sold, l.currency_id);
  if (!s.fees.empty()) {
    pay_fees(s, r, 1);
    if (r.buy_fee || r.sell_fee)
      out.emit(TradeFees{trade_id, buy->account_id, sell->account_id, r.buy_fee, r.sell_fee,
                         r.currency});
  }
  s.reserve(buy);
  s.reserve(sell);
  schedule_sweep(s);
}

}  // namespace lockstep
