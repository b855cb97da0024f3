// R7.2: the dynamic band and the volatility interruption.
//
// The dynamic reference is the price of the last trade at or before `dynamic_window_ns` ago, else
// of the last auction, else the reference price.
#pragma once

#include "chapters.hpp"

namespace lockstep {

inline int64_t dynamic_reference(const State& s, const Listing& l) {
  const SessionState& session = l.session;
  int64_t found = 0;
  for (auto& [ts_ns, price] : session.trail) {
    if (static_cast<i128>(ts_ns) >
        static_cast<i128>(s.now_ns()) - static_cast<i128>(session.rules.dynamic_window_ns))
      break;
    found = price;
  }
  if (found) return found;
  return session.dynamic_base ? session.dynamic_base : l.instrument.reference_price;
}
inline Band dynamic_band(const State& s, const Listing& l) {
  uint32_t bp = l.session.rules.dynamic_band_bp;
  if (!bp) return {};
  i128 reference = dynamic_reference(s, l);
  if (!reference) return {};
  i128 width = reference * bp;
  return {-floor_div(width - reference * 10'000, 10'000), reference + width / 10'000, true};
}
inline bool interrupts(State& s, Emitter& out, Listing& l, int64_t price) {
  if (!l.session.rules.dynamic_band_bp) return false;
  if (dynamic_band(s, l).holds(price)) return false;
  uint64_t length = l.session.rules.volatility_call_ns;
  out.emit(VolatilityInterrupted{l.id(), price, dynamic_reference(s, l), later(s.now_ns(), length)});
  begin_call(s, out, l, Phase::VOLATILITY_AUCTION_, {kByEngine, "dynamic band"}, length);
  return true;
}

}  // namespace lockstep
