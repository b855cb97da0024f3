// How an order leaves the market without trading: canceled or expired; and reduce-only (R3.3).
#pragma once

#include "chapters.hpp"

namespace lockstep {

inline void cancel(State& s, Emitter& out, Order* o, int reason, std::string_view request) {
  int64_t open_qty = s.leave(o, OrdStatus::CANCELED_);
  out.emit(Canceled{static_cast<uint8_t>(reason), open_qty, o->state(), request});
}
inline void cancel_all(State& s, Emitter& out, const std::vector<Order*>& orders, int reason) {
  for (Order* o : orders) cancel(s, out, o, reason);
}
inline void expire(State& s, Emitter& out, Order* o, int reason) {
  int64_t open_qty = s.leave(o, OrdStatus::EXPIRED_);
  out.emit(Expired{static_cast<uint8_t>(reason), open_qty, o->state()});
}

// How much an order of this side can take off the position.
inline i128 room_to_reduce(const State& s, uint32_t account_id, uint32_t instrument_id, int side) {
  i128 position = s.position(account_id, instrument_id);
  i128 room = side == Side::SELL_ ? position : -position;
  return room > 0 ? room : 0;
}

// Brings the reduce-only orders of an account into line with its position.
inline void trim(State& s, Emitter& out, uint32_t account_id, uint32_t instrument_id) {
  auto found = s.reduce_only.find({account_id, instrument_id});
  if (found == s.reduce_only.end()) return;
  std::vector<Order*> orders;
  for (auto& [id, o] : found->second) orders.push_back(o);
  for (Order* o : orders) {
    i128 room = room_to_reduce(s, account_id, instrument_id, o->side);
    if (!o->leaves_qty || o->leaves_qty <= room) continue;
    if (!room) {
      cancel(s, out, o, CancelReason::REDUCE_ONLY_POSITION_);
      continue;
    }
    s.lower(o, o->leaves_qty - static_cast<int64_t>(room));
    out.emit(Restated{CancelReason::REDUCE_ONLY_POSITION_, o->state()});
  }
}

}  // namespace lockstep
