// R2: phases: what each permits, which can follow, and the step from one to another.
#pragma once

#include "departure.hpp"

namespace lockstep {

namespace R = RejectReason;

enum class Replacing { none, only_to_reduce, any };

struct Permission {
  bool takes_new, immediate, post_only, at_the_opening;
  Replacing replacing;
};

constexpr Permission permission(int phase) {
  switch (phase) {
    case Phase::PRE_OPEN_:
      return {true, false, true, true, Replacing::any};
    case Phase::OPENING_AUCTION_:
      return {true, false, false, true, Replacing::any};
    case Phase::CONTINUOUS_:
      return {true, true, true, false, Replacing::any};
    case Phase::CLOSING_AUCTION_:
    case Phase::VOLATILITY_AUCTION_:
      return {true, false, false, false, Replacing::any};
    case Phase::HALTED_:
      return {false, false, false, false, Replacing::only_to_reduce};
  }
  return {false, false, false, false, Replacing::none};
}

constexpr bool can_follow(int from, int to) {
  using namespace Phase;
  switch (from) {
    case CLOSED_:
      return to == PRE_OPEN_ || to == OPENING_AUCTION_ || to == CONTINUOUS_;
    case PRE_OPEN_:
      return to == OPENING_AUCTION_ || to == CONTINUOUS_ || to == VOLATILITY_AUCTION_ ||
             to == HALTED_ || to == CLOSED_;
    case OPENING_AUCTION_:
      return to == CONTINUOUS_ || to == VOLATILITY_AUCTION_ || to == HALTED_ || to == CLOSED_;
    case CONTINUOUS_:
      return to == CLOSING_AUCTION_ || to == POST_CLOSE_ || to == VOLATILITY_AUCTION_ ||
             to == HALTED_ || to == CLOSED_;
    case CLOSING_AUCTION_:
      return to == POST_CLOSE_ || to == VOLATILITY_AUCTION_ || to == HALTED_ || to == CLOSED_;
    case POST_CLOSE_:
      return to == CLOSED_;
    case VOLATILITY_AUCTION_:
      return to == CONTINUOUS_ || to == CLOSING_AUCTION_ || to == HALTED_ || to == CLOSED_;
    case HALTED_:
      return to == OPENING_AUCTION_ || to == CLOSING_AUCTION_ || to == VOLATILITY_AUCTION_ ||
             to == PRE_OPEN_ || to == CONTINUOUS_ || to == POST_CLOSE_ || to == CLOSED_;
  }
  return false;
}

// The phase that a timed call ends in, any other phase itself.
constexpr int after_call(int phase) {
  if (phase == Phase::CLOSING_AUCTION_) return Phase::POST_CLOSE_;
  return is_call(phase) ? static_cast<int>(Phase::CONTINUOUS_) : phase;
}

inline Reason refuse_new_in(int phase, int tif, int flags) {
  Permission p = permission(phase);
  if (!p.takes_new)
    return phase == Phase::HALTED_ ? R::INSTRUMENT_HALTED_ : R::EXCHANGE_CLOSED_;
  if ((tif == TimeInForce::IOC_ || tif == TimeInForce::FOK_) && !p.immediate)
    return R::TIME_IN_FORCE_NOT_IN_PHASE_;
  if ((flags & kPostOnly) && !p.post_only) return R::POST_ONLY_NOT_IN_AUCTION_;
  if (tif == TimeInForce::AT_THE_OPENING_ && !p.at_the_opening) return R::AUCTION_MISSED_;
  return 0;
}
inline Reason refuse_replace_in(int phase, bool only_reduces) {
  Replacing r = permission(phase).replacing;
  if (r == Replacing::none) return R::EXCHANGE_CLOSED_;
  if (r == Replacing::only_to_reduce && !only_reduces) return R::INSTRUMENT_HALTED_;
  return 0;
}

inline void stop_call_timers(State& s, Listing& l) {
  SessionState& session = l.session;
  s.timers.erase({session.call_end_ns, TimerKind::CALL_END, l.id()});
  s.timers.erase({session.uncross_ns, TimerKind::CALL_UNCROSS, l.id()});
  session.call_length_ns = session.call_end_ns = session.uncross_ns = 0;
  session.next_phase = 0;
}

// The one place that assigns a phase, and what always goes with it.
inline void move(State& s, Emitter& out, Listing& l, int phase, Why why) {
  int previous = l.phase;
  SessionState& session = l.session;
  stop_call_timers(s, l);
  session.indicated = {};
  session.is_extended = false;
  if (session.reopen_ns) {
    s.timers.erase({session.reopen_ns, TimerKind::REOPENING, l.id()});
    session.reopen_ns = 0;
  }
  if (phase == Phase::HALTED_)
    session.halted_from = static_cast<uint8_t>(previous);
  else if (phase != previous)
    session.halted_from = 0;
  l.phase = static_cast<uint8_t>(phase);
  if (phase == Phase::CONTINUOUS_ || previous == Phase::CONTINUOUS_) begin_crossings(s, l);
  if (phase == Phase::CLOSING_AUCTION_) {
    std::vector<Order*> parked;
    for (Order* o = l.book.parked.head; o; o = o->next) parked.push_back(o);
    for (Order* o : parked) {
      l.book.remove(o);
      l.book.add(o);
    }
  } else if (previous == Phase::CLOSING_AUCTION_) {
    for (Order* o : s.select(0, 0, l.id(), 0))
      if (o->time_in_force == TimeInForce::AT_THE_CLOSE_) {
        l.book.remove(o);
        l.book.park(o);
      }
  }
  out.emit_last(PhaseChanged{l.id(), static_cast<uint8_t>(phase), static_cast<uint8_t>(previous),
                             why.first, why.second});
}

}  // namespace lockstep
