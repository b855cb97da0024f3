// The dark midpoint book of an instrument: its queue, continuous matching at the lit midpoint,
// crossing sessions, indications of interest. It is never part of the displayed book.
#pragma once

#include "matching.hpp"

namespace lockstep {

// ---- the agenda of crossing sessions

inline void set_crossing(State& s, Listing& l, uint64_t ts_ns) {
  l.dark.cross_ns = ts_ns;
  s.timers.insert({ts_ns, TimerKind::DARK_CROSS, l.id()});
}
inline void begin_crossings(State& s, Listing& l) {
  DarkBook& dark = l.dark;
  if (dark.cross_ns) s.timers.erase({dark.cross_ns, TimerKind::DARK_CROSS, l.id()});
  dark.cross_ns = 0;
  uint64_t interval = dark.rules.cross_interval_ns;
  if (l.phase == Phase::CONTINUOUS_ && dark.rules.is_open && interval)
    set_crossing(s, l, later(s.now_ns(), interval));
}

// ---- the midpoint; 0 = there is none

inline int64_t dark_midpoint(const State& s, const Listing& l) {
  if (l.phase != Phase::CONTINUOUS_) return 0;
  int64_t bid = l.book.bids.best_price(), offer = l.book.asks.best_price();
  if (!bid || !offer) return 0;
  auto price = static_cast<int64_t>((static_cast<i128>(bid) + offer) / 2);
  return l.band().holds(price) && dynamic_band(s, l).holds(price) ? price : 0;
}

// ---- continuous matching

inline bool could_trade(const Order* incoming, const Order* resting, int64_t qty) {
  return qty >= least_qty(incoming) && qty >= least_qty(resting);
}
inline bool dark_takes(const Order* o, int64_t price) {
  return o->is_buy() ? price <= dark_limit(o) : price >= dark_limit(o);
}
inline std::vector<Order*> dark_at(const DarkSide& side, int64_t price) {
  std::vector<Order*> found;
  for (Order* o = side.orders.head; o; o = o->next)
    if (dark_takes(o, price)) found.push_back(o);
  return found;
}
inline i128 dark_executable_qty(const DarkBook& dark, const Order* incoming, int64_t price) {
  if (!price || !dark_takes(incoming, price)) return 0;
  int64_t need = incoming->leaves_qty;
  for (Order* resting : dark_at(dark.opposite(incoming->side), price)) {
    int64_t qty = std::min(need, resting->leaves_qty);
    if (!need || qty < least_qty(resting)) continue;
    if (is_prevented(incoming, resting)) {
      if (!passes_own(incoming)) break;
      continue;
    }
    need -= qty;
  }
  return incoming->leaves_qty - need;
}
inline bool dark_walk(State& s, Emitter& out, DarkBook& dark, Order* incoming, int64_t price,
                      int aggressor) {
  if (!price || !dark_takes(incoming, price)) return false;
  bool happened = false;
  for (Order* resting : dark_at(dark.opposite(incoming->side), price)) {
    bool came_later = incoming->place && resting->place > incoming->place;
    if (!incoming->leaves_qty || came_later) break;
    int64_t qty = std::min(incoming->leaves_qty, resting->leaves_qty);
    if (!could_trade(incoming, resting, qty)) continue;
    happened = true;
    if (is_prevented(incoming, resting)) {
      prevent_self_trade(s, out, incoming, resting);
      continue;
    }
    bool buying = incoming->is_buy();
    execute(s, out, buying ? incoming : resting, buying ? resting : incoming, price, qty,
            aggressor);
  }
  return happened;
}
inline void enter_dark(State& s, Emitter& out, Listing& l, Order* o) {
  DarkBook& dark = l.dark;
  int64_t price = dark.rules.is_continuous ? dark_midpoint(s, l) : 0;
  bool fok = o->time_in_force == TimeInForce::FOK_;
  if (fok && dark_executable_qty(dark, o, price) < o->leaves_qty)
    return cancel(s, out, o, CancelReason::FOK_NOT_FILLABLE_);
  while (o->leaves_qty && dark_walk(s, out, dark, o, price, o->side)) {
  }
  if (!o->leaves_qty) return;
  if (fok || o->time_in_force == TimeInForce::IOC_)
    cancel(s, out, o, CancelReason::UNFILLED_REMAINDER_);
  else
    s.rest(o);
}
// Tries resting dark orders again where the midpoint or the book has changed.
inline bool retry_dark(State& s, Emitter& out, Listing& l) {
  DarkBook& dark = l.dark;
  if (dark.is_empty() || !dark.rules.is_continuous) return false;
  int64_t price = dark_midpoint(s, l);
  if (price == dark.tried_price) return false;
  bool happened = false;
  if (price && dark.bids.reaches(price) && dark.offers.reaches(price)) {
    std::vector<Order*> within = dark_at(dark.bids, price);
    for (Order* o : dark_at(dark.offers, price)) within.push_back(o);
    std::sort(within.begin(), within.end(),
              [](const Order* a, const Order* b) { return a->place < b->place; });
    for (Order* o : within)
      if (o->is_resting) happened |= dark_walk(s, out, dark, o, price, 0);
  }
  if (!happened) dark.tried_price = price;
  return happened;
}

// ---- crossing sessions: the largest first, then time

struct DarkPair {
  Order *buy, *sell;
  int64_t qty;
};
inline bool ranks_before(const Order* a, const Order* b) {
  return a->leaves_qty != b->leaves_qty ? a->leaves_qty > b->leaves_qty : a->place < b->place;
}
inline std::vector<DarkPair> pair_dark(const std::vector<Order*>& buys,
                                       const std::vector<Order*>& sells) {
  std::vector<int64_t> left;
  for (Order* o : sells) left.push_back(o->leaves_qty);
  std::vector<DarkPair> pairs;
  size_t first = 0;
  for (Order* buy : buys) {
    int64_t need = buy->leaves_qty;
    while (first < sells.size() && !left[first]) ++first;
    for (size_t at = first; at < sells.size() && need; ++at) {
      int64_t qty = std::min(need, left[at]);
      if (!qty || is_prevented(buy, sells[at]) || is_prevented(sells[at], buy)) continue;
      need -= qty;
      left[at] -= qty;
      pairs.push_back({buy, sells[at], qty});
    }
  }
  return pairs;
}
inline std::vector<DarkPair> dark_allocation(const DarkBook& dark, int64_t price) {
  std::vector<Order*> buys = dark_at(dark.bids, price), sells = dark_at(dark.offers, price);
  std::sort(buys.begin(), buys.end(), ranks_before);
  std::sort(sells.begin(), sells.end(), ranks_before);
  while (true) {
    std::vector<DarkPair> pairs = pair_dark(buys, sells);
    std::unordered_map<const Order*, int64_t> sums;
    for (auto& p : pairs) {
      sums[p.buy] += p.qty;
      sums[p.sell] += p.qty;
    }
    Order* last = nullptr;
    for (auto* side : {&buys, &sells})
      for (Order* o : *side) {
        auto found = sums.find(o);
        bool is_short = found != sums.end() && found->second > 0 && found->second < least_qty(o);
        if (is_short && (!last || ranks_before(last, o))) last = o;
      }
    if (!last) return pairs;
    std::erase(buys, last);
    std::erase(sells, last);
  }
}
// Timer DARK_CROSS.
inline void cross(State& s, Emitter& out, Listing& l) {
  DarkBook& dark = l.dark;
  uint64_t interval = dark.rules.cross_interval_ns;
  uint64_t passed = (s.now_ns() - dark.cross_ns) / interval + 1;
  u128 next = static_cast<u128>(dark.cross_ns) + static_cast<u128>(passed) * interval;
  set_crossing(s, l, next > kTimerMax ? kTimerMax : static_cast<uint64_t>(next));
  int64_t price = dark_midpoint(s, l);
  i128 volume = 0;
  if (price)
    for (auto& p : dark_allocation(dark, price)) {
      execute(s, out, p.buy, p.sell, price, p.qty, 0);
      volume += p.qty;
    }
  out.emit(DarkCrossed{l.id(), price, static_cast<u128>(volume)});
}

// ---- indications of interest: a block or more of a side, nobody's name

inline void publish_interest(State& s, Emitter& out) {
  if (s.dark_touched.empty()) return;
  for (uint32_t id : s.dark_touched) {
    DarkBook& dark = s.listing(id)->dark;
    int64_t block = dark.rules.min_block_qty;
    int64_t now[3] = {0, 0, 0};
    bool buys = dark.bids.open_qty >= block, sells = dark.offers.open_qty >= block;
    if (dark.rules.shows_side) {
      now[Side::BUY_] = buys ? block : 0;
      now[Side::SELL_] = sells ? block : 0;
    } else if (buys || sells) {
      now[0] = block;
    }
    for (uint8_t side = 0; side < 3; ++side) {
      if (now[side] != dark.indicated[side]) out.emit(DarkIndication{id, side, now[side]});
      dark.indicated[side] = now[side];
    }
  }
  s.dark_touched.clear();
}

}  // namespace lockstep
