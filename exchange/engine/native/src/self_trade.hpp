// R5: self-trade prevention: whether two orders are of one owner, and what happens when they meet.
#pragma once

#include "departure.hpp"

namespace lockstep {

inline bool is_prevented(const Order* incoming, const Order* resting) {
  if (incoming->member_id != resting->member_id) return false;
  if (incoming->linked_id == resting->order_id) return true;
  if (incoming->stp == StpMode::ALLOW_) return false;
  uint32_t group = incoming->terms().stp_group;
  return !group || group == resting->terms().stp_group;
}
inline bool passes_own(const Order* incoming) {
  return incoming->stp == StpMode::ALLOW_ || incoming->stp == StpMode::CANCEL_RESTING_;
}
inline void prevent_self_trade(State& s, Emitter& out, Order* incoming, Order* resting) {
  constexpr int why = CancelReason::SELF_TRADE_PREVENTION_;
  switch (incoming->stp) {
    case StpMode::CANCEL_INCOMING_:
      return cancel(s, out, incoming, why);
    case StpMode::ALLOW_:
    case StpMode::CANCEL_RESTING_:
      return cancel(s, out, resting, why);
    case StpMode::CANCEL_BOTH_:
      cancel(s, out, resting, why);
      return cancel(s, out, incoming, why);
  }
  int64_t surplus = incoming->leaves_qty - resting->leaves_qty;
  if (!surplus) {
    cancel(s, out, resting, why);
    return cancel(s, out, incoming, why);
  }
  Order* smaller = surplus > 0 ? resting : incoming;
  Order* larger = surplus > 0 ? incoming : resting;
  int64_t qty = smaller->leaves_qty;
  cancel(s, out, smaller, why);
  s.lower(larger, qty);
  out.emit(Restated{why, larger->state()});
}

}  // namespace lockstep
