// R8.11 after the trade: maintenance margin, margin calls, forced liquidation, variation margin.
#pragma once

#include "orders.hpp"

namespace lockstep {

inline constexpr uint64_t kGraceNs = 3'600ull * 1'000'000'000, kRetryNs = 60ull * 1'000'000'000;

inline Int256 maintenance(State& s, uint32_t account_id, const Worth& w) {
  const AccountLimits* limits = limits_of(s, account_id);
  if (!limits || limits->account_type != AccountType::MARGIN_) return {};
  return share(w.gross, margins_bp(*limits).second);
}

struct Judgement {
  Int256 equity, required;
  bool is_deficient;
};
inline Judgement judge_margin(State& s, uint32_t account_id, const std::string& currency) {
  Worth w = appraise(s, account_id, s.currency_id(currency));
  Int256 required = maintenance(s, account_id, w);
  return {w.equity, required, required > Int256() && w.equity < required};
}

inline void set_deadline(State& s, uint32_t account_id, const std::string& currency,
                         uint64_t deadline) {
  s.calls[{account_id, currency}] = deadline;
  s.timers.insert({deadline, TimerKind::LIQUIDATION, account_id});
}
inline void end_margin_call(State& s, Emitter& out, uint32_t account_id,
                            const std::string& currency, int status) {
  auto found = s.calls.find({account_id, currency});
  uint64_t deadline = found->second;
  s.calls.erase(found);
  bool others = false;
  for (auto& [key, other] : s.calls) others |= key.first == account_id && other == deadline;
  if (!others) s.timers.erase({deadline, TimerKind::LIQUIDATION, account_id});
  Judgement j = judge_margin(s, account_id, currency);
  out.emit(MarginCall{account_id, static_cast<uint8_t>(status), 0, j.equity, j.required, currency});
}

// Timer MARGIN_SWEEP: judges every margin account, by account and currency.
inline void sweep(State& s, Emitter& out) {
  s.sweep_ts_ns = 0;
  std::set<uint32_t> accounts = s.margin_accounts;
  for (auto& [key, deadline] : s.calls) accounts.insert(key.first);
  for (uint32_t account_id : accounts) {
    std::set<std::string> currencies;
    for (auto& [key, deadline] : s.calls)
      if (key.first == account_id) currencies.insert(key.second);
    for (Line* line : s.account(account_id)->lines)
      if (line->qty) currencies.insert(s.listing(line->instrument_id)->currency);
    for (auto& currency : currencies) {
      Judgement j = judge_margin(s, account_id, currency);
      bool called = s.calls.contains({account_id, currency});
      if (j.is_deficient && !called) {
        const AccountLimits* limits = limits_of(s, account_id);
        uint64_t grace = limits->call_grace_ns ? limits->call_grace_ns : kGraceNs;
        uint64_t deadline = s.now_ns() + grace;
        set_deadline(s, account_id, currency, deadline);
        out.emit(MarginCall{account_id, MarginCallStatus::CALLED_, deadline, j.equity, j.required,
                            currency});
      } else if (!j.is_deficient && called) {
        end_margin_call(s, out, account_id, currency, MarginCallStatus::MET_);
      }
    }
  }
}

// Enters the venue's order that closes a position.
inline void force(State& s, Emitter& out, uint32_t account_id, uint32_t instrument_id) {
  i128 position = s.position(account_id, instrument_id);
  uint32_t member_id = s.account(account_id)->row.member_id;
  std::string name = "LIQ-" + std::to_string(s.head.last_order_id + 1);
  while (s.names->find(member_id, name)) name += ".";
  NewOrder c;
  c.member_id = member_id;
  c.account_id = account_id;
  c.instrument_id = instrument_id;
  c.side = position > 0 ? Side::SELL_ : Side::BUY_;
  c.ord_type = OrdType::MARKET_;
  c.time_in_force = TimeInForce::IOC_;
  c.stp = StpMode::CANCEL_RESTING_;
  c.order_qty = static_cast<int64_t>(std::min<u128>(magnitude(position), kQtyMax));
  c.cl_ord_id = name;
  Listing& l = *s.listing(instrument_id);
  Order* o = accept(s, l, c, 0);
  o->cap_price = 0;
  remember(s, const_cast<Remembered*>(o->name),
           {CommandKind::NEW_ORDER_, 0, 0, NameKey(member_id, name)}, EventKind::ACCEPTED_, 0, o, "", nullptr);
  out.emit(Accepted{o->state()});
  match(s, out, l, o);
  if (o->leaves_qty) cancel(s, out, o, CancelReason::UNFILLED_REMAINDER_);
}

// Timer LIQUIDATION: the calls of an account whose deadline has come.
inline void liquidate(State& s, Emitter& out, uint32_t account_id) {
  std::vector<std::string> due;
  for (auto& [key, deadline] : s.calls)
    if (key.first == account_id && deadline <= s.now_ns()) due.push_back(key.second);
  for (auto& currency : due) {
    if (!judge_margin(s, account_id, currency).is_deficient) {
      end_margin_call(s, out, account_id, currency, MarginCallStatus::MET_);
      continue;
    }
    for (Order* o : s.select(0, account_id, 0, 0))
      if (s.listing(o->instrument_id)->currency == currency)
        cancel(s, out, o, CancelReason::FORCED_LIQUIDATION_);
    std::vector<std::pair<Int256, uint32_t>> sized;
    for (Line* line : s.account(account_id)->lines)
      if (line->qty)
        sized.push_back(
            {-abs(position_value(*s.listing(line->instrument_id), *line)), line->instrument_id});
    std::sort(sized.begin(), sized.end());
    for (auto& [size, instrument_id] : sized) {
      Listing& l = *s.listing(instrument_id);
      if (l.currency != currency || l.phase != Phase::CONTINUOUS_) continue;
      if (!judge_margin(s, account_id, currency).is_deficient) break;
      force(s, out, account_id, instrument_id);
    }
    if (judge_margin(s, account_id, currency).is_deficient)
      set_deadline(s, account_id, currency, s.now_ns() + kRetryNs);
    else
      end_margin_call(s, out, account_id, currency, MarginCallStatus::LIQUIDATED_);
  }
}

// End of the trading day: marks every future and pays the difference, by account.
inline void settle_variation(State& s, Emitter& out) {
  for (uint32_t account_id = 1; account_id <= s.accounts.size(); ++account_id) {
    for (Line* line : s.account(account_id)->lines) {
      if (!line->qty) continue;
      Listing& l = *s.listing(line->instrument_id);
      int64_t mark = l.mark();
      if (!l.is_future() || !mark) continue;
      line->has_holding = true;
      Int256 amount = Int256(line->qty) * Int256(mark) * l.scale - line->cost;
      line->cost += amount;
      line->realised += amount;
      s.add_cash(account_id, l.currency_id, amount);
      out.emit(VariationSettled{account_id, l.id(), mark, Int256(line->qty), amount, l.currency});
    }
  }
  schedule_sweep(s);
}

}  // namespace lockstep
