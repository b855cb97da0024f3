// R7.3: the circuit breaker: declines below the reference price, three levels.
#pragma once

#include "chapters.hpp"

namespace lockstep {

inline constexpr int kLastLevel = 3;

inline bool is_open_phase(int phase) {
  return is_call(phase) || phase == Phase::PRE_OPEN_ || phase == Phase::CONTINUOUS_;
}

inline void halt_by_breaker(State& s, Emitter& out, Listing& l, int level, uint64_t reopen_ns) {
  SessionState& session = l.session;
  if (is_open_phase(l.phase)) {
    std::string reason = "circuit breaker level " + std::to_string(level);
    move(s, out, l, Phase::HALTED_, {kByEngine, reason});
  } else if (!session.reopen_ns && level < kLastLevel) {
    return;
  }
  if (session.reopen_ns) s.timers.erase({session.reopen_ns, TimerKind::REOPENING, l.id()});
  session.reopen_ns = reopen_ns;
  if (reopen_ns)
    s.timers.insert({reopen_ns, TimerKind::REOPENING, l.id()});
  else
    session.is_barred = true;
}

// Trips the breaker if `price` is low enough for a level that did not trip today.
inline void watch_decline(State& s, Emitter& out, Listing& l, int64_t price) {
  const TradingRules& rules = l.session.rules;
  int64_t reference = l.instrument.reference_price;
  if (rules.breaker_scope == BreakerScope::NONE_ || price >= reference) return;
  i128 decline = (static_cast<i128>(reference) - price) * 10'000;
  int level = 0;
  for (uint32_t bp : {rules.breaker_1_bp, rules.breaker_2_bp, rules.breaker_3_bp})
    level += decline >= static_cast<i128>(reference) * bp;
  if (!level || l.session.levels_tripped >> level) return;
  if (level < kLastLevel && l.phase == Phase::CONTINUOUS_ && !l.session.schedule.empty() &&
      static_cast<i128>(s.now_ns()) >= static_cast<i128>(l.session.schedule.front().ts_ns) -
                                           static_cast<i128>(rules.breaker_cutoff_ns))
    return;
  l.session.levels_tripped = static_cast<uint8_t>((2 << level) - 1);
  uint64_t reopen_ns = level < kLastLevel ? later(s.now_ns(), rules.breaker_halt_ns) : 0;
  out.emit(BreakerTripped{rules.instrument_id, static_cast<uint8_t>(level), rules.breaker_scope,
                          price, reference, reopen_ns});
  if (rules.breaker_scope == BreakerScope::INSTRUMENT_)
    return halt_by_breaker(s, out, l, level, reopen_ns);
  for (Listing* each : s.all_listings())
    if (!each->is_retired()) halt_by_breaker(s, out, *each, level, reopen_ns);
}

}  // namespace lockstep
