// What an account is worth and what it could come to: marks, equity, worst case, requirements (R8);
// and the fees it pays. Figures are computed when they are needed; nothing is kept.
#pragma once

#include "chapters.hpp"

namespace lockstep {

inline constexpr u128 kFeeScale = 1'000'000;
inline constexpr int64_t kBasisPoints = 10'000;

inline const FeeSchedule* schedule_of(const State& s, uint32_t instrument_id, uint32_t member_id) {
  if (s.fees.empty()) return nullptr;
  MemberEntry* m = s.member(member_id);
  uint16_t tier = m && m->has_limits ? m->limits.fee_tier : 0;
  auto found = s.fees.find({instrument_id, tier});
  if (found == s.fees.end()) found = s.fees.find({0, tier});
  return found == s.fees.end() ? nullptr : &found->second;
}
inline Int256 fee_of(const Int256& value, int64_t ppm) {
  if (ppm >= 0) return floor_div(value * Int256(ppm), kFeeScale);
  return -floor_div(value * Int256(-ppm), kFeeScale);
}
inline Int256 trade_fee(const FeeSchedule* f, const Int256& value, int side, int aggressor) {
  if (!f) return {};
  if (!aggressor) return fee_of(value, f->auction_ppm);
  return fee_of(value, side == aggressor ? f->taker_ppm : f->maker_ppm);
}
inline Int256 worst_fee(const FeeSchedule* f, const Int256& value) {
  return fee_of(value, std::max({f->maker_ppm, f->taker_ppm, f->auction_ppm, int64_t{0}}));
}

// What an order, or a replace, would add to the open orders of its side.
struct Change {
  uint32_t instrument_id = 0;
  int side = 0;
  i128 qty = 0;
  Int256 value;
};

struct Worth {
  Int256 cash, equity, gross, worst, worst_of_one, buys, fees, buy_fees;
  Int256 reserved() const { return buys + buy_fees; }
};

inline Int256 position_value(const Listing& l, const Line& line) {
  int64_t mark = l.mark();
  if (!mark) return line.cost;
  return Int256(line.qty) * Int256(mark) * l.scale;
}

inline Worth appraise(State& s, uint32_t account_id, uint32_t currency, const Change& change = {}) {
  AccountEntry& a = *s.account(account_id);
  if (change.instrument_id) s.line(account_id, change.instrument_id);
  Worth w;
  w.cash = w.equity = s.balance(account_id, currency);
  for (Line* line : a.lines) {
    bool changed = line->instrument_id == change.instrument_id;
    if (!line->qty && !line->buy_qty && !line->sell_qty && !changed) continue;
    Listing& l = *s.listing(line->instrument_id);
    if (l.currency_id != currency) continue;
    Int256 value = line->qty ? position_value(l, *line) : Int256();
    bool is_future = l.is_future();
    w.equity += is_future && value ? value - line->cost : value;
    Int256 buys = line->buy_value, sells = line->sell_value;
    if (changed) (change.side == Side::BUY_ ? buys : sells) += change.value;
    Int256 worst = max(max(value + buys, sells - value), Int256());
    if (changed) w.worst_of_one = worst;
    w.gross += abs(value);
    w.worst += worst;
    if (!is_future) w.buys += buys;
    if (const FeeSchedule* f = schedule_of(s, line->instrument_id, a.row.member_id)) {
      Int256 fee = worst_fee(f, buys);
      w.buy_fees += fee;
      w.fees += fee + worst_fee(f, sells);
    }
  }
  return w;
}

// `bp` basis points of an amount, rounded up.
inline Int256 share(const Int256& value, int64_t bp) {
  return -floor_div(-(value * Int256(bp)), static_cast<u128>(kBasisPoints));
}
inline std::pair<int64_t, int64_t> margins_bp(const AccountLimits& l) {
  return {l.initial_margin_bp ? l.initial_margin_bp : 5'000,
          l.maintenance_margin_bp ? l.maintenance_margin_bp : 2'500};
}

}  // namespace lockstep
