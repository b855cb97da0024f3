// R2, R6.1, R6.4, R6.6: auction calls, their end, the indicative uncross, moving on, halts (R7.4),
// the operator's phases, the end of the trading day, the schedule.
#pragma once

#include "phase.hpp"
#include "uncross.hpp"
#include "xxh3.hpp"

namespace lockstep {

inline void time_call(State& s, Listing& l, uint64_t length_ns) {
  l.session.call_length_ns = length_ns;
  l.session.call_end_ns = later(s.now_ns(), length_ns);
  s.timers.insert({l.session.call_end_ns, TimerKind::CALL_END, l.id()});
}
inline void begin_call(State& s, Emitter& out, Listing& l, int phase, Why why, uint64_t length_ns) {
  move(s, out, l, phase, why);
  s.calls_touched.insert(l.id());
  if (length_ns) time_call(s, l, length_ns);
}
// The length of the call has passed: draws how much longer it lasts, from the entry's hash.
inline void draw_random_end(State& s, Listing& l) {
  uint64_t hash = xxh3::hash64(s.entry, s.entry_size);
  uint64_t drawn = (hash ^ l.id()) % (l.session.rules.random_end_max_ns + 1);
  l.session.uncross_ns = later(l.session.call_end_ns, drawn);
  l.session.call_end_ns = 0;
  s.timers.insert({l.session.uncross_ns, TimerKind::CALL_UNCROSS, l.id()});
}
inline Uncross indicated(Listing& l) {
  int64_t reference = l.instrument.reference_price ? l.instrument.reference_price : l.last_price;
  return find_uncross(l.book.bids, l.book.asks, reference);
}
// R6.1: one event for each call whose indicative uncross the entry changed.
inline void publish_indicative(State& s, Emitter& out) {
  for (uint32_t id : s.calls_touched) {
    Listing& l = *s.listing(id);
    if (!is_call(l.phase)) continue;
    Uncross now = indicated(l);
    if (now == l.session.indicated) continue;
    l.session.indicated = now;
    out.emit(Indicative{id, now.price, now.volume, now.imbalance_side, now.imbalance_qty});
  }
  s.calls_touched.clear();
}

// R6.6.
inline std::pair<int64_t, int> closing_price(const Listing& l) {
  if (l.session.auction_close) return {l.session.auction_close, ClosingPriceSource::CLOSING_AUCTION_};
  if (l.session.has_traded) return {l.last_price, ClosingPriceSource::LAST_TRADE_};
  return {l.instrument.reference_price, ClosingPriceSource::REFERENCE_};
}
inline void publish_closing_price(Emitter& out, const Listing& l) {
  auto [price, source] = closing_price(l);
  if (price) out.emit(ClosingPrice{l.id(), price, static_cast<uint8_t>(source)});
}

inline bool uncross_is_due(const Listing& l, int to) {
  if (is_call(l.phase)) return true;
  return to == Phase::CONTINUOUS_ &&
         (l.phase == Phase::PRE_OPEN_ || crossing_pair(l.book).first || l.book.has_market_orders());
}
inline void extend_call(State& s, Emitter& out, Listing& l, int64_t price, int to) {
  SessionState& session = l.session;
  uint64_t length =
      session.call_length_ns ? session.call_length_ns : session.rules.volatility_call_ns;
  if (is_call(l.phase)) {
    stop_call_timers(s, l);
    time_call(s, l, length);
  } else {
    begin_call(s, out, l, Phase::VOLATILITY_AUCTION_, {kByEngine, "uncross outside the band"},
               length);
  }
  session.is_extended = true;
  session.next_phase = static_cast<uint8_t>(to);
  out.emit(AuctionExtended{l.id(), price, session.call_end_ns});
}
// Goes to CONTINUOUS or POST_CLOSE, by the uncross where one is due.
inline void move_on(State& s, Emitter& out, Listing& l, int to, Why why) {
  bool executed = false;
  if (uncross_is_due(l, to)) {
    Uncross found = indicated(l);
    if (found.price && !l.band().holds(found.price)) {
      if (l.session.is_extended)
        move(s, out, l, Phase::HALTED_, {kByEngine, "uncross outside the band"});
      else
        extend_call(s, out, l, found.price, to);
      return;
    }
    executed = found.volume > 0;
    uncross(s, out, l, found);
  }
  if (to == Phase::POST_CLOSE_) publish_closing_price(out, l);
  move(s, out, l, to, why);
  if (to == Phase::CONTINUOUS_) undo_crossing(s, out, l);
  if (executed) watch_decline(s, out, l, l.last_price);
}
inline void uncross_before_close(State& s, Emitter& out, Listing& l) {
  if (!is_call(l.phase)) return;
  Uncross found = indicated(l);
  if (found.price && !l.band().holds(found.price)) return;
  uncross(s, out, l, found);
}
inline void end_call(State& s, Emitter& out, Listing& l) {
  int to = l.session.next_phase ? l.session.next_phase : after_call(l.phase);
  move_on(s, out, l, to, {kByEngine, "end of the call"});
}

// The end of the trading day (R2, R6.6, R10.1).
inline void expire_day_orders(State& s, Emitter& out, const std::vector<Listing*>& scope) {
  for (Order* o : s.of_instruments(scope)) {
    int tif = o->time_in_force;
    if (tif == TimeInForce::DAY_ || tif == TimeInForce::AT_THE_OPENING_ ||
        tif == TimeInForce::AT_THE_CLOSE_)
      expire(s, out, o, CancelReason::END_OF_DAY_);
  }
}
inline void end_trading_day(State& s, Emitter& out) {
  expire_day_orders(s, out, s.all_listings());
  for (auto& each : s.listings) {
    Listing& l = *each;
    int64_t tick = l.instrument.tick_size;
    int64_t price = closing_price(l).first / tick * tick;
    if (price && price != l.instrument.reference_price && !l.is_retired()) {
      l.instrument.reference_price = price;
      out.emit(InstrumentChanged{0, l.instrument});
    }
    l.session.auction_close = 0;
    l.session.levels_tripped = 0;
    l.session.has_traded = l.session.is_barred = false;
    s.calls_touched.insert(l.id());
  }
  settle_variation(s, out);
  s.begin_trading_day();
  out.emit(TradingDayChanged{s.head.trading_day});
}

// R7.4: reopens a halted instrument by auction.
inline void reopen(State& s, Emitter& out, Listing& l, Why why) {
  int from = l.session.halted_from;
  if (from == Phase::PRE_OPEN_) return move(s, out, l, Phase::PRE_OPEN_, why);
  bool returns = from == Phase::OPENING_AUCTION_ || from == Phase::CLOSING_AUCTION_;
  begin_call(s, out, l, returns ? from : int(Phase::VOLATILITY_AUCTION_), why,
             l.session.rules.volatility_call_ns);
}

// R2(b): one step of the table of phases.
inline void close_listings(State& s, Emitter& out, const std::vector<Listing*>& closing, Why why) {
  for (Listing* l : closing) uncross_before_close(s, out, *l);
  expire_day_orders(s, out, closing);
  for (Listing* l : closing) {
    if (l->phase != Phase::POST_CLOSE_ && l->session.has_traded) publish_closing_price(out, *l);
    move(s, out, *l, Phase::CLOSED_, why);
  }
}
inline void step(State& s, Emitter& out, Listing& l, int phase, Why why, uint64_t length_ns) {
  if (phase == Phase::CLOSED_)
    close_listings(s, out, {&l}, why);
  else if (is_call(phase))
    begin_call(s, out, l, phase, why, length_ns);
  else if (phase == Phase::CONTINUOUS_ || phase == Phase::POST_CLOSE_)
    move_on(s, out, l, phase, why);
  else
    move(s, out, l, phase, why);
}
constexpr bool is_end(int phase) { return phase == Phase::CLOSED_ || phase == Phase::POST_CLOSE_; }
inline Reason refuse_step(const Listing& l, int phase) {
  if (!can_follow(l.phase, phase)) return R::WRONG_PHASE_;
  if (l.session.is_barred && !is_end(phase)) return R::HALTED_UNTIL_NEXT_DAY_;
  return 0;
}

// R2(a): the schedule.
inline void drop_step_timer(State& s, Listing& l) {
  if (!l.session.schedule.empty())
    s.timers.erase({l.session.schedule.front().ts_ns, TimerKind::SCHEDULE_STEP, l.id()});
}
inline void set_step_timer(State& s, Listing& l) {
  if (!l.session.schedule.empty())
    s.timers.insert({l.session.schedule.front().ts_ns, TimerKind::SCHEDULE_STEP, l.id()});
}
inline void drop_schedule(State& s, Listing& l) {
  drop_step_timer(s, l);
  l.session.schedule.clear();
}
inline void take_step(State& s, Emitter& out, Listing& l) {
  ScheduleStep planned = l.session.schedule.front();
  l.session.schedule.pop_front();
  set_step_timer(s, l);
  if (l.phase == Phase::HALTED_ && !is_end(planned.phase))
    l.session.halted_from = planned.phase;
  else if (l.phase != planned.phase && !refuse_step(l, planned.phase))
    step(s, out, l, planned.phase, {kBySchedule, ""}, planned.call_ns);
}
inline void take_day_end(State& s, Emitter& out) {
  s.day_ends.pop_front();
  if (!s.day_ends.empty()) s.timers.insert({s.day_ends.front().ts_ns, TimerKind::DAY_END, 0});
  std::vector<Listing*> barred;
  for (Listing* l : s.all_listings())
    if (l->session.is_barred && l->phase == Phase::HALTED_ && !l->is_retired()) barred.push_back(l);
  end_trading_day(s, out);
  for (Listing* l : barred) reopen(s, out, *l, {kBySchedule, "next trading day"});
}

}  // namespace lockstep
