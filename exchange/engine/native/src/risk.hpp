// R8: the pre-trade checks on money, positions and rates; the rungs that ladder.hpp puts in order.
//
// An account without limits passes all of them. Rungs 11 to 13 let pass whatever does not raise the
// worst case: an account can always reduce.
#pragma once

#include "settlement.hpp"

namespace lockstep {

namespace R = RejectReason;

inline constexpr int64_t kRetailCollarBp = 500, kMarketCollarBp = 500;
inline constexpr uint64_t kDayTradesAllowed = 3;
inline constexpr uint64_t kToken = 1'000'000'000;

inline const AccountLimits* limits_of(const State& s, uint32_t account_id) {
  AccountEntry* a = s.account(account_id);
  return a && a->has_limits ? &a->limits : nullptr;
}

// R8.3.
inline bool is_restricted(const State& s, uint32_t member, uint32_t account, uint32_t instrument) {
  auto& rows = s.restrictions;
  if (rows.empty()) return false;
  return rows.contains({member, 0, 0}) || rows.contains({0, account, 0}) ||
         rows.contains({0, 0, instrument}) || rows.contains({member, 0, instrument}) ||
         rows.contains({0, account, instrument});
}

// R8.5: integer token buckets on log time.
inline i128 bucket_level(const Bucket& b, uint64_t rate, uint64_t burst, uint64_t now_ns) {
  i128 full = static_cast<i128>(burst ? burst : rate) * kToken;
  if (!b.exists) return full;
  i128 level = static_cast<i128>(b.level) + static_cast<i128>(now_ns - b.ts_ns) * rate;
  return level < full ? level : full;
}
inline bool is_rate_exceeded(State& s, uint32_t member_id, uint32_t session_id) {
  MemberEntry* m = s.member(member_id);
  if (!m || !m->has_limits) return false;
  const MemberLimits& l = m->limits;
  if (l.order_rate && bucket_level(m->bucket, l.order_rate, l.order_burst, s.now_ns()) < kToken)
    return true;
  if (!l.session_rate || !session_id) return false;
  SessionEntry* session = s.session(session_id);
  Bucket none;
  return bucket_level(session ? session->bucket : none, l.session_rate, l.session_burst,
                      s.now_ns()) < kToken;
}
inline void take_token(State& s, uint32_t member_id, uint32_t session_id) {
  MemberEntry* m = s.member(member_id);
  if (!m || !m->has_limits) return;
  const MemberLimits& l = m->limits;
  auto take = [&](Bucket& b, uint64_t rate, uint64_t burst) {
    i128 level = bucket_level(b, rate, burst, s.now_ns());
    b = {true, level > kToken ? static_cast<uint64_t>(level - kToken) : 0, s.now_ns()};
  };
  if (l.order_rate) take(m->bucket, l.order_rate, l.order_burst);
  if (l.session_rate && session_id)
    if (SessionEntry* session = s.session(session_id))
      take(session->bucket, l.session_rate, l.session_burst);
}

inline int64_t collar_bp(const AccountLimits& l) {
  if (l.collar_bp) return l.collar_bp;
  return l.flags & AccountFlag::RETAIL_ ? kRetailCollarBp : 0;
}

// R8.7, R8.11: how far an order without a price may execute, and what it is reserved at; `worst` 0 =
// nothing says one, `cap` 0 = it is not bounded. `o` is a NewOrder or an Order.
struct Reach {
  int64_t worst, cap;
};
inline int64_t reach_start(Listing& l, int side) {
  int64_t far = l.book.opposite(side).best_price(), anchor = l.mark();
  if (l.phase != Phase::CONTINUOUS_ && far && anchor)
    return side == Side::BUY_ ? std::max(far, anchor) : std::min(far, anchor);
  return far ? far : anchor;
}
template <class AnyOrder>
Reach reach_of(const State& s, Listing& l, const AnyOrder& o, const OrderTerms& t = kNoTerms) {
  bool pegged = o.ord_type == OrdType::PEGGED_, buying = o.side == Side::BUY_;
  if (o.price && !pegged) return {o.price, 0};
  int64_t price = reach_start(l, o.side);
  if (buying) price = std::max(price, t.stop_price);
  const AccountLimits* limits = limits_of(s, o.account_id);
  bool is_bounded = limits && (limits->account_type || collar_bp(*limits));
  int64_t worst = price ? price : t.stop_price, cap = 0;
  if (is_bounded && price) {
    i128 reach = collar_bp(*limits);
    if (!reach) reach = l.instrument.static_band_bp;
    if (!reach) reach = kMarketCollarBp;
    if (buying) {
      i128 far = static_cast<i128>(price) * (kBasisPoints + reach) / kBasisPoints;
      worst = cap = static_cast<int64_t>(std::min<i128>(far, kPriceMax));
    } else {
      i128 low = -floor_div(static_cast<i128>(price) * (reach - kBasisPoints), kBasisPoints);
      cap = static_cast<int64_t>(std::max<i128>(low, 1));
    }
  }
  if (pegged && t.peg_limit) {
    if (buying) {
      worst = cap ? std::min(cap, t.peg_limit) : t.peg_limit;
      cap = is_bounded ? worst : 0;
    } else if (!worst) {
      worst = t.peg_limit;
    }
  }
  return {worst, cap};
}
// The reach of a stop without a price that was triggered: now, and not beyond its former.
inline Reach reach_at_release(const State& s, Listing& l, const Order& stop) {
  Reach r = reach_of(s, l, stop);
  if (!stop.is_buy() || !r.cap || !stop.worst_price) return r;
  int64_t bound = std::min(r.cap, stop.worst_price);
  return {bound, bound};
}

inline bool reaches_too_far(const AccountLimits& limits, const Listing& l, int side, int64_t price) {
  i128 collar = collar_bp(limits), anchor = l.mark();
  if (!collar || !anchor || !price) return false;
  if (side == Side::BUY_)
    return static_cast<i128>(price) * kBasisPoints > anchor * (kBasisPoints + collar);
  return static_cast<i128>(price) * kBasisPoints < anchor * (kBasisPoints - collar);
}

// What an order or replace would add to the open orders of its account.
struct Ask {
  uint32_t member_id, account_id;
  Listing& listing;
  int64_t order_qty, worst;
  Change change;
  bool is_less() const { return change.qty <= 0 && change.value <= Int256(); }
};

inline Reason refuse_position(State& s, const AccountLimits& limits, const Ask& ask) {
  const Change& c = ask.change;
  Line& line = s.line(ask.account_id, c.instrument_id);
  if (limits.max_position && c.qty > 0) {
    i128 worst = c.side == Side::BUY_ ? line.qty + line.buy_qty + c.qty
                                      : line.sell_qty + c.qty - line.qty;
    if (worst > limits.max_position) return R::POSITION_LIMIT_EXCEEDED_;
  }
  auto adv = s.adv_qty.find(c.instrument_id);
  if (adv != s.adv_qty.end() && adv->second && limits.adv_bp && c.qty > 0 &&
      static_cast<i128>(ask.order_qty) * kBasisPoints >
          static_cast<i128>(adv->second) * limits.adv_bp)
    return R::MARKET_IMPACT_TOO_LARGE_;
  if (limits.account_type == AccountType::CASH_ && ask.listing.is_future())
    return R::ACCOUNT_TYPE_NOT_ALLOWED_;
  return 0;
}

inline Reason refuse_money(State& s, const AccountLimits& limits, const Ask& ask, const Worth& then,
                           bool raises) {
  const Change& c = ask.change;
  bool cash = limits.account_type == AccountType::CASH_;
  if (raises && s.calls.contains({ask.account_id, ask.listing.currency}))
    return R::ACCOUNT_IN_MARGIN_CALL_;
  if (raises && limits.credit_limit && Int256(limits.credit_limit) < then.worst)
    return R::CREDIT_LIMIT_EXCEEDED_;
  if (cash && c.side == Side::BUY_) {
    bool is_short = !ask.worst ? c.qty > 0 : c.value > Int256() && then.reserved() > then.cash;
    if (is_short) return R::INSUFFICIENT_CASH_;
  }
  if (cash && c.side != Side::BUY_ && c.qty > 0) {
    Line& line = s.line(ask.account_id, c.instrument_id);
    if (line.sell_qty + c.qty > line.qty) return R::INSUFFICIENT_POSITION_;
  }
  if (limits.account_type == AccountType::MARGIN_ && raises &&
      then.equity - then.fees < share(then.worst, margins_bp(limits).first))
    return R::INSUFFICIENT_MARGIN_;
  if (limits.concentration_bp && raises &&
      then.worst_of_one * Int256(kBasisPoints) >
          then.equity * Int256(static_cast<int64_t>(limits.concentration_bp)))
    return R::CONCENTRATION_EXCEEDED_;
  if ((limits.flags & AccountFlag::PATTERN_DAY_TRADER_) && raises) {
    uint64_t count = 0;
    for (auto& [day, n] : s.account(ask.account_id)->day_trades) count += n;
    Int256 least = Int256(int64_t{25'000}) * Int256(int64_t{1'000'000'000'000'000'000});
    if (count >= kDayTradesAllowed && then.equity < least) return R::DAY_TRADE_LIMIT_REACHED_;
  }
  return 0;
}

// R8.9 to R8.13.
inline Reason refuse_exposure(State& s, const Ask& ask) {
  const AccountLimits* limits = limits_of(s, ask.account_id);
  if (!limits || ask.is_less()) return 0;
  if (Reason r = refuse_position(s, *limits, ask)) return r;
  uint32_t currency = ask.listing.currency_id;
  Worth now = appraise(s, ask.account_id, currency);
  Worth then = appraise(s, ask.account_id, currency, ask.change);
  return refuse_money(s, *limits, ask, then, then.worst > now.worst);
}

inline Reason refuse_new(State& s, Listing& l, const NewOrder& o, const OrderTerms& t) {
  if (!limits_of(s, o.account_id)) return 0;
  int64_t worst = reach_of(s, l, o, t).worst;
  Int256 value = Int256(static_cast<i128>(worst) * o.order_qty) * l.scale;
  Change change{o.instrument_id, o.side, o.order_qty, value};
  return refuse_exposure(s, {o.member_id, o.account_id, l, o.order_qty, worst, change});
}

// The rungs for what a replace makes of a live order; what only reduces passes.
inline Reason refuse_replace(State& s, Order* o, int64_t order_qty, int64_t price,
                             const OrderTerms& terms, uint32_t session_id) {
  Listing& l = *s.listing(o->instrument_id);
  bool keeps = price == o->price && terms == o->terms();
  if (keeps && order_qty <= o->order_qty) return 0;
  if (is_restricted(s, o->member_id, o->account_id, o->instrument_id)) return R::RESTRICTED_;
  if (is_rate_exceeded(s, o->member_id, session_id)) return R::ORDER_RATE_EXCEEDED_;
  const AccountLimits* limits = limits_of(s, o->account_id);
  if (!limits) return 0;
  if (order_qty > o->order_qty && limits->max_order_qty && limits->max_order_qty < order_qty)
    return R::ABOVE_MAX_ORDER_QTY_;
  bool is_priced = price && o->ord_type != OrdType::PEGGED_;
  int64_t worst = is_priced ? price : reach_of(s, l, *o, terms).worst;
  i128 whole = static_cast<i128>(worst) * order_qty;
  if (limits->max_order_notional && Int256(limits->max_order_notional) < Int256(whole) * l.scale &&
      whole > static_cast<i128>(o->reserved_price()) * o->order_qty)
    return R::ABOVE_MAX_ORDER_NOTIONAL_;
  if (price != o->price && reaches_too_far(*limits, l, o->side, price))
    return R::PRICE_OUTSIDE_COLLAR_;
  int64_t qty = std::max<int64_t>(order_qty - o->cum_qty, 0);
  i128 value = static_cast<i128>(qty) * worst - static_cast<i128>(o->held_qty) * o->held_price;
  Change change{o->instrument_id, o->side, static_cast<i128>(qty) - o->held_qty,
                Int256(value) * l.scale};
  return refuse_exposure(s, {o->member_id, o->account_id, l, order_qty, worst, change});
}

}  // namespace lockstep
