// R3, R4: what a live order does in the market when it acts as an incoming order; pegs (R4.6);
// stops (R4.7); all-or-none orders (R4.8).
#pragma once

#include "matching.hpp"
#include "risk.hpp"

namespace lockstep {

inline bool is_stop(int t) {
  return t == OrdType::STOP_ || t == OrdType::STOP_LIMIT_ || t == OrdType::TRAILING_STOP_ ||
         t == OrdType::TRAILING_STOP_LIMIT_;
}
inline bool is_trailing(int t) {
  return t == OrdType::TRAILING_STOP_ || t == OrdType::TRAILING_STOP_LIMIT_;
}
inline bool is_valid_price(const Listing& l, i128 price) {
  return 1 <= price && price <= kPriceMax && l.band().holds(price);
}

// Price of the order that an incoming one of these terms would take first; 0 if none.
inline int64_t price_taken(Listing& l, int side, int64_t price, int64_t qty) {
  Order* resting = l.book.opposite(side).next_resting(qty);
  return resting && is_in_reach(side, price, resting->price) ? resting->price : 0;
}
// The tick nearest to a price that does not take it; 0 if no valid price is left.
inline int64_t price_beside(const Listing& l, int side, int64_t taken) {
  i128 tick = l.instrument.tick_size;
  i128 price = side == Side::BUY_ ? (taken - 1) / tick * tick : (taken / tick + 1) * tick;
  return is_valid_price(l, price) ? static_cast<int64_t>(price) : 0;
}

// ---- R4.6 pegs

inline int64_t held_back(Listing& l, int side, int64_t price) {
  int64_t best = l.book.opposite(side).best_open_price(), tick = l.instrument.tick_size;
  i128 found = price;
  if (side == Side::BUY_) {
    if (best && price >= best) found = (best - 1) / tick * tick;
  } else if (best && price <= best) {
    found = (static_cast<i128>(best) / tick + 1) * tick;
  }
  return is_valid_price(l, found) ? static_cast<int64_t>(found) : 0;
}
inline int64_t peg_price(const Listing& l, const Order* o, int64_t bid, int64_t ask) {
  const OrderTerms& t = o->terms();
  bool buying = o->is_buy();
  i128 base;
  if (t.peg == PegType::MIDPOINT_) {
    if (!bid || !ask) return 0;
    i128 sum = static_cast<i128>(bid) + ask;
    base = buying ? sum / 2 : (sum + 1) / 2;
  } else {
    base = buying == (t.peg == PegType::PRIMARY_) ? bid : ask;
    if (!base) return 0;
  }
  i128 price = base + t.peg_offset;
  int64_t tick = l.instrument.tick_size;
  if (buying) {
    if (ask && price >= ask) price = static_cast<i128>(ask) - tick;
    if (t.peg_limit) price = std::min<i128>(price, t.peg_limit);
    if (o->cap_price) price = std::min<i128>(price, o->cap_price / tick * tick);
  } else {
    if (bid && price <= bid) price = static_cast<i128>(bid) + tick;
    price = std::max({price, static_cast<i128>(t.peg_limit), ceil_div(o->cap_price, tick) * tick});
  }
  return is_valid_price(l, price) ? static_cast<int64_t>(price) : 0;
}
inline void place_peg(State& s, Emitter& out, Listing& l, Order* o, int64_t price) {
  bool midpoint = o->is_midpoint();
  if (price && !midpoint) price = held_back(l, o->side, price);
  if (price != o->price) {
    o->price = price;
    o->last_ts_ns = s.now_ns();
    out.emit(Restated{CancelReason::PEG_REPRICED_, o->state()});
  }
  if (price && midpoint) {
    match(s, out, l, o);
    if (!o->leaves_qty) return;
  }
  if (price)
    s.rest(o);
  else
    s.keep(o);
}
inline void enter_peg(State& s, Emitter& out, Listing& l, Order* o) {
  if (l.phase != Phase::CONTINUOUS_) {
    l.peg_bid = l.peg_ask = 0;
    return place_peg(s, out, l, o, 0);
  }
  place_peg(s, out, l, o, peg_price(l, o, l.book.bids.best_anchor(), l.book.asks.best_anchor()));
}
// Follows the reference; says whether any peg was taken up.
inline bool reprice_pegs(State& s, Emitter& out, Listing& l) {
  if (l.pegs.empty()) {
    l.peg_bid = l.peg_ask = 0;
    return false;
  }
  int64_t bid = l.book.bids.best_anchor(), ask = l.book.asks.best_anchor();
  if (bid == l.peg_bid && ask == l.peg_ask) return false;
  l.peg_bid = bid;
  l.peg_ask = ask;
  std::vector<std::pair<Order*, int64_t>> movers;
  for (auto& [id, o] : l.pegs) {
    int64_t price = peg_price(l, o, bid, ask);
    if (price != o->price) movers.push_back({o, price});
  }
  for (auto& mover : movers) s.withdraw(mover.first);
  for (auto& [o, price] : movers)
    if (o->leaves_qty) place_peg(s, out, l, o, price);
  return !movers.empty();
}

// ---- R3, R4: entering

inline int64_t best_limit(Listing& l, const Order* o) {
  i128 limit = l.book.opposite(o->side).best_price();
  if (!limit) {
    int64_t tick = l.instrument.tick_size;
    int64_t hidden = price_taken(l, o->side, 0, o->leaves_qty);
    limit = o->is_buy() ? ceil_div(hidden, tick) * tick : hidden / tick * tick;
  }
  auto found = static_cast<int64_t>(limit);
  return is_in_reach(o->side, o->cap_price, found) ? found : 0;
}
inline bool stays_passive(State& s, Emitter& out, Listing& l, Order* o) {
  int64_t taken = price_taken(l, o->side, o->price, o->leaves_qty);
  if (!taken) return true;
  int64_t beside =
      o->flags & OrderFlag::POST_ONLY_REPRICE_ ? price_beside(l, o->side, taken) : 0;
  if (!beside) {
    cancel(s, out, o, CancelReason::POST_ONLY_WOULD_TAKE_);
    return false;
  }
  o->price = beside;
  out.emit(Restated{CancelReason::POST_ONLY_REPRICED_, o->state()});
  return true;
}
inline bool may_act(State& s, Emitter& out, Listing& l, Order* o) {
  int64_t min_qty = o->terms().min_qty;
  bool fok = o->time_in_force == TimeInForce::FOK_;
  if (fok || min_qty) {
    i128 executable = executable_qty(s, l, o);
    if (fok && executable < o->leaves_qty) {
      cancel(s, out, o, CancelReason::FOK_NOT_FILLABLE_);
      return false;
    }
    if (executable < min_qty) {
      cancel(s, out, o, CancelReason::MIN_QTY_NOT_FILLABLE_);
      return false;
    }
  }
  return !(o->flags & kPostOnly) || stays_passive(s, out, l, o);
}
// Lets a live order that stands nowhere act as incoming order, and settles what is left.
inline void enter(State& s, Emitter& out, Listing& l, Order* o) {
  if (o->in_dark_book()) return enter_dark(s, out, l, o);
  if (o->ord_type == OrdType::PEGGED_) return enter_peg(s, out, l, o);
  if (!may_act(s, out, l, o)) return;
  bool at_the_close = o->time_in_force == TimeInForce::AT_THE_CLOSE_;
  bool matches = l.phase == Phase::CONTINUOUS_ && !at_the_close;
  bool converts = matches && o->ord_type == OrdType::MARKET_TO_LIMIT_ && !o->price;
  if (converts) {
    o->price = best_limit(l, o);
    if (!o->price) return cancel(s, out, o, CancelReason::UNFILLED_REMAINDER_);
  }
  match(s, out, l, o);
  if (!o->leaves_qty) return;
  bool waits = l.phase != Phase::CONTINUOUS_ || at_the_close;
  bool never_rests = o->time_in_force == TimeInForce::IOC_ || !(o->price || waits);
  if (never_rests || (converts && !o->cum_qty))
    cancel(s, out, o, CancelReason::UNFILLED_REMAINDER_);
  else
    s.rest(o);
}

// ---- R4.7 stops

inline constexpr int64_t kOutOfRange = INT64_MAX;

// Where a trailing stop begins: as given, else away from the last trade or reference price.
inline int64_t first_stop_price(const Listing& l, int side, const OrderTerms& t) {
  int64_t price = l.mark();
  if (t.stop_price || !price) return t.stop_price;
  i128 found = trailed(side, l.instrument.tick_size, price, t.trail, t.trail_unit);
  if (found > INT64_MAX || found < INT64_MIN) return kOutOfRange;
  return static_cast<int64_t>(found);
}
inline void mark_triggered(Listing& l, Order* o, int64_t extreme, int64_t price) {
  int64_t passed = extreme - o->terms().stop_price;
  l.stops.add_triggered(o, {passed > 0 ? -passed : passed, o->order_id, price});
}
inline void release(State& s, Emitter& out, Listing& l, Order* o, int64_t price) {
  o->is_waiting = false;
  o->last_ts_ns = s.now_ns();
  if (!o->price) {
    Reach r = reach_at_release(s, l, *o);
    o->worst_price = r.worst;
    o->cap_price = r.cap;
    s.reserve(o);
  }
  out.emit(Triggered{price, o->state()});
  enter(s, out, l, o);
}
// Lets a stop that stands nowhere wait, or act at once if the last trade triggers it.
inline void place_stop(State& s, Emitter& out, Listing& l, Order* o) {
  o->is_waiting = true;
  s.keep(o);
  int64_t last = l.last_price, stop = o->terms().stop_price;
  if (!last || (o->is_buy() ? last < stop : last > stop))
    l.stops.add(o, l.instrument.tick_size);
  else if (l.phase == Phase::CONTINUOUS_)
    release(s, out, l, o, last);
  else
    mark_triggered(l, o, last, last);
}
inline void trail_stop(State& s, Listing& l, Order* o, int64_t price) {
  OrderTerms& t = o->kept->terms;
  int64_t tick = l.instrument.tick_size;
  l.stops.discard(o);
  auto stop = static_cast<int64_t>(trailed(o->side, tick, price, t.trail, t.trail_unit));
  if (o->price) {
    i128 limit = static_cast<i128>(o->price) + stop - t.stop_price;
    i128 most = kPriceMax / tick * tick;
    o->price = static_cast<int64_t>(std::min(std::max<i128>(limit, tick), most));
  }
  t.stop_price = stop;
  o->last_ts_ns = s.now_ns();
  s.reserve(o);
  l.stops.add(o, tick);
}
// Shows the prints since the last round to the waiting stops.
inline void take_prints(State& s, Emitter& out, Listing& l) {
  if (l.prints.empty()) return;
  if (l.stops.empty()) {
    l.prints.clear();
    return;
  }
  std::vector<int64_t> prints;
  prints.swap(l.prints);
  auto [low, high] = std::minmax_element(prints.begin(), prints.end());
  std::map<uint64_t, Order*> moved;
  for (int64_t price : prints) {
    for (Order* o : l.stops.take_triggered_by(price))
      mark_triggered(l, o, o->is_buy() ? *high : *low, price);
    for (Order* o : l.stops.moved_by(price)) {
      trail_stop(s, l, o, price);
      moved[o->order_id] = o;
    }
  }
  for (auto& [id, o] : moved) out.emit(TermsChanged{o->state(), o->terms()});
}
// Releases one round of triggered stops; says whether there was any.
inline bool release_stops(State& s, Emitter& out, Listing& l) {
  size_t count = l.stops.triggered.size();
  for (size_t i = 0; i < count; ++i) {
    if (l.stops.triggered.empty() || l.phase != Phase::CONTINUOUS_) break;
    TriggeredStop first = *l.stops.triggered.begin();
    Order* o = s.orders.find(first.order_id);
    l.stops.discard(o);
    release(s, out, l, o, first.trigger_price);
  }
  return count > 0;
}

// ---- R4.8 all-or-none

inline bool retry_all_or_none(State& s, Emitter& out, Listing& l) {
  if (l.whole_bids.empty() && l.whole_asks.empty()) return false;
  std::vector<uint64_t> ids;
  if (!l.whole_bids.empty() && !l.book.asks.rungs.empty()) {
    int64_t reach = l.book.asks.rungs.back().level->price;
    for (auto it = l.whole_bids.lower_bound({reach, 0}); it != l.whole_bids.end(); ++it)
      ids.push_back(it->second);
  }
  if (!l.whole_asks.empty() && !l.book.bids.rungs.empty()) {
    int64_t reach = l.book.bids.rungs.back().level->price;
    for (auto it = l.whole_asks.begin(); it != l.whole_asks.end() && it->first <= reach; ++it)
      ids.push_back(it->second);
  }
  std::sort(ids.begin(), ids.end());
  bool executed = false;
  for (uint64_t id : ids) {
    Order* o = s.orders.find(id);
    if (!o->is_resting || executable_qty(s, l, o) < o->leaves_qty) continue;
    s.withdraw(o);
    match(s, out, l, o);
    if (o->leaves_qty) {
      if (l.phase == Phase::CONTINUOUS_)
        throw Invariant("all_or_none_is_whole order_id=" + std::to_string(id));
      s.rest(o);
    }
    executed = true;
  }
  return executed;
}

// ---- the after-effects of a command

[[gnu::noinline]] inline void follow_specials(State& s, Emitter& out, Listing& l) {
  take_prints(s, out, l);
  while (l.phase == Phase::CONTINUOUS_) {
    if (!(release_stops(s, out, l) || retry_all_or_none(s, out, l) || reprice_pegs(s, out, l) ||
          retry_dark(s, out, l)))
      break;
    take_prints(s, out, l);
  }
  l.is_special = !l.stops.empty() || !l.whole_bids.empty() || !l.whole_asks.empty() ||
                 !l.pegs.empty() || l.peg_bid || l.peg_ask || !l.dark.is_empty();
}
inline void follow_listing(State& s, Emitter& out, Listing& l) {
  if (l.is_special) return follow_specials(s, out, l);
  l.prints.clear();
}
inline void follow(State& s, Emitter& out) {
  if (!s.moved.empty()) {
    auto moved = s.moved;
    for (auto& [account_id, instrument_id] : moved) trim(s, out, account_id, instrument_id);
  }
  if (s.dirty.size() == 1 && s.dark_touched.empty() && !out.holds_any()) {
    follow_listing(s, out, *s.listing(s.dirty[0]));
  } else if (!s.dirty.empty() || !s.dark_touched.empty() || out.holds_any()) {
    std::set<uint32_t> touched = out.moved_instruments();
    touched.insert(s.dirty.begin(), s.dirty.end());
    touched.insert(s.dark_touched.begin(), s.dark_touched.end());
    for (uint32_t id : touched) follow_listing(s, out, *s.listing(id));
  }
  s.moved.clear();
  publish_interest(s, out);
}

}  // namespace lockstep
