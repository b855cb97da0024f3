// R4.1, R4.2, R4.5: continuous matching; the trial of what would execute (R4.3, R4.8); one execution.
#pragma once

#include "bands.hpp"
#include "breaker.hpp"
#include "self_trade.hpp"
#include "settlement.hpp"

namespace lockstep {

inline bool is_in_reach(int side, int64_t price, int64_t resting) {
  if (!price) return true;
  return side == Side::BUY_ ? resting <= price : resting >= price;
}

// A trial that changes nothing: how much of an incoming order would execute now.
class Trial {
 public:
  Trial(State& s, Order* incoming) : s_(s), incoming_(incoming), need(incoming->leaves_qty) {}

  void walk(const Level& level) {
    reserves_.clear();
    for (Order* o = level.queue.head; o; o = o->next) {
      meet(o, o->meets_qty());
      if (is_over) return;
      if (o->leaves_qty > o->meets_qty()) reserves_.push_back(o);
    }
    for (Order* o : reserves_) {
      meet(o, o->leaves_qty - o->meets_qty());
      if (is_over) return;
    }
    for (Order* o = level.dark.head; o; o = o->next) {
      meet(o, o->leaves_qty);
      if (is_over) return;
    }
  }

 private:
  void meet(Order* resting, int64_t qty) {
    if (std::find(gone_.begin(), gone_.end(), resting->order_id) != gone_.end()) return;
    if (resting->flags & OrderFlag::REDUCE_ONLY_)
      qty = static_cast<int64_t>(std::min<i128>(qty, reducible(resting)));
    if (qty > need && resting->is_whole()) return;
    if (is_prevented(incoming_, resting)) {
      is_over = !passes_own(incoming_);
      return;
    }
    qty = std::min(qty, need);
    if (!qty) return;
    need -= qty;
    is_over = !need;
    if (resting->linked_id) gone_.push_back(resting->linked_id);
    if (incoming_->linked_id) gone_.push_back(incoming_->linked_id);
    if (!s_.reduce_only.empty()) {
      i128 signed_qty = resting->is_buy() ? qty : -static_cast<i128>(qty);
      moved_[resting->account_id] += signed_qty;
      moved_[incoming_->account_id] -= signed_qty;
    }
  }
  i128 reducible(Order* resting) {
    i128 room = room_to_reduce(s_, resting->account_id, resting->instrument_id, resting->side);
    i128 moved = moved_[resting->account_id];
    room += resting->is_buy() ? -moved : moved;
    return room > 0 ? room : 0;
  }

  State& s_;
  Order* incoming_;
  std::vector<Order*> reserves_;
  std::vector<uint64_t> gone_;
  std::map<uint32_t, i128> moved_;

 public:
  int64_t need;  // what the incoming order still lacks
  bool is_over = false;
};

inline i128 executable_qty(State& s, Listing& l, Order* incoming) {
  Trial trial(s, incoming);
  Band band = dynamic_band(s, l);
  BookSide& side = l.book.opposite(incoming->side);
  for (size_t i = side.rungs.size(); i-- > 0;) {
    Level* level = side.rungs[i].level;
    if (trial.is_over || !is_in_reach(incoming->side, incoming->limit(), level->price)) break;
    if (!band.holds(level->price)) break;
    trial.walk(*level);
  }
  return incoming->leaves_qty - trial.need;
}

// R7.2: notes the trade for the dynamic reference.
inline void leave_trail(State& s, Listing& l, int64_t price) {
  SessionState& session = l.session;
  session.has_traded = true;
  if (!session.rules.dynamic_band_bp) return;
  auto& trail = session.trail;
  if (!trail.empty() && trail.back().first == s.now_ns()) trail.pop_back();
  if (trail.empty() || trail.back().second != price) trail.push_back({s.now_ns(), price});
  i128 old = static_cast<i128>(s.now_ns()) - static_cast<i128>(session.rules.dynamic_window_ns);
  while (trail.size() > 1 && static_cast<i128>(trail[1].first) <= old) trail.pop_front();
}

// Carries out a trade that is decided. Filled orders leave queues and indexes.
inline void execute(State& s, Emitter& out, Order* buy, Order* sell, int64_t price, int64_t qty,
                    int aggressor) {
  Listing& l = *s.listing(buy->instrument_id);
  Order* incoming = sell->side == aggressor ? sell : buy;
  Order* resting = incoming == sell ? buy : sell;
  uint64_t linked[2] = {incoming->linked_id, resting->linked_id};
  for (Order* o : {resting, incoming}) {
    if (o->is_resting && o->in_dark_book())
      l.dark.lower(o, qty);
    else if (o->is_resting)
      l.book.execute(o, qty);
    o->fill(price, qty, s.now_ns());
  }
  for (Order* o : {resting, incoming})
    if (!o->leaves_qty) s.leave(o, OrdStatus::FILLED_);
  if (!buy->in_dark_book()) {
    l.record_print(price, qty);
    leave_trail(s, l, price);
  }
  uint64_t trade_id = ++s.head.last_trade_id;
  out.emit(Trade{trade_id, l.id(), price, qty, static_cast<uint8_t>(aggressor), buy->state(),
                 sell->state()});
  settle(s, out, l, trade_id, price, qty, aggressor, buy, sell);
  for (uint64_t id : linked) {
    if (!id) continue;
    Order* other = s.orders.find(id);
    if (other->leaves_qty) cancel(s, out, other, CancelReason::LINKED_ORDER_EXECUTED_);
  }
  if (!s.reduce_only.empty()) {
    trim(s, out, buy->account_id, l.id());
    trim(s, out, sell->account_id, l.id());
  }
}

// Trades a live incoming order that is not in the book until it is done or does not cross.
inline void match(State& s, Emitter& out, Listing& l, Order* incoming) {
  if (l.phase != Phase::CONTINUOUS_ || incoming->time_in_force == TimeInForce::AT_THE_CLOSE_)
    return;
  if (incoming->is_whole() && executable_qty(s, l, incoming) < incoming->leaves_qty) return;
  BookSide& opposite = l.book.opposite(incoming->side);
  int64_t lowest = 0;
  while (incoming->leaves_qty) {
    Order* resting = opposite.next_resting(incoming->leaves_qty);
    if (!resting || !is_in_reach(incoming->side, incoming->limit(), resting->price)) break;
    if (is_prevented(incoming, resting)) {
      prevent_self_trade(s, out, incoming, resting);
      continue;
    }
    int64_t price = resting->price;
    if (interrupts(s, out, l, price)) break;
    int64_t qty = std::min(incoming->leaves_qty, resting->meets_qty());
    bool buying = incoming->is_buy();
    execute(s, out, buying ? incoming : resting, buying ? resting : incoming, price, qty,
            incoming->side);
    lowest = lowest ? std::min(lowest, price) : price;
  }
  if (lowest) watch_decline(s, out, l, lowest);
}

}  // namespace lockstep
