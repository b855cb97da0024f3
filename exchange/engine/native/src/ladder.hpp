// The ordered reject ladder (R8, R3.4) of a new order: the first rung that fails gives the reason.
#pragma once

#include "incoming.hpp"
#include "phase.hpp"

namespace lockstep {

inline constexpr int64_t kTranchesMax = 1'000;

inline bool is_killed(const State& s, std::initializer_list<std::pair<int, uint32_t>> scopes) {
  for (auto& [scope, target] : scopes)
    if (s.kill_switches.contains({static_cast<uint8_t>(scope), target})) return true;
  return false;
}

// R8.6 fat finger.
inline bool is_notional_too_large(const Listing& l, int64_t price, int64_t qty) {
  const Instrument& i = l.instrument;
  if (!i.max_order_notional) return false;
  if (!price) price = l.mark();
  Int256 value = Int256(static_cast<i128>(price) * qty) * Int256(i.contract_multiplier);
  return value > Int256(i.max_order_notional);
}
inline bool is_level_full(Listing& l, int side, int64_t price, int64_t qty) {
  if (l.open_count < (1u << 22)) return false;  // so many orders of kQtyMax fit
  Level* level = l.book.side(side).find(price);
  return level && static_cast<i128>(level->qty) + qty > INT64_MAX;
}

// ---- R3: terms (the rungs between the plain fields and the rate)

inline bool is_invalid_stop_price(const Instrument& i, int64_t price) {
  return price < 1 || price > kPriceMax || price % i.tick_size;
}
inline bool is_invalid_trail(const Instrument& i, int64_t trail, int unit) {
  if (unit == TrailUnit::BASIS_POINTS_) return trail < 1 || trail >= kWholeBp;
  return trail < 1 || trail > kPriceMax || trail % i.tick_size;
}
inline bool is_invalid_peg(const Instrument& i, int64_t offset, int64_t limit) {
  return offset < -kPriceMax || offset > kPriceMax || limit < 0 || limit > kPriceMax ||
         offset % i.tick_size || limit % i.tick_size;
}
inline bool is_invalid_display_qty(const Instrument& i, int64_t display, int64_t order_qty) {
  if (display < 1 || display > order_qty || display % i.lot_size) return true;
  return static_cast<i128>(display) * kTranchesMax < order_qty;
}

namespace feature {
enum : unsigned {
  market = 1, to_limit = 2, stop = 4, stop_limit = 8, peg = 16, midpoint = 32, ioc = 64, fok = 128,
  at_auction = 256, post_only = 512, hidden = 1024, aon = 2048, display = 4096, min_qty = 8192,
  oco = 16384, reduce_only = 32768, dark = 65536
};
}

inline bool is_excluded(const NewOrder& o, const OrderTerms& t) {
  using namespace feature;
  int type = o.ord_type, tif = o.time_in_force;
  unsigned has = 0;
  if (type == OrdType::MARKET_) has |= market;
  if (type == OrdType::MARKET_TO_LIMIT_) has |= to_limit;
  if (type == OrdType::STOP_ || type == OrdType::TRAILING_STOP_) has |= stop;
  if (type == OrdType::STOP_LIMIT_ || type == OrdType::TRAILING_STOP_LIMIT_) has |= stop_limit;
  if (type == OrdType::PEGGED_) has |= peg;
  if (t.peg == PegType::MIDPOINT_) has |= midpoint;
  if (tif == TimeInForce::IOC_) has |= ioc;
  if (tif == TimeInForce::FOK_) has |= fok;
  if (tif == TimeInForce::AT_THE_OPENING_ || tif == TimeInForce::AT_THE_CLOSE_) has |= at_auction;
  if (o.flags & kPostOnly) has |= post_only;
  if (o.flags & OrderFlag::HIDDEN_) has |= hidden;
  if (o.flags & OrderFlag::ALL_OR_NONE_) has |= aon;
  if (t.display_qty) has |= display;
  if (t.min_qty) has |= feature::min_qty;
  if (!t.oco_cl_ord_id.empty()) has |= oco;
  if (o.flags & OrderFlag::REDUCE_ONLY_) has |= reduce_only;
  if (o.flags & OrderFlag::DARK_BOOK_) has |= dark;
  static constexpr std::pair<unsigned, unsigned> excluded[] = {
      {market, post_only | hidden | aon | display | oco},
      {to_limit, ioc | fok | post_only | hidden | aon | feature::min_qty},
      {stop, ioc | fok | post_only | hidden | aon | display | feature::min_qty},
      {stop_limit, ioc | fok | feature::min_qty},
      {peg, ioc | fok | post_only | aon | feature::min_qty},
      {midpoint, display},
      {ioc, post_only | hidden | aon | display | oco},
      {fok, post_only | hidden | aon | display | feature::min_qty | oco},
      {aon, post_only | hidden | display},
      {hidden, display},
      {at_auction, stop | stop_limit | peg | post_only | aon},
      {dark, to_limit | stop | stop_limit | peg | at_auction | post_only | hidden | aon | display |
                 oco | reduce_only},
  };
  for (auto& [one, others] : excluded)
    if ((has & one) && (has & others)) return true;
  return false;
}

inline Reason refuse_terms(State& s, Listing& l, const NewOrder& o, const OrderTerms& t) {
  const Instrument& i = l.instrument;
  int type = o.ord_type;
  bool stops = is_stop(type), trails = is_trailing(type), pegged = type == OrdType::PEGGED_;
  if (trails && !t.trail) return R::TRAIL_REQUIRED_;
  if (!trails && (t.trail || t.trail_unit)) return R::TRAIL_NOT_ALLOWED_;
  if (stops && !t.stop_price && (!trails || !l.mark())) return R::STOP_PRICE_REQUIRED_;
  if (!stops && t.stop_price) return R::STOP_PRICE_NOT_ALLOWED_;
  if (t.stop_price && is_invalid_stop_price(i, t.stop_price)) return R::INVALID_STOP_PRICE_;
  if (t.trail) {
    if (!is_TrailUnit(t.trail_unit) || is_invalid_trail(i, t.trail, t.trail_unit))
      return R::INVALID_TRAIL_;
    int64_t first = first_stop_price(l, o.side, t);
    if (first < 1 || first > kPriceMax) return R::INVALID_TRAIL_;
  }
  if (pegged && !t.peg) return R::PEG_REQUIRED_;
  if (!pegged && (t.peg || t.peg_offset || t.peg_limit)) return R::PEG_NOT_ALLOWED_;
  if (t.peg && (!is_PegType(t.peg) || is_invalid_peg(i, t.peg_offset, t.peg_limit)))
    return R::INVALID_PEG_;
  if (t.display_qty && is_invalid_display_qty(i, t.display_qty, o.order_qty))
    return R::INVALID_DISPLAY_QTY_;
  if (t.min_qty) {
    if (t.min_qty < 1 || t.min_qty > o.order_qty || t.min_qty % i.lot_size ||
        (o.time_in_force != TimeInForce::IOC_ && o.time_in_force != TimeInForce::FOK_ &&
         !(o.flags & OrderFlag::DARK_BOOK_)))
      return R::INVALID_MIN_QTY_;
  }
  if (is_excluded(o, t)) return R::INVALID_COMBINATION_;
  if (!t.oco_cl_ord_id.empty()) {
    Remembered* known = s.names->find(o.member_id, t.oco_cl_ord_id);
    if (!known || !known->order_id) return R::UNKNOWN_LINKED_ORDER_;
    Order* other = s.orders.find(known->order_id);
    if (!other->leaves_qty || other->cl_ord_id() != t.oco_cl_ord_id)
      return R::UNKNOWN_LINKED_ORDER_;
    if (other->linked_id || other->account_id != o.account_id ||
        other->instrument_id != o.instrument_id || other->in_dark_book())
      return R::LINKED_ORDER_NOT_ALLOWED_;
  }
  if ((o.flags & OrderFlag::REDUCE_ONLY_) &&
      o.order_qty > room_to_reduce(s, o.account_id, o.instrument_id, o.side))
    return R::REDUCE_ONLY_WOULD_INCREASE_;
  if (o.flags & OrderFlag::DARK_BOOK_) {
    const DarkRules& rules = l.dark.rules;
    bool immediate = o.time_in_force == TimeInForce::IOC_ || o.time_in_force == TimeInForce::FOK_;
    if (!rules.is_open) return R::DARK_BOOK_NOT_OPEN_;
    if (o.order_qty < rules.min_block_qty) return R::BELOW_MIN_BLOCK_QTY_;
    if (immediate && !rules.is_continuous) return R::DARK_BOOK_NOT_CONTINUOUS_;
  }
  return 0;
}

// ---- the ladder

inline Reason refuse_sender(State& s, const NewOrder& o, uint32_t session_id) {
  MemberEntry* m = s.member(o.member_id);
  if (!m) return R::UNKNOWN_MEMBER_;
  if (m->row.standing != Standing::ACTIVE_) return R::MEMBER_DISABLED_;
  AccountEntry* a = s.account(o.account_id);
  if (!a || a->row.member_id != o.member_id) return R::UNKNOWN_ACCOUNT_;
  if (a->row.standing != Standing::ACTIVE_) return R::ACCOUNT_DISABLED_;
  if (session_id) {
    SessionEntry* session = s.session(session_id);
    if (!session || session->member_id != o.member_id) return R::UNKNOWN_SESSION_;
  }
  if (!s.kill_switches.empty() && is_killed(s, {{KillScope::MARKET_, 0},
                                                {KillScope::INSTRUMENT_, o.instrument_id},
                                                {KillScope::MEMBER_, o.member_id},
                                                {KillScope::ACCOUNT_, o.account_id},
                                                {KillScope::SESSION_, session_id}}))
    return R::KILL_SWITCH_ENGAGED_;
  return 0;
}

inline Reason refuse_fields(State& s, Listing& l, const NewOrder& o) {
  constexpr int flags = OrderFlag::POST_ONLY_ | OrderFlag::HIDDEN_ | OrderFlag::ALL_OR_NONE_ |
                        OrderFlag::REDUCE_ONLY_ | OrderFlag::POST_ONLY_REPRICE_ |
                        OrderFlag::DARK_BOOK_;
  if (is_restricted(s, o.member_id, o.account_id, o.instrument_id)) return R::RESTRICTED_;
  if (o.cl_ord_id.empty()) return R::INVALID_CL_ORD_ID_;
  if (!is_Side(o.side)) return R::INVALID_SIDE_;
  if (!is_OrdType(o.ord_type)) return R::ORD_TYPE_NOT_SUPPORTED_;
  if (!is_TimeInForce(o.time_in_force)) return R::TIME_IN_FORCE_NOT_SUPPORTED_;
  if (o.flags & ~flags) return R::INSTRUCTION_NOT_SUPPORTED_;
  if (o.stp && !is_StpMode(o.stp)) return R::INVALID_STP_MODE_;
  if (o.order_qty < 1 || o.order_qty > kQtyMax) return R::INVALID_QUANTITY_;
  if (l.instrument.lot_size != 1 && o.order_qty % l.instrument.lot_size) return R::QUANTITY_NOT_A_LOT_MULTIPLE_;
  bool priced = o.ord_type == OrdType::LIMIT_ || o.ord_type == OrdType::STOP_LIMIT_ ||
                o.ord_type == OrdType::TRAILING_STOP_LIMIT_;
  if (priced && !o.price) return R::PRICE_REQUIRED_;
  if (!priced && o.price) return R::PRICE_NOT_ALLOWED_;
  if (o.price < 0 || o.price > kPriceMax) return R::INVALID_PRICE_;
  if (o.price % l.instrument.tick_size) return R::PRICE_NOT_A_TICK_MULTIPLE_;
  bool gtd = o.time_in_force == TimeInForce::GTD_;
  if (gtd ? o.expire_ts_ns <= s.now_ns() || o.expire_ts_ns > kTimestampMax : o.expire_ts_ns != 0)
    return R::INVALID_EXPIRE_TIME_;
  return 0;
}

inline Reason refuse_size_and_price(State& s, Listing& l, const NewOrder& o,
                                    const Origin& origin) {
  const Instrument& i = l.instrument;
  if (o.order_qty < i.min_order_qty) return R::BELOW_MIN_ORDER_QTY_;
  if (o.order_qty > i.max_order_qty) return R::ABOVE_MAX_ORDER_QTY_;
  if (is_notional_too_large(l, o.price, o.order_qty)) return R::ABOVE_MAX_ORDER_NOTIONAL_;
  const AccountLimits* limits = limits_of(s, o.account_id);
  if (limits) {
    if (limits->max_order_qty && limits->max_order_qty < o.order_qty)
      return R::ABOVE_MAX_ORDER_QTY_;
    if (limits->max_order_notional) {
      int64_t price = reach_of(s, l, o).worst;
      if (Int256(static_cast<i128>(price) * o.order_qty) * l.scale >
          Int256(limits->max_order_notional))
        return R::ABOVE_MAX_ORDER_NOTIONAL_;
    }
  }
  if (!(o.flags & OrderFlag::DARK_BOOK_) && is_level_full(l, o.side, o.price, o.order_qty))
    return R::LIMIT_REACHED_;
  if (o.price && !l.band().holds(o.price)) return R::PRICE_OUT_OF_BAND_;
  if (limits) {
    int64_t price = o.price ? o.price : l.book.opposite(o.side).best_price();
    if (reaches_too_far(*limits, l, o.side, price)) return R::PRICE_OUTSIDE_COLLAR_;
  }
  if (origin.known) return R::DUPLICATE_CL_ORD_ID_;
  if ((o.flags & kPostOnly) && o.ord_type == OrdType::LIMIT_) {
    int64_t taken = price_taken(l, o.side, o.price, o.order_qty);
    if (taken &&
        !((o.flags & OrderFlag::POST_ONLY_REPRICE_) && price_beside(l, o.side, taken)))
      return R::POST_ONLY_WOULD_TAKE_;
  }
  return 0;
}

inline Reason refuse_new_order(State& s, const NewOrder& o, const Origin& origin,
                               const OrderTerms& t) {
  uint32_t session_id = origin.session_id;
  if (Reason r = refuse_sender(s, o, session_id)) return r;
  Listing* l = s.listing(o.instrument_id);
  if (!l) return R::UNKNOWN_SYMBOL_;
  if (l->is_retired()) return R::INSTRUMENT_RETIRED_;
  if (Reason r = refuse_new_in(l->phase, o.time_in_force, o.flags)) return r;
  if (Reason r = refuse_fields(s, *l, o)) return r;
  bool plain_flags = o.flags == 0 || o.flags == OrderFlag::POST_ONLY_ ||
                     o.flags == OrderFlag::POST_ONLY_REPRICE_;
  bool plain_type = o.ord_type == OrdType::LIMIT_ || o.ord_type == OrdType::MARKET_;
  if (!plain_flags || !plain_type || has_terms(t)) {
    if (Reason r = refuse_terms(s, *l, o, t)) return r;
  } else if (o.flags && is_excluded(o, t)) {
    return R::INVALID_COMBINATION_;
  }
  if (is_rate_exceeded(s, o.member_id, session_id)) return R::ORDER_RATE_EXCEEDED_;
  if (Reason r = refuse_size_and_price(s, *l, o, origin)) return r;
  if (!is_trailing(o.ord_type)) return refuse_new(s, *l, o, t);
  OrderTerms first = t;
  first.stop_price = first_stop_price(*l, o.side, t);
  return refuse_new(s, *l, o, first);
}

}  // namespace lockstep
