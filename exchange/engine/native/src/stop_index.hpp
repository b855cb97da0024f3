// The waiting stops of one instrument, sorted by the price that moves them (R4.7).
//
// A print finds the stops that it triggers, and the trailing stops that it moves, in O(log n) each.
// Invariant: a waiting stop is either under its stop price or among the triggered.
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "order.hpp"

namespace lockstep {

inline constexpr int64_t kWholeBp = 10'000;

// The stop price `trail` away from `price`, on the tick that is further away.
inline i128 trailed(int side, i128 tick, i128 price, i128 trail, int unit) {
  bool buying = side == Side::BUY_;
  i128 away;
  if (unit == TrailUnit::BASIS_POINTS_)
    away = buying ? ceil_div(price * (kWholeBp + trail), kWholeBp)
                  : floor_div(price * (kWholeBp - trail), kWholeBp);
  else
    away = buying ? price + trail : price - trail;
  return buying ? ceil_div(away, tick) * tick : floor_div(away, tick) * tick;
}

// The print that moves a trailing stop: lowest for a sell, highest for a buy (may be < 1).
inline i128 moving_price(const Order* o, i128 tick) {
  const OrderTerms& t = o->terms();
  bool bp = t.trail_unit == TrailUnit::BASIS_POINTS_;
  if (o->is_buy()) {
    i128 target = static_cast<i128>(t.stop_price) - tick;
    return bp ? floor_div(target * kWholeBp, static_cast<i128>(kWholeBp) + t.trail)
              : target - t.trail;
  }
  i128 target = static_cast<i128>(t.stop_price) + tick;
  return bp ? ceil_div(target * kWholeBp, static_cast<i128>(kWholeBp) - t.trail)
            : target + t.trail;
}

struct TriggeredStop {
  int64_t passed;  // distance by which the prints passed the stop price, negative
  uint64_t order_id;
  int64_t trigger_price;
  auto operator<=>(const TriggeredStop&) const = default;
};

class StopIndex {
 public:
  std::set<TriggeredStop> triggered;

  bool empty() const { return entries_.empty(); }
  bool has(const Order* o) const { return entries_.contains(o->order_id); }
  void add(Order* o, int64_t tick) {
    Entry e;
    e.order = o;
    e.stop_price = o->terms().stop_price;
    e.trails = o->terms().trail != 0;
    if (e.trails) e.moving = moving_price(o, tick);
    uint64_t id = o->order_id;
    (o->is_buy() ? buys_ : sells_).insert({e.stop_price, id});
    if (e.trails) (o->is_buy() ? falling_ : rising_).insert({e.moving, id});
    entries_[id] = e;
  }
  void add_triggered(Order* o, const TriggeredStop& t) {
    Entry e;
    e.order = o;
    e.is_triggered = true;
    e.triggered = t;
    entries_[o->order_id] = e;
    triggered.insert(t);
  }
  void discard(Order* o) {
    auto found = entries_.find(o->order_id);
    if (found == entries_.end()) return;
    const Entry e = found->second;
    entries_.erase(found);
    if (e.is_triggered) {
      triggered.erase(e.triggered);
      return;
    }
    (o->is_buy() ? buys_ : sells_).erase({e.stop_price, o->order_id});
    if (e.trails) (o->is_buy() ? falling_ : rising_).erase({e.moving, o->order_id});
  }
  // Stops watching, and hands over, the stops that a print triggers: buy <= price <= sell.
  std::vector<Order*> take_triggered_by(int64_t price) {
    std::vector<Order*> found;
    for (auto it = buys_.begin(); it != buys_.end() && it->first <= price; ++it)
      found.push_back(entries_[it->second].order);
    for (auto it = sells_.lower_bound({price, 0}); it != sells_.end(); ++it)
      found.push_back(entries_[it->second].order);
    for (Order* o : found) discard(o);
    return found;
  }
  // The trailing stops that a print moves, by order_id.
  std::vector<Order*> moved_by(int64_t price) {
    std::vector<uint64_t> ids;
    for (auto it = falling_.lower_bound({price, 0}); it != falling_.end(); ++it)
      ids.push_back(it->second);
    for (auto it = rising_.begin(); it != rising_.end() && it->first <= price; ++it)
      ids.push_back(it->second);
    std::sort(ids.begin(), ids.end());
    std::vector<Order*> found;
    for (uint64_t id : ids) found.push_back(entries_[id].order);
    return found;
  }

 private:
  struct Entry {
    Order* order = nullptr;
    int64_t stop_price = 0;
    i128 moving = 0;
    bool trails = false, is_triggered = false;
    TriggeredStop triggered{};
  };
  std::unordered_map<uint64_t, Entry> entries_;
  std::set<std::pair<int64_t, uint64_t>> buys_, sells_;
  std::set<std::pair<i128, uint64_t>> falling_, rising_;
};

}  // namespace lockstep
