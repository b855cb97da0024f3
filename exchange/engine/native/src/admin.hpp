// The operators' commands: one course for all, judge, acknowledge, carry out (R10.1).
//
// A rule judges first (nothing changes) and takes effect only after AdminAccepted is out. The
// request is remembered after its effect: a close that ends the day must be known in the next.
#pragma once

#include "calls.hpp"
#include "dark.hpp"
#include "margin.hpp"

namespace lockstep {

struct Verdict {
  Reason reason = 0;
  std::string detail;
  uint32_t target_id = 0;
};
inline Verdict refuse(Reason reason, std::string detail = "") { return {reason, detail, 0}; }
inline Verdict permit(uint32_t target_id = 0) { return {0, "", target_id}; }

// ---- scope

inline std::vector<Listing*> in_scope(const State& s, uint32_t instrument_id, int asset_class) {
  if (instrument_id) return {s.listing(instrument_id)};
  std::vector<Listing*> found;
  for (Listing* l : s.all_listings())
    if ((!asset_class || l->instrument.asset_class == asset_class) && !l->is_retired())
      found.push_back(l);
  return found;
}
inline Verdict refuse_scope(uint32_t instrument_id, int asset_class) {
  if (asset_class && (instrument_id || !is_AssetClass(asset_class)))
    return refuse(R::INVALID_FIELD_, "asset_class");
  return permit();
}
inline Verdict refuse_listing(const State& s, uint32_t instrument_id) {
  Listing* l = s.listing(instrument_id);
  if (!l) return refuse(R::UNKNOWN_SYMBOL_);
  if (l->is_retired()) return refuse(R::INSTRUMENT_RETIRED_, l->symbol);
  return permit(instrument_id);
}

// ---- reference data (R1.2)

inline bool matches(std::string_view text, size_t least, size_t most, bool lower, bool marks) {
  if (text.size() < least || text.size() > most) return false;
  for (char c : text) {
    bool fine = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (lower && c >= 'a' && c <= 'z') ||
                (marks && (c == '.' || c == '_' || c == '-'));
    if (!fine) return false;
  }
  return true;
}
inline bool is_name(std::string_view text) { return matches(text, 1, 32, true, true); }
inline bool is_currency(std::string_view text) { return matches(text, 3, 8, false, false); }

inline constexpr u128 kNotionalMax = (static_cast<u128>(1) << 127) - 1;

inline const char* fault_of(const Instrument& i) {
  bool on_tick = i.tick_size < 1 || i.reference_price % i.tick_size == 0;
  if (!matches(i.symbol, 1, 16, false, true)) return "symbol";
  if (!is_AssetClass(i.asset_class)) return "asset_class";
  if (!is_currency(i.currency)) return "currency";
  if (!matches(i.mic, 4, 4, false, false)) return "mic";
  if (i.tick_size < 1 || i.tick_size > kPriceMax) return "tick_size";
  if (i.lot_size < 1 || i.lot_size > kQtyMax) return "lot_size";
  if (i.qty_decimals > 9) return "qty_decimals";
  if (i.max_order_qty < 1 || i.max_order_qty > kQtyMax) return "max_order_qty";
  if (i.min_order_qty < 1 || i.min_order_qty > i.max_order_qty) return "min_order_qty";
  if (i.max_order_notional > kNotionalMax) return "max_order_notional";
  if (i.reference_price < 0 || i.reference_price > kPriceMax || !on_tick) return "reference_price";
  if (i.static_band_bp > 100'000) return "static_band_bp";
  if (i.contract_multiplier < 1 || i.contract_multiplier > 1'000'000) return "contract_multiplier";
  if (!is_StpMode(i.stp_default)) return "stp_default";
  if (!is_InstrumentStatus(i.status)) return "status";
  return "";
}
inline Verdict next_id(uint32_t last_id, const char* what) {
  if (static_cast<uint64_t>(last_id) + 1 >= kUnknownId) return refuse(R::LIMIT_REACHED_, what);
  return permit(last_id + 1);
}
inline Verdict judge(State& s, const CreateInstrument& c) {
  const Instrument& i = c.instrument;
  std::string fault = fault_of(i);
  if (!fault.empty())
    return refuse(fault == "symbol" ? R::INVALID_SYMBOL_ : R::INVALID_FIELD_, fault);
  if (i.status != InstrumentStatus::ACTIVE_) return refuse(R::INVALID_FIELD_, "status");
  if (s.instrument_ids.contains(i.symbol))
    return refuse(R::SYMBOL_EXISTS_, std::string(i.symbol));
  return next_id(s.head.last_instrument_id, "instruments");
}
inline void effect(State& s, Emitter& out, const CreateInstrument& c) {
  Instrument i = c.instrument;
  i.instrument_id = ++s.head.last_instrument_id;
  out.emit(InstrumentChanged{1, s.add_listing(i)->instrument});
}
constexpr uint32_t kAllFields = (1u << 16) - 1;
// `former` with the fields of the mask as in `changed`, bit n the n-th field; the id is never taken.
inline Instrument masked(const Instrument& former, const Instrument& changed, uint32_t mask) {
  Instrument i = former;
  int bit = 0;
  auto take = [&](auto& to, const auto& from) {
    if (mask >> ++bit & 1) to = from;
  };
  take(i.symbol, changed.symbol);
  take(i.asset_class, changed.asset_class);
  take(i.currency, changed.currency);
  take(i.mic, changed.mic);
  take(i.tick_size, changed.tick_size);
  take(i.lot_size, changed.lot_size);
  take(i.qty_decimals, changed.qty_decimals);
  take(i.min_order_qty, changed.min_order_qty);
  take(i.max_order_qty, changed.max_order_qty);
  take(i.max_order_notional, changed.max_order_notional);
  take(i.reference_price, changed.reference_price);
  take(i.static_band_bp, changed.static_band_bp);
  take(i.contract_multiplier, changed.contract_multiplier);
  take(i.stp_default, changed.stp_default);
  take(i.status, changed.status);
  return i;
}
inline Verdict judge(State& s, const UpdateInstrument& c) {
  Listing* l = s.listing(c.instrument.instrument_id);
  if (!l) return refuse(R::UNKNOWN_SYMBOL_, std::string(c.instrument.symbol));
  const Instrument& former = l->instrument;
  if (l->is_retired()) return refuse(R::INSTRUMENT_RETIRED_, l->symbol);
  if (c.mask < 1 || c.mask > kAllFields) return refuse(R::INVALID_FIELD_, "mask");
  const Instrument i = masked(former, c.instrument, c.mask);
  if (i.symbol != former.symbol) return refuse(R::INVALID_FIELD_, "symbol");
  std::string fault = fault_of(i);
  if (!fault.empty()) return refuse(R::INVALID_FIELD_, fault);
  if (i == former) return refuse(R::NO_CHANGE_);
  const char* with_positions = i.asset_class != former.asset_class           ? "asset_class"
                               : i.currency != former.currency               ? "currency"
                               : i.qty_decimals != former.qty_decimals       ? "qty_decimals"
                               : i.contract_multiplier != former.contract_multiplier
                                   ? "contract_multiplier"
                                   : nullptr;
  bool held = false;
  for (auto& a : s.accounts) {
    Line* line = a->find(i.instrument_id);
    held |= line && line->qty;
  }
  if (held && with_positions) return refuse(R::POSITIONS_EXIST_, with_positions);
  if (l->open_head) {
    if (i.tick_size != former.tick_size) return refuse(R::OPEN_ORDERS_EXIST_, "tick_size");
    if (i.lot_size != former.lot_size) return refuse(R::OPEN_ORDERS_EXIST_, "lot_size");
    if (with_positions) return refuse(R::OPEN_ORDERS_EXIST_, with_positions);
  }
  return permit(i.instrument_id);
}
inline void effect(State& s, Emitter& out, const UpdateInstrument& c) {
  Listing* l = s.listing(c.instrument.instrument_id);
  s.put_instrument(l, masked(l->instrument, c.instrument, c.mask));
  out.emit(InstrumentChanged{0, l->instrument});
  s.calls_touched.insert(l->id());
  if (!l->is_retired()) return;
  cancel_all(s, out, s.select(0, 0, l->id(), 0), CancelReason::INSTRUMENT_RETIRED_);
  drop_schedule(s, *l);
  if (l->phase != Phase::CLOSED_) move(s, out, *l, Phase::CLOSED_, {c.operator_, "retired"});
}
inline void add_account(State& s, Emitter& out, uint32_t member_id, std::string_view name) {
  Account a{++s.head.last_account_id, member_id, name, Standing::ACTIVE_};
  s.put_account(a);
  out.emit(AccountChanged{1, a});
}
inline Verdict judge(State& s, const CreateMember& c) {
  if (!is_name(c.name)) return refuse(R::INVALID_NAME_, "name");
  if (s.member_ids.contains(c.name)) return refuse(R::NAME_EXISTS_, std::string(c.name));
  Verdict v = next_id(s.head.last_account_id, "accounts");
  return v.reason ? v : next_id(s.head.last_member_id, "members");
}
inline void effect(State& s, Emitter& out, const CreateMember& c) {
  Member m{++s.head.last_member_id, c.name, Standing::ACTIVE_};
  s.put_member(m);
  out.emit(MemberChanged{1, m});
  add_account(s, out, m.member_id, c.name);
}
inline Verdict judge_standing(int former, int standing, uint32_t target_id) {
  if (!is_Standing(standing)) return refuse(R::INVALID_FIELD_, "standing");
  return former == standing ? refuse(R::NO_CHANGE_) : permit(target_id);
}
inline Verdict judge(State& s, const UpdateMember& c) {
  MemberEntry* m = s.member(c.member_id);
  return m ? judge_standing(m->row.standing, c.standing, c.member_id) : refuse(R::UNKNOWN_MEMBER_);
}
inline void effect(State& s, Emitter& out, const UpdateMember& c) {
  MemberEntry* m = s.member(c.member_id);
  m->row.standing = c.standing;
  out.emit(MemberChanged{0, m->row});
}
inline Verdict judge(State& s, const CreateAccount& c) {
  if (!s.member(c.member_id)) return refuse(R::UNKNOWN_MEMBER_);
  if (!is_name(c.name)) return refuse(R::INVALID_NAME_, "name");
  if (s.account_ids.contains({c.member_id, std::string(c.name)}))
    return refuse(R::NAME_EXISTS_, std::string(c.name));
  return next_id(s.head.last_account_id, "accounts");
}
inline void effect(State& s, Emitter& out, const CreateAccount& c) {
  add_account(s, out, c.member_id, c.name);
}
inline Verdict judge(State& s, const UpdateAccount& c) {
  AccountEntry* a = s.account(c.account_id);
  return a ? judge_standing(a->row.standing, c.standing, c.account_id)
           : refuse(R::UNKNOWN_ACCOUNT_);
}
inline void effect(State& s, Emitter& out, const UpdateAccount& c) {
  AccountEntry* a = s.account(c.account_id);
  a->row.standing = c.standing;
  out.emit(AccountChanged{0, a->row});
}

// ---- phases (R2)

inline std::vector<Listing*> opening(const State& s, uint32_t instrument_id) {
  std::vector<Listing*> found;
  for (Listing* l : in_scope(s, instrument_id, 0))
    if (l->phase == Phase::CLOSED_ && !l->session.is_barred) found.push_back(l);
  return found;
}
inline Verdict judge_step(const Listing& l, int phase) {
  Reason reason = refuse_step(l, phase);
  return reason ? refuse(reason, l.symbol) : permit(l.id());
}
inline Verdict judge(State& s, const OpenSession& c) {
  if (!c.instrument_id) return opening(s, 0).empty() ? refuse(R::WRONG_PHASE_) : permit();
  Verdict v = refuse_listing(s, c.instrument_id);
  if (v.reason) return v;
  Listing& l = *s.listing(c.instrument_id);
  if (l.phase != Phase::CLOSED_) return refuse(R::WRONG_PHASE_, l.symbol);
  return judge_step(l, Phase::CONTINUOUS_);
}
inline void effect(State& s, Emitter& out, const OpenSession& c) {
  for (Listing* l : opening(s, c.instrument_id))
    move_on(s, out, *l, Phase::CONTINUOUS_, {c.operator_, ""});
}
inline Verdict judge(State& s, const CloseSession& c) {
  if (!c.instrument_id) return permit();
  Verdict v = refuse_listing(s, c.instrument_id);
  return v.reason ? v : judge_step(*s.listing(c.instrument_id), Phase::CLOSED_);
}
inline void effect(State& s, Emitter& out, const CloseSession& c) {
  std::vector<Listing*> closing;
  for (Listing* l : in_scope(s, c.instrument_id, 0))
    if (l->phase != Phase::CLOSED_) closing.push_back(l);
  close_listings(s, out, closing, {c.operator_, ""});
  if (!c.instrument_id) end_trading_day(s, out);
}
inline Verdict judge(State& s, const SetPhase& c) {
  if (!is_Phase(c.phase)) return refuse(R::INVALID_FIELD_, "phase");
  Listing* l = s.listing(c.instrument_id);
  if (l && l->phase == c.phase) return refuse(R::NO_CHANGE_, l->symbol);
  Verdict v = refuse_listing(s, c.instrument_id);
  return v.reason ? v : judge_step(*l, c.phase);
}
inline void effect(State& s, Emitter& out, const SetPhase& c) {
  step(s, out, *s.listing(c.instrument_id), c.phase, {c.operator_, ""});
}

// ---- halts (R7.4, R7.5)

template <class Command>
Verdict judge_halt_request(State& s, const Command& c) {
  if (c.reason.empty()) return refuse(R::REASON_REQUIRED_);
  Verdict v = refuse_scope(c.instrument_id, c.asset_class);
  if (v.reason || !c.instrument_id) return v;
  return refuse_listing(s, c.instrument_id);
}
template <class Command>
std::string symbol_of(const std::vector<Listing*>& scope, const Command& c) {
  return c.instrument_id ? scope[0]->symbol : "";
}
inline Verdict judge(State& s, const Halt& c) {
  Verdict v = judge_halt_request(s, c);
  if (v.reason) return v;
  auto scope = in_scope(s, c.instrument_id, c.asset_class);
  for (Listing* l : scope)
    if (is_open_phase(l->phase)) return v;
  return refuse(R::WRONG_PHASE_, symbol_of(scope, c));
}
inline void effect(State& s, Emitter& out, const Halt& c) {
  std::vector<Listing*> halting;
  for (Listing* l : in_scope(s, c.instrument_id, c.asset_class))
    if (is_open_phase(l->phase)) halting.push_back(l);
  if (c.cancel)
    cancel_all(s, out, s.of_instruments(halting), CancelReason::CANCEL_ON_TRADING_HALT_);
  for (Listing* l : halting) move(s, out, *l, Phase::HALTED_, {c.operator_, c.reason});
}
inline Verdict judge(State& s, const Resume& c) {
  Verdict v = judge_halt_request(s, c);
  if (v.reason) return v;
  auto scope = in_scope(s, c.instrument_id, c.asset_class);
  bool any = false, all_barred = true;
  for (Listing* l : scope)
    if (l->phase == Phase::HALTED_) {
      any = true;
      all_barred &= l->session.is_barred;
    }
  if (!any) return refuse(R::WRONG_PHASE_, symbol_of(scope, c));
  if (all_barred) return refuse(R::HALTED_UNTIL_NEXT_DAY_, symbol_of(scope, c));
  return v;
}
inline void effect(State& s, Emitter& out, const Resume& c) {
  Why why{c.operator_, c.reason};
  for (Listing* l : in_scope(s, c.instrument_id, c.asset_class)) {
    if (l->phase != Phase::HALTED_ || l->session.is_barred) continue;
    if (c.direct)
      move_on(s, out, *l, Phase::CONTINUOUS_, why);
    else
      reopen(s, out, *l, why);
  }
}

// ---- trading rules and index (R6, R7)

inline const char* fault_of(const TradingRules& r) {
  constexpr uint64_t minute = 60'000'000'000ull, call_max = 24 * 60 * minute;
  if (r.dynamic_band_bp > 100'000) return "dynamic_band_bp";
  if (r.dynamic_window_ns < 1 || r.dynamic_window_ns > 60 * minute) return "dynamic_window_ns";
  if (r.volatility_call_ns < 1 || r.volatility_call_ns > call_max) return "volatility_call_ns";
  if (r.random_end_max_ns > 5 * minute) return "random_end_max_ns";
  if (!is_BreakerScope(r.breaker_scope)) return "breaker_scope";
  if (r.breaker_1_bp < 1 || r.breaker_1_bp > 10'000) return "breaker_1_bp";
  if (r.breaker_2_bp <= r.breaker_1_bp || r.breaker_2_bp > 10'000) return "breaker_2_bp";
  if (r.breaker_3_bp <= r.breaker_2_bp || r.breaker_3_bp > 10'000) return "breaker_3_bp";
  if (r.breaker_halt_ns < 1 || r.breaker_halt_ns > call_max) return "breaker_halt_ns";
  if (r.breaker_cutoff_ns > call_max) return "breaker_cutoff_ns";
  return "";
}
inline Verdict judge(State& s, const SetTradingRules& c) {
  Verdict v = refuse_listing(s, c.rules.instrument_id);
  if (v.reason) return v;
  std::string fault = fault_of(c.rules);
  if (!fault.empty()) return refuse(R::INVALID_FIELD_, fault);
  if (c.rules == s.listing(c.rules.instrument_id)->session.rules) return refuse(R::NO_CHANGE_);
  return v;
}
inline void effect(State& s, Emitter& out, const SetTradingRules& c) {
  SessionState& session = s.listing(c.rules.instrument_id)->session;
  session.rules = c.rules;
  if (!session.rules.dynamic_band_bp) session.trail.clear();
  out.emit(TradingRulesChanged{session.rules});
}
inline Verdict judge(State& s, const SetIndex& c) {
  Verdict v = refuse_listing(s, c.instrument_id);
  if (v.reason) return v;
  Listing& l = *s.listing(c.instrument_id);
  if (l.session.rules.breaker_scope != BreakerScope::MARKET_)
    return refuse(R::INVALID_FIELD_, "instrument_id");
  if (c.price < 1 || c.price > kPriceMax || c.price % l.instrument.tick_size)
    return refuse(R::INVALID_FIELD_, "price");
  return v;
}
inline void effect(State& s, Emitter& out, const SetIndex& c) {
  Listing& l = *s.listing(c.instrument_id);
  l.last_price = c.price;
  l.session.has_traded = true;
  out.emit(IndexChanged{c.instrument_id, c.price});
  watch_decline(s, out, l, c.price);
}

// ---- the rules of the dark book

inline const char* fault_of(const DarkRules& r) {
  uint64_t interval = r.cross_interval_ns;
  if (r.is_open > 1) return "is_open";
  if (r.is_continuous > 1) return "is_continuous";
  if (r.shows_side > 1) return "shows_side";
  if (r.min_block_qty < 1 || r.min_block_qty > kQtyMax) return "min_block_qty";
  if (interval && (interval < 1'000'000'000ull || interval > 86'400'000'000'000ull))
    return "cross_interval_ns";
  if (r.is_open && !r.is_continuous && !interval) return "is_continuous";
  return "";
}
inline Verdict judge(State& s, const SetDarkRules& c) {
  Verdict v = refuse_listing(s, c.rules.instrument_id);
  if (v.reason) return v;
  std::string fault = fault_of(c.rules);
  if (!fault.empty()) return refuse(R::INVALID_FIELD_, fault);
  if (c.rules == s.listing(c.rules.instrument_id)->dark.rules) return refuse(R::NO_CHANGE_);
  return v;
}
inline void effect(State& s, Emitter& out, const SetDarkRules& c) {
  Listing& l = *s.listing(c.rules.instrument_id);
  l.dark.rules = c.rules;
  l.dark.touch();
  out.emit(DarkRulesChanged{l.dark.rules});
  if (!l.dark.rules.is_open)
    cancel_all(s, out, State::by_id(l.dark.by_place()), CancelReason::DARK_BOOK_CLOSED_);
  begin_crossings(s, l);
}

// ---- schedule (R2)

inline constexpr uint64_t kCallMaxNs = 24ull * 60 * 60'000'000'000;
inline constexpr uint64_t kScheduleMaxNs = kTimestampMax - 2 * kCallMaxNs;

inline Verdict judge(State& s, const SetSchedule& c) {
  Verdict v = refuse_scope(c.instrument_id, c.asset_class);
  if (!v.reason && c.instrument_id) v = refuse_listing(s, c.instrument_id);
  if (v.reason) return v;
  auto& steps = c.steps;
  auto name = [](size_t i) { return "steps[" + std::to_string(i + 1) + "]"; };
  for (size_t i = 0; i < steps.size(); ++i) {
    int phase = steps[i].phase;
    if (!is_Phase(phase) || phase == Phase::HALTED_ || phase == Phase::VOLATILITY_AUCTION_)
      return refuse(R::INVALID_FIELD_, name(i) + ".phase");
    bool call = is_call(phase);
    if (steps[i].call_ns < (call ? 1u : 0u) || steps[i].call_ns > (call ? kCallMaxNs : 0))
      return refuse(R::CALL_LENGTH_INVALID_, name(i));
  }
  uint64_t random_ns = 0;
  for (Listing* l : in_scope(s, c.instrument_id, c.asset_class))
    random_ns = std::max(random_ns, l->session.rules.random_end_max_ns);
  if (!steps.empty() && steps[0].ts_ns <= s.now_ns())
    return refuse(R::SCHEDULE_IN_THE_PAST_, "steps[1]");
  for (size_t i = 1; i < steps.size(); ++i) {
    const ScheduleStep& former = steps[i - 1];
    u128 end = static_cast<u128>(former.ts_ns) + (former.call_ns ? former.call_ns + random_ns : 0);
    if (steps[i].ts_ns <= former.ts_ns || steps[i].ts_ns < end)
      return refuse(R::SCHEDULE_OVERLAPS_, name(i));
    if (!can_follow(after_call(former.phase), steps[i].phase))
      return refuse(R::SCHEDULE_TRANSITION_, name(i));
  }
  if (!steps.empty() && steps.back().ts_ns > kScheduleMaxNs)
    return refuse(R::INVALID_FIELD_, name(steps.size() - 1) + ".ts_ns");
  return v;
}
inline void effect(State& s, Emitter& out, const SetSchedule& c) {
  for (Listing* l : in_scope(s, c.instrument_id, c.asset_class)) {
    drop_step_timer(s, *l);
    l->session.schedule.assign(c.steps.begin(), c.steps.end());
    set_step_timer(s, *l);
    ScheduleStep first = c.steps.empty() ? ScheduleStep{} : c.steps[0];
    out.emit(ScheduleChanged{l->id(), static_cast<uint32_t>(c.steps.size()), first.ts_ns,
                             first.phase});
  }
}
inline Verdict judge(State& s, const SetDayEnds& c) {
  auto& ends = c.ends;
  auto name = [](size_t i) { return "ends[" + std::to_string(i + 1) + "]"; };
  if (!ends.empty() && ends[0].ts_ns <= s.now_ns())
    return refuse(R::SCHEDULE_IN_THE_PAST_, "ends[1]");
  for (size_t i = 1; i < ends.size(); ++i)
    if (ends[i].ts_ns <= ends[i - 1].ts_ns) return refuse(R::SCHEDULE_OVERLAPS_, name(i));
  if (!ends.empty() && ends.back().ts_ns > kScheduleMaxNs)
    return refuse(R::INVALID_FIELD_, name(ends.size() - 1) + ".ts_ns");
  return permit();
}
inline void effect(State& s, Emitter& out, const SetDayEnds& c) {
  if (!s.day_ends.empty()) s.timers.erase({s.day_ends.front().ts_ns, TimerKind::DAY_END, 0});
  s.day_ends.assign(c.ends.begin(), c.ends.end());
  uint64_t next = 0;
  if (!s.day_ends.empty()) {
    next = s.day_ends.front().ts_ns;
    s.timers.insert({next, TimerKind::DAY_END, 0});
  }
  out.emit(DayEndsChanged{static_cast<uint32_t>(c.ends.size()), next});
}

// ---- kill switches, mass cancel, emergency close (R9)

template <class Command>
Verdict judge_switch(State& s, const Command& c, bool engaging) {
  if (c.reason.empty()) return refuse(R::REASON_REQUIRED_);
  if (!is_KillScope(c.scope)) return refuse(R::INVALID_FIELD_, "scope");
  bool engaged = s.kill_switches.contains({c.scope, c.target_id});
  bool known = c.scope == KillScope::SESSION_      ? s.sessions.contains(c.target_id)
               : c.scope == KillScope::ACCOUNT_    ? s.account(c.target_id) != nullptr
               : c.scope == KillScope::MEMBER_     ? s.member(c.target_id) != nullptr
               : c.scope == KillScope::INSTRUMENT_ ? s.listing(c.target_id) != nullptr
                                                   : c.target_id == 0;
  if (!engaged && !known) return refuse(R::UNKNOWN_TARGET_);
  if (engaged && engaging) return refuse(R::ALREADY_ENGAGED_);
  if (!engaged && !engaging) return refuse(R::NOT_ENGAGED_);
  return permit(c.target_id);
}
inline Verdict judge(State& s, const EngageKillSwitch& c) { return judge_switch(s, c, true); }
inline Verdict judge(State& s, const ReleaseKillSwitch& c) { return judge_switch(s, c, false); }
inline void effect(State& s, Emitter& out, const EngageKillSwitch& c) {
  s.kill_switches[{c.scope, c.target_id}] = {std::string(c.operator_), std::string(c.reason),
                                             s.now_ns()};
  out.emit(KillSwitchChanged{c.scope, c.target_id, 1, c.operator_, c.reason});
  uint32_t id = c.target_id;
  std::vector<Order*> orders = c.scope == KillScope::SESSION_      ? s.of_session(id)
                               : c.scope == KillScope::ACCOUNT_    ? s.select(0, id, 0, 0)
                               : c.scope == KillScope::MEMBER_     ? s.select(id, 0, 0, 0)
                               : c.scope == KillScope::INSTRUMENT_ ? s.select(0, 0, id, 0)
                                                                   : s.select(0, 0, 0, 0);
  cancel_all(s, out, orders, CancelReason::KILL_SWITCH_);
}
inline void effect(State& s, Emitter& out, const ReleaseKillSwitch& c) {
  s.kill_switches.erase({c.scope, c.target_id});
  if (c.scope == KillScope::MARKET_) s.is_emergency = 0;
  out.emit(KillSwitchChanged{c.scope, c.target_id, 0, c.operator_, c.reason});
}
inline Verdict judge(State& s, const OperatorCancel& c) {
  if (c.reason.empty()) return refuse(R::REASON_REQUIRED_);
  if (c.side && !is_Side(c.side)) return refuse(R::INVALID_SIDE_, "side");
  if (c.member_id && !s.member(c.member_id)) return refuse(R::UNKNOWN_TARGET_, "member");
  if (c.account_id && !s.account(c.account_id)) return refuse(R::UNKNOWN_TARGET_, "account");
  if (c.instrument_id && !s.listing(c.instrument_id))
    return refuse(R::UNKNOWN_TARGET_, "instrument");
  return permit();
}
inline void effect(State& s, Emitter& out, const OperatorCancel& c) {
  cancel_all(s, out, s.select(c.member_id, c.account_id, c.instrument_id, c.side),
             CancelReason::CANCELED_BY_OPERATOR_);
}
inline Verdict judge(State& s, const EmergencyClose& c) {
  if (c.reason.empty()) return refuse(R::REASON_REQUIRED_);
  return s.is_emergency ? refuse(R::ALREADY_ENGAGED_) : permit();
}
inline void effect(State& s, Emitter& out, const EmergencyClose& c) {
  s.is_emergency = 1;
  std::pair<uint8_t, uint32_t> market{KillScope::MARKET_, 0};
  if (!s.kill_switches.contains(market)) {
    s.kill_switches[market] = {std::string(c.operator_), std::string(c.reason), s.now_ns()};
    out.emit(KillSwitchChanged{KillScope::MARKET_, 0, 1, c.operator_, c.reason});
  }
  auto orders = s.select(0, 0, 0, 0);
  cancel_all(s, out, orders, CancelReason::EMERGENCY_CLOSE_);
  std::vector<SessionRow> sessions;
  for (auto& [id, session] : s.sessions)
    sessions.push_back({id, session.member_id, session.cancel_on_disconnect});
  for (auto& row : sessions) {
    s.end_session(row.session_id);
    out.emit(SessionChanged{row.session_id, row.member_id, 0, row.cancel_on_disconnect, c.reason});
  }
  for (Listing* l : s.all_listings()) {
    if (!l->session.schedule.empty()) {
      drop_schedule(s, *l);
      out.emit(ScheduleChanged{l->id(), 0, 0, 0});
    }
    if (l->phase != Phase::CLOSED_ && !l->is_retired())
      move(s, out, *l, Phase::CLOSED_, {c.operator_, c.reason});
  }
  out.emit_last(EmergencyClosed{s.head.applied_index + 1, orders.size(), sessions.size(),
                                c.operator_, c.reason});
}

// ---- limits, fees, figures, the restricted list (R8)

inline const char* fault_of(const AccountLimits& l) {
  auto [initial, maintenance] = margins_bp(l);
  constexpr int flags = AccountFlag::RETAIL_ | AccountFlag::PATTERN_DAY_TRADER_;
  constexpr uint32_t share_max = 1'000'000;
  if (l.account_type && !is_AccountType(l.account_type)) return "account_type";
  if (l.flags & ~flags) return "flags";
  if (l.credit_limit > kNotionalMax) return "credit_limit";
  if (l.max_position < 0 || l.max_position > (1ll << 62)) return "max_position";
  if (l.max_order_qty < 0 || l.max_order_qty > kQtyMax) return "max_order_qty";
  if (l.max_order_notional > kNotionalMax) return "max_order_notional";
  if (l.collar_bp > 10'000) return "collar_bp";
  if (l.concentration_bp > share_max) return "concentration_bp";
  if (l.adv_bp > share_max) return "adv_bp";
  if (l.initial_margin_bp > share_max) return "initial_margin_bp";
  if (maintenance > initial) return "maintenance_margin_bp";
  if (l.call_grace_ns > 7ull * 24 * 3'600 * 1'000'000'000) return "call_grace_ns";
  return "";
}
inline void put_account_limits(State& s, const AccountLimits& limits) {
  AccountEntry& a = *s.account(limits.account_id);
  AccountLimits none;
  none.account_id = limits.account_id;
  a.has_limits = limits != none;
  a.limits = limits;
  if (limits.account_type == AccountType::MARGIN_)
    s.margin_accounts.insert(limits.account_id);
  else
    s.margin_accounts.erase(limits.account_id);
}
inline Verdict judge(State& s, const SetAccountLimits& c) {
  AccountEntry* a = s.account(c.limits.account_id);
  if (!a) return refuse(R::UNKNOWN_ACCOUNT_);
  std::string fault = fault_of(c.limits);
  if (!fault.empty()) return refuse(R::INVALID_FIELD_, fault);
  AccountLimits former = a->limits;
  former.account_id = c.limits.account_id;
  return c.limits == former ? refuse(R::NO_CHANGE_) : permit(c.limits.account_id);
}
inline void effect(State& s, Emitter& out, const SetAccountLimits& c) {
  put_account_limits(s, c.limits);
  out.emit(AccountLimitsChanged{c.limits});
  schedule_sweep(s);
}
inline const char* fault_of(const MemberLimits& l) {
  constexpr uint32_t rate_max = 1'000'000;
  if (l.fee_tier > 255) return "fee_tier";
  if (l.order_rate > rate_max) return "order_rate";
  if (l.order_burst > (l.order_rate ? rate_max : 0)) return "order_burst";
  if (l.session_rate > rate_max) return "session_rate";
  if (l.session_burst > (l.session_rate ? rate_max : 0)) return "session_burst";
  return "";
}
inline Verdict judge(State& s, const SetMemberLimits& c) {
  MemberEntry* m = s.member(c.limits.member_id);
  if (!m) return refuse(R::UNKNOWN_MEMBER_);
  std::string fault = fault_of(c.limits);
  if (!fault.empty()) return refuse(R::INVALID_FIELD_, fault);
  MemberLimits former = m->limits;
  former.member_id = c.limits.member_id;
  return c.limits == former ? refuse(R::NO_CHANGE_) : permit(c.limits.member_id);
}
inline void put_member_limits(State& s, const MemberLimits& limits) {
  MemberEntry& m = *s.member(limits.member_id);
  MemberLimits none;
  none.member_id = limits.member_id;
  m.has_limits = limits != none;
  m.limits = limits;
}
inline void effect(State& s, Emitter& out, const SetMemberLimits& c) {
  put_member_limits(s, c.limits);
  s.member(c.limits.member_id)->bucket = {};
  for (auto& [id, session] : s.sessions)
    if (session.member_id == c.limits.member_id) session.bucket = {};
  out.emit(MemberLimitsChanged{c.limits});
}
inline const char* fault_of(const FeeSchedule& f) {
  constexpr int64_t most = 100'000;
  if (f.tier > 255) return "tier";
  if (f.maker_ppm < -most || f.maker_ppm > most) return "maker_ppm";
  if (f.taker_ppm < -most || f.taker_ppm > most || f.maker_ppm + f.taker_ppm < 0)
    return "taker_ppm";
  if (f.auction_ppm < 0 || f.auction_ppm > most) return "auction_ppm";
  return "";
}
inline Verdict judge(State& s, const SetFeeSchedule& c) {
  const FeeSchedule& f = c.schedule;
  if (f.instrument_id && !s.listing(f.instrument_id)) return refuse(R::UNKNOWN_SYMBOL_);
  std::string fault = fault_of(f);
  if (!fault.empty()) return refuse(R::INVALID_FIELD_, fault);
  auto former = s.fees.find({f.instrument_id, f.tier});
  if (former != s.fees.end() && former->second == f) return refuse(R::NO_CHANGE_);
  return permit(f.instrument_id);
}
inline void effect(State& s, Emitter& out, const SetFeeSchedule& c) {
  s.fees[{c.schedule.instrument_id, c.schedule.tier}] = c.schedule;
  out.emit(FeeScheduleChanged{c.schedule});
}
inline Verdict judge(State& s, const SetRiskReference& c) {
  const RiskReference& r = c.reference;
  if (!s.listing(r.instrument_id)) return refuse(R::UNKNOWN_SYMBOL_);
  if (r.adv_qty < 0 || r.adv_qty > (1ll << 62)) return refuse(R::INVALID_FIELD_, "adv_qty");
  auto former = s.adv_qty.find(r.instrument_id);
  if ((former == s.adv_qty.end() ? 0 : former->second) == r.adv_qty) return refuse(R::NO_CHANGE_);
  return permit(r.instrument_id);
}
inline void effect(State& s, Emitter& out, const SetRiskReference& c) {
  if (c.reference.adv_qty)
    s.adv_qty[c.reference.instrument_id] = c.reference.adv_qty;
  else
    s.adv_qty.erase(c.reference.instrument_id);
  out.emit(RiskReferenceChanged{c.reference});
}
template <class Command>
Verdict judge_restriction(State& s, const Command& c, bool restricting) {
  const Restriction& r = c.restriction;
  if (c.reason.empty()) return refuse(R::REASON_REQUIRED_);
  if (r.member_id && r.account_id) return refuse(R::INVALID_FIELD_, "account");
  if (!r.member_id && !r.account_id && !r.instrument_id) return refuse(R::INVALID_FIELD_, "member");
  if (r.member_id && !s.member(r.member_id)) return refuse(R::UNKNOWN_TARGET_, "member");
  if (r.account_id && !s.account(r.account_id)) return refuse(R::UNKNOWN_TARGET_, "account");
  if (r.instrument_id && !s.listing(r.instrument_id))
    return refuse(R::UNKNOWN_TARGET_, "instrument");
  bool listed = s.restrictions.contains({r.member_id, r.account_id, r.instrument_id});
  if (restricting) return listed ? refuse(R::ALREADY_RESTRICTED_) : permit();
  return listed ? permit() : refuse(R::NOT_RESTRICTED_);
}
inline Verdict judge(State& s, const Restrict& c) { return judge_restriction(s, c, true); }
inline Verdict judge(State& s, const Unrestrict& c) { return judge_restriction(s, c, false); }
inline void effect(State& s, Emitter& out, const Restrict& c) {
  const Restriction& r = c.restriction;
  s.restrictions.insert({r.member_id, r.account_id, r.instrument_id});
  out.emit(RestrictionChanged{1, r, c.operator_, c.reason});
}
inline void effect(State& s, Emitter& out, const Unrestrict& c) {
  const Restriction& r = c.restriction;
  s.restrictions.erase({r.member_id, r.account_id, r.instrument_id});
  out.emit(RestrictionChanged{0, r, c.operator_, c.reason});
}

// ---- money and securities that come or leave

inline Int256 free_cash(State& s, uint32_t account_id, uint32_t currency) {
  const AccountLimits* limits = limits_of(s, account_id);
  Worth w = appraise(s, account_id, currency);
  Int256 free = w.cash;
  if (limits && limits->account_type == AccountType::CASH_) {
    free = w.cash - w.reserved();
  } else if (limits && limits->account_type == AccountType::MARGIN_) {
    Int256 required = share(w.worst, margins_bp(*limits).first);
    free = min(w.cash, w.equity - w.fees - required);
  }
  return max(free, Int256());
}
inline Verdict judge(State& s, const AdjustCash& c) {
  if (c.reason.empty()) return refuse(R::REASON_REQUIRED_);
  if (!s.account(c.account_id)) return refuse(R::UNKNOWN_ACCOUNT_);
  if (!is_CashDirection(c.direction)) return refuse(R::INVALID_FIELD_, "direction");
  if (c.amount < 1 || c.amount > kNotionalMax) return refuse(R::INVALID_FIELD_, "amount");
  if (!is_currency(c.currency)) return refuse(R::INVALID_FIELD_, "currency");
  if (c.direction == CashDirection::WITHDRAWAL_ &&
      Int256(c.amount) > free_cash(s, c.account_id, s.currency_id(c.currency)))
    return refuse(R::INSUFFICIENT_BALANCE_, std::string(c.currency));
  return permit(c.account_id);
}
inline void effect(State& s, Emitter& out, const AdjustCash& c) {
  Int256 amount(c.amount);
  if (c.direction != CashDirection::DEPOSIT_) amount = -amount;
  uint32_t currency = s.currency_id(c.currency);
  s.add_cash(c.account_id, currency, amount);
  out.emit(CashAdjusted{c.account_id, amount, s.balance(c.account_id, currency), c.currency,
                        c.operator_, c.reason});
  schedule_sweep(s);
}
inline Verdict judge(State& s, const AdjustPosition& c) {
  if (c.reason.empty()) return refuse(R::REASON_REQUIRED_);
  if (!s.account(c.account_id)) return refuse(R::UNKNOWN_ACCOUNT_);
  Listing* l = s.listing(c.instrument_id);
  if (!l) return refuse(R::UNKNOWN_SYMBOL_);
  if (l->is_future()) return refuse(R::INVALID_FIELD_, "instrument");
  if (!is_CashDirection(c.direction)) return refuse(R::INVALID_FIELD_, "direction");
  if (c.qty < 1 || c.qty > kQtyMax) return refuse(R::INVALID_FIELD_, "qty");
  if (c.price < 0 || c.price > kPriceMax) return refuse(R::INVALID_FIELD_, "price");
  if (c.direction == CashDirection::WITHDRAWAL_) {
    Line& line = s.line(c.account_id, c.instrument_id);
    if (c.qty > line.qty - line.sell_qty) return refuse(R::INSUFFICIENT_BALANCE_, l->symbol);
  }
  return permit(c.account_id);
}
inline void effect(State& s, Emitter& out, const AdjustPosition& c) {
  Line& held = s.holding(c.account_id, c.instrument_id);
  i128 position = held.qty;
  int64_t qty = c.qty;
  if (c.direction == CashDirection::DEPOSIT_) {
    Int256 value =
        Int256(static_cast<i128>(c.price) * c.qty) * s.listing(c.instrument_id)->scale;
    close_out(held, qty, c.price, s.listing(c.instrument_id)->scale64, value);
  } else {
    qty = -c.qty;
    held.cost -= floor_div(held.cost * Int256(c.qty), static_cast<u128>(position));
  }
  s.move_position(c.account_id, held, qty);
  out.emit(PositionAdjusted{c.account_id, c.instrument_id, qty, c.price, Int256(position + qty),
                            c.operator_, c.reason});
  schedule_sweep(s);
}

// ---- split (R1.2)

constexpr int kRatioMax = 10'000;
constexpr uint8_t kFinal = 2;  // TradeRecord::is_busted of a trade from before a split

inline i128 price_after(const Listing& l, const SplitInstrument& c, int64_t price) {
  return static_cast<i128>(price) * c.den / c.num / l.instrument.tick_size * l.instrument.tick_size;
}
inline Verdict judge(State& s, const SplitInstrument& c) {
  Verdict v = refuse_listing(s, c.instrument_id);
  if (v.reason) return v;
  Listing& l = *s.listing(c.instrument_id);
  if (c.num < 1 || c.num > kRatioMax || c.den < 1 || c.den > kRatioMax || c.num == c.den)
    return refuse(R::INVALID_SPLIT_RATIO_, std::to_string(c.num) + ":" + std::to_string(c.den));
  if (c.reason.empty()) return refuse(R::REASON_REQUIRED_);
  int kind = l.instrument.asset_class;
  if (kind != AssetClass::EQUITY_ && kind != AssetClass::CRYPTO_)
    return refuse(R::SPLIT_NOT_ALLOWED_, "asset_class");
  if (l.phase != Phase::CLOSED_) return refuse(R::WRONG_PHASE_, l.symbol);
  for (int64_t price : {l.instrument.reference_price, l.last_price}) {
    i128 after = price_after(l, c, price);
    if (price && (after < 1 || after > kPriceMax)) return refuse(R::SPLIT_OUT_OF_RANGE_, "price");
  }
  constexpr i128 most = 1ll << 62;
  for (auto& a : s.accounts) {
    Line* line = a->find(c.instrument_id);
    i128 qty = line ? (line->qty < 0 ? -line->qty : line->qty) : 0;
    if (floor_div(Int256(qty) * Int256(static_cast<i128>(c.num)), c.den) > Int256(most))
      return refuse(R::SPLIT_OUT_OF_RANGE_, "position");
  }
  auto adv = s.adv_qty.find(c.instrument_id);
  if (adv != s.adv_qty.end() && static_cast<i128>(adv->second) * c.num / c.den > most)
    return refuse(R::SPLIT_OUT_OF_RANGE_, "adv_qty");
  return v;
}
inline void split_position(State& s, Emitter& out, const SplitInstrument& c, uint32_t account_id,
                           int64_t mark) {
  Listing& l = *s.listing(c.instrument_id);
  Line& held = s.holding(account_id, c.instrument_id);
  i128 num = c.num, den = c.den, former = held.qty;
  i128 position = former * num / den;  // towards zero
  i128 fraction = former * num - position * den;
  Int256 paid;
  if (fraction) {
    // Fraction and position have one sign, so the quotient is that of their sizes.
    Int256 size(former < 0 ? -fraction : fraction);
    u128 whole = static_cast<u128>(former < 0 ? -former * num : former * num);
    Int256 cost = position ? floor_div(held.cost * size, whole) : held.cost;
    paid = cost;
    if (mark) {
      Int256 worth = floor_div(size * Int256(mark) * l.scale, c.num);
      paid = former < 0 ? -worth : worth;
    }
    held.cost -= cost;
    held.realised += paid - cost;
  }
  held.opened_qty = held.opened_qty * num / den;
  s.move_position(account_id, held, position - former);
  if (position != former)
    out.emit(PositionAdjusted{account_id, c.instrument_id, static_cast<int64_t>(position - former),
                              0, Int256(position), c.operator_, c.reason});
  if (paid.zero()) return;
  s.add_cash(account_id, l.currency_id, paid);
  out.emit(CashAdjusted{account_id, paid, s.balance(account_id, l.currency_id), l.currency,
                        c.operator_, c.reason});
}
inline void effect(State& s, Emitter& out, const SplitInstrument& c) {
  Listing& l = *s.listing(c.instrument_id);
  cancel_all(s, out, s.select(0, 0, l.id(), 0), CancelReason::CORPORATE_ACTION_);
  std::vector<uint32_t> owners;
  for (auto& a : s.accounts) {
    Line* line = a->find(l.id());
    if (line && line->qty) owners.push_back(a->row.account_id);
  }
  int64_t former = l.instrument.reference_price, former_last = l.last_price, mark = l.mark();
  int64_t reference = static_cast<int64_t>(price_after(l, c, former));
  l.last_price = static_cast<int64_t>(price_after(l, c, former_last));
  out.emit(InstrumentSplit{l.id(), c.num, c.den, former, reference, former_last, l.last_price,
                           owners.size(), c.operator_, c.reason});
  if (reference != former) {
    l.instrument.reference_price = reference;
    out.emit(InstrumentChanged{0, l.instrument});
  }
  l.session.trail.clear();
  l.session.dynamic_base = static_cast<int64_t>(price_after(l, c, l.session.dynamic_base));
  l.session.auction_close = static_cast<int64_t>(price_after(l, c, l.session.auction_close));
  auto adv = s.adv_qty.find(l.id());
  if (adv != s.adv_qty.end()) {
    int64_t now = static_cast<int64_t>(static_cast<i128>(adv->second) * c.num / c.den);
    bool changed = now != adv->second;
    if (now)
      adv->second = now;
    else
      s.adv_qty.erase(adv);
    if (changed) out.emit(RiskReferenceChanged{RiskReference{l.id(), now}});
  }
  s.trades.each([&](TradeRecord& r) {
    if (r.instrument_id == l.id() && !r.is_busted) r.is_busted = kFinal;
  });
  for (uint32_t account_id : owners) split_position(s, out, c, account_id, mark);
  schedule_sweep(s);
}

// ---- trade bust and correction (R9.4)

template <class Command>
Verdict judge_trade(State& s, const Command& c) {
  if (c.reason.empty()) return refuse(R::REASON_REQUIRED_);
  TradeRecord* r = s.trade(c.trade_id);
  if (!r) return refuse(R::UNKNOWN_TRADE_, std::to_string(c.trade_id));
  if (r->is_busted)
    return refuse(r->is_busted == kFinal ? R::TRADE_FINAL_ : R::TRADE_BUSTED_,
                  std::to_string(c.trade_id));
  return permit();
}
inline Verdict judge(State& s, const BustTrade& c) { return judge_trade(s, c); }
inline void effect(State& s, Emitter& out, const BustTrade& c) {
  TradeRecord& r = *s.trade(c.trade_id);
  r.is_busted = 1;
  unbook_trade(s, out, r);
  TradeBusted e;
  e.trade_id = r.trade_id;
  e.instrument_id = r.instrument_id;
  e.price = r.price;
  e.qty = r.qty;
  e.buy_fee = r.buy_fee;
  e.sell_fee = r.sell_fee;
  e.buy = s.orders.find(r.buy_order_id)->state();
  e.sell = s.orders.find(r.sell_order_id)->state();
  e.currency = r.currency;
  e.operator_ = c.operator_;
  e.reason = c.reason;
  out.emit(e);
  schedule_sweep(s);
}
inline Verdict judge(State& s, const CorrectTrade& c) {
  Verdict v = judge_trade(s, c);
  if (v.reason) return v;
  TradeRecord& r = *s.trade(c.trade_id);
  const Instrument& i = s.listing(r.instrument_id)->instrument;
  int64_t price = c.price ? c.price : r.price, qty = c.qty ? c.qty : r.qty;
  if (price < 1 || price > kPriceMax || price % i.tick_size)
    return refuse(R::INVALID_FIELD_, "price");
  if (qty < 1 || qty > r.qty || qty % i.lot_size) return refuse(R::INVALID_FIELD_, "qty");
  return price == r.price && qty == r.qty ? refuse(R::NO_CHANGE_) : v;
}
inline void effect(State& s, Emitter& out, const CorrectTrade& c) {
  TradeRecord& r = *s.trade(c.trade_id);
  TradeRecord former = r;
  unbook_trade(s, out, r);
  if (c.price) r.price = c.price;
  if (c.qty) r.qty = c.qty;
  Int256 value = value_of(r);
  auto fee = [&](uint32_t account_id, int side) {
    uint32_t member_id = s.account(account_id)->row.member_id;
    return trade_fee(schedule_of(s, r.instrument_id, member_id), value, side, r.aggressor);
  };
  r.buy_fee = fee(r.buy_account_id, Side::BUY_);
  r.sell_fee = fee(r.sell_account_id, Side::SELL_);
  rebook_trade(s, out, r);
  TradeCorrected e;
  e.trade_id = r.trade_id;
  e.instrument_id = r.instrument_id;
  e.former_price = former.price;
  e.former_qty = former.qty;
  e.price = r.price;
  e.qty = r.qty;
  e.former_buy_fee = former.buy_fee;
  e.former_sell_fee = former.sell_fee;
  e.buy_fee = r.buy_fee;
  e.sell_fee = r.sell_fee;
  e.buy = s.orders.find(r.buy_order_id)->state();
  e.sell = s.orders.find(r.sell_order_id)->state();
  e.currency = r.currency;
  e.operator_ = c.operator_;
  e.reason = c.reason;
  out.emit(e);
  schedule_sweep(s);
}

// ---- the course

template <class Command>
void carry_out(State& s, Emitter& out, const Command& c, const Origin& origin, uint32_t owner,
               std::string_view operator_) {
  Key key{owner, std::string(c.request_id)};
  auto known = s.remembered_requests.find(key);
  bool is_known = known != s.remembered_requests.end();
  bool repeated = is_known && known->second.fingerprint == origin.fingerprint;
  Verdict v;
  if (repeated)
    v = {known->second.reason, known->second.detail, known->second.target_id};
  else if (is_known)
    v = refuse(R::DUPLICATE_REQUEST_ID_);
  else if (c.request_id.empty())
    v = refuse(R::INVALID_REQUEST_ID_);
  else
    v = judge(s, c);
  if (v.reason) {
    out.emit(AdminRejected{origin.kind, repeated, static_cast<uint16_t>(v.reason), c.request_id,
                           operator_, v.detail});
  } else {
    out.emit(AdminAccepted{origin.kind, repeated, v.target_id, c.request_id, operator_});
    if (!repeated) effect(s, out, c);
  }
  if (!is_known && !c.request_id.empty())
    s.remembered_requests[key] = {origin.fingerprint, v.target_id,
                                  static_cast<uint16_t>(v.reason), v.detail};
}

// ---- sessions (R9.2)

inline Verdict judge(State& s, const SessionOpened& c) {
  if (s.member(c.member_id)->row.standing != Standing::ACTIVE_) return refuse(R::MEMBER_DISABLED_);
  if (s.is_emergency) return refuse(R::KILL_SWITCH_ENGAGED_);
  if (static_cast<uint64_t>(s.head.last_session_id) + 1 >= kUnknownId)
    return refuse(R::LIMIT_REACHED_, "sessions");
  return permit(s.head.last_session_id + 1);
}
inline void effect(State& s, Emitter& out, const SessionOpened& c) {
  uint32_t id = ++s.head.last_session_id;
  uint8_t cancels = c.cancel_on_disconnect != 0;
  s.sessions[id] = {id, c.member_id, cancels, {}, nullptr};
  out.emit(SessionChanged{id, c.member_id, 1, cancels, ""});
}
inline void close_session(State& s, Emitter& out, uint32_t session_id, std::string_view reason) {
  SessionEntry& e = *s.session(session_id);
  uint32_t member_id = e.member_id;
  uint8_t cancels = e.cancel_on_disconnect;
  std::vector<Order*> orders;
  if (cancels) orders = s.of_session(session_id);
  s.end_session(session_id);
  cancel_all(s, out, orders, CancelReason::CANCEL_ON_DISCONNECT_);
  out.emit(SessionChanged{session_id, member_id, 0, cancels, reason});
}
inline void session_closed(State& s, Emitter& out, const SessionClosed& c, const Origin& origin) {
  if (s.session(c.session_id)) return close_session(s, out, c.session_id, c.reason);
  std::string detail = std::to_string(c.session_id);
  out.emit(AdminRejected{origin.kind, 0, R::UNKNOWN_SESSION_, "", "", detail});
}
inline void epoch_started(State& s, Emitter& out, const EpochStarted& c) {
  s.head.epoch = c.epoch;
  s.node = c.node;
  out.emit(EpochChanged{c.epoch, c.node});
  std::vector<uint32_t> ids;
  for (auto& [id, session] : s.sessions) ids.push_back(id);
  std::string reason = "epoch " + std::to_string(c.epoch) + " started";
  for (uint32_t id : ids) close_session(s, out, id, reason);
}

}  // namespace lockstep
