// R6.3, R6.5, R5: the uncross: allocation at one price, and what it leaves.
//
// Priority on each side: market orders, then the better limit, displayed before hidden, then time.
// Own orders are not paired with each other; the best seller that a buyer may trade with is found
// in a heap of the sellers' groups.
#pragma once

#include <queue>

#include "auction.hpp"
#include "matching.hpp"

namespace lockstep {

// What decides with whom an order may be paired; `linked_id`: its own id, if in an OCO.
struct Group {
  uint32_t member_id;
  bool allows;
  uint32_t stp_group;
  uint64_t linked_id;
  auto operator<=>(const Group&) const = default;
};

inline Group group_of(const Order* o) {
  return {o->member_id, o->stp == StpMode::ALLOW_, o->terms().stp_group,
          o->linked_id ? o->order_id : 0};
}
inline bool prevents(const Group& one, const Group& other) {
  return !one.allows && (!one.stp_group || one.stp_group == other.stp_group);
}
inline bool are_own(const Order* buy, const Group& buyer, const Group& seller) {
  if (buyer.member_id != seller.member_id) return false;
  if (seller.linked_id && buy->linked_id == seller.linked_id) return true;
  return prevents(buyer, seller) || prevents(seller, buyer);
}

inline std::vector<Order*> in_priority(const BookSide& side, int64_t price) {
  std::vector<Order*> found;
  bool buying = side.side == Side::BUY_;
  for (Order* o = side.market.head; o; o = o->next) {
    if (is_in_reach(side.side, o->cap_price, price)) found.push_back(o);
  }
  for (size_t i = side.rungs.size(); i-- > 0;) {
    Level* l = side.rungs[i].level;
    if (buying ? l->price < price : l->price > price) break;
    for (const Queue* q : {&l->queue, &l->dark})
      for (Order* o = q->head; o; o = o->next)
        if (o->is_auctioned()) found.push_back(o);
  }
  return found;
}

// Sell orders in priority, found by who may buy from them.
class Sellers {
 public:
  explicit Sellers(const std::vector<Order*>& orders) {
    for (size_t rank = 0; rank < orders.size(); ++rank)
      queues_[group_of(orders[rank])].push_back({rank, orders[rank]});
    for (auto& [group, queue] : queues_) heads_.push({queue.front().first, group});
  }
  Order* best_for(const Order* buy) {
    Group buyer = group_of(buy);
    std::vector<Head> passed;
    Order* found = nullptr;
    while (!heads_.empty() && !found) {
      Head head = heads_.top();
      heads_.pop();
      auto& queue = queues_[head.second];
      while (!queue.empty() && !queue.front().second->leaves_qty) queue.pop_front();
      if (queue.empty()) continue;
      if (queue.front().first != head.first) {
        heads_.push({queue.front().first, head.second});
        continue;
      }
      passed.push_back(head);
      if (!are_own(buy, buyer, head.second)) found = queue.front().second;
    }
    for (auto& head : passed) heads_.push(head);
    return found;
  }

 private:
  using Head = std::pair<size_t, Group>;
  std::map<Group, std::deque<std::pair<size_t, Order*>>> queues_;
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_;
};

inline i128 allocate(State& s, Emitter& out, Listing& l, int64_t price) {
  Sellers sellers(in_priority(l.book.asks, price));
  i128 volume = 0;
  for (Order* buy : in_priority(l.book.bids, price)) {
    while (buy->leaves_qty) {
      Order* sell = sellers.best_for(buy);
      if (!sell) break;
      int64_t qty = std::min(buy->leaves_qty, sell->leaves_qty);
      execute(s, out, buy, sell, price, qty, 0);
      volume += qty;
    }
  }
  return volume;
}

inline void settle_leftovers(State& s, Emitter& out, Listing& l, int64_t price) {
  bool in_closing = l.phase == Phase::CLOSING_AUCTION_;
  for (Order* o : s.select(0, 0, l.id(), 0)) {
    if (!o->leaves_qty || o->in_dark_book() || is_parked(l, o)) continue;
    bool at_the_close = o->time_in_force == TimeInForce::AT_THE_CLOSE_ && in_closing;
    if (at_the_close || o->time_in_force == TimeInForce::AT_THE_OPENING_) {
      cancel(s, out, o, CancelReason::AUCTION_UNEXECUTED_);
    } else if (o->is_resting && !o->price) {
      if (price && o->ord_type == OrdType::MARKET_TO_LIMIT_ &&
          is_in_reach(o->side, o->cap_price, price)) {
        s.withdraw(o);
        o->price = price;
        o->last_ts_ns = s.now_ns();
        out.emit(Restated{CancelReason::AUCTION_PRICED_, o->state()});
        s.rest(o);
      } else {
        cancel(s, out, o, CancelReason::UNFILLED_REMAINDER_);
      }
    }
  }
}

// Executes at the price found, then cancels what cannot go on.
inline void uncross(State& s, Emitter& out, Listing& l, const Uncross& found) {
  i128 volume = found.price ? allocate(s, out, l, found.price) : 0;
  if (volume) {
    l.session.trail.clear();
    l.session.dynamic_base = found.price;
    if (l.phase == Phase::CLOSING_AUCTION_) l.session.auction_close = found.price;
  }
  out.emit(Uncrossed{l.id(), found.price, static_cast<u128>(volume), found.imbalance_side,
                     found.imbalance_qty});
  settle_leftovers(s, out, l, found.price);
}

inline Order* first_auctioned(const BookSide& side) {
  for (size_t i = side.rungs.size(); i-- > 0;) {
    Level* l = side.rungs[i].level;
    if (!l->auction_qty) continue;
    for (const Queue* q : {&l->queue, &l->dark})
      for (Order* o = q->head; o; o = o->next)
        if (o->is_auctioned()) return o;
  }
  return nullptr;
}
// The best bid and ask that take part in auctions, if they cross.
inline std::pair<Order*, Order*> crossing_pair(const Book& book) {
  Order *bid = first_auctioned(book.bids), *ask = first_auctioned(book.asks);
  if (bid && ask && bid->price >= ask->price) return {bid, ask};
  return {nullptr, nullptr};
}
// R4.9: in CONTINUOUS, lets the later entered of two orders that still cross come in again.
inline void undo_crossing(State& s, Emitter& out, Listing& l) {
  while (l.phase == Phase::CONTINUOUS_) {
    auto [bid, ask] = crossing_pair(l.book);
    if (!bid) return;
    Order* later = bid->order_id > ask->order_id ? bid : ask;
    s.withdraw(later);
    match(s, out, l, later);
    if (later->leaves_qty) s.rest(later);
  }
}

}  // namespace lockstep
