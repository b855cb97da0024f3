// The member's commands: new order, cancel, mass cancel, replace (R3, R4.4, R9.2), exactly once
// (R10.1).
#pragma once

#include "ladder.hpp"

namespace lockstep {

// ---- R10.1

inline bool answer_repeat(State& s, Emitter& out, const Origin& origin) {
  const Remembered* known = origin.known;
  if (!known || known->fingerprint() != origin.fingerprint) return false;
  OrderState order;
  if (known->order_id) {
    order = s.orders.find(known->order_id)->state();
  } else if (known->refused()) {
    order = *known->refused();
  } else {
    order.member_id = origin.name.member_id;
    order.cl_ord_id = origin.name.text;
  }
  out.emit(Repeated{known->outcome, known->reason, order, origin.name.text, known->orig()});
  return true;
}

// Keeps what became of a command. `r` is the name that the order got on acceptance, if it did.
inline void remember(State& s, Remembered* r, const Origin& origin, int outcome, int reason,
                     const Order* order, std::string_view orig, const OrderState* refused) {
  if (outcome == EventKind::REJECTED_ || outcome == EventKind::CANCEL_REJECTED_) {
    if (reason == R::UNKNOWN_MEMBER_ || reason == R::INVALID_CL_ORD_ID_ ||
        reason == R::DUPLICATE_CL_ORD_ID_ || origin.name.text.empty() || origin.known)
      return;
  }
  if (!r) r = s.names->make(origin.name.member_id, origin.name.text);
  r->set_fingerprint(origin.fingerprint);
  r->outcome = static_cast<uint8_t>(outcome);
  r->reason = static_cast<uint16_t>(reason);
  r->order_id = order ? order->order_id : 0;
  r->ts_ns = s.now_ns();
  if (refused || !orig.empty()) s.names->keep_aside(r, refused, orig);
  s.names->put(r, origin.name.hash);
}

// ---- new order

inline Order* accept(State& s, Listing& l, const NewOrder& c, uint32_t session_id) {
  Order* o = s.order_pool.take();
  o->order_id = ++s.head.last_order_id;
  o->member_id = c.member_id;
  o->account_id = c.account_id;
  o->instrument_id = c.instrument_id;
  o->session_id = session_id;
  o->side = c.side;
  o->ord_type = c.ord_type;
  o->time_in_force = c.time_in_force;
  o->stp = c.stp ? c.stp : l.instrument.stp_default;
  o->ord_status = OrdStatus::NEW_;
  o->flags = c.flags;
  o->order_qty = o->leaves_qty = c.order_qty;
  o->price = c.price;
  o->expire_ts_ns = c.expire_ts_ns;
  o->entry_ts_ns = o->last_ts_ns = s.now_ns();
  o->name = s.names->make(c.member_id, c.cl_ord_id);
  s.add_order(o);
  s.watch(o);
  if (!o->price) {
    Reach r = reach_of(s, l, c);
    o->worst_price = r.worst;
    o->cap_price = r.cap;
  }
  s.reserve(o);
  take_token(s, o->member_id, session_id);
  return o;
}

inline void take_terms(State& s, Listing& l, Order* o, const OrderTerms& terms) {
  o->kept = s.terms_pool.take();
  o->kept->set(terms);
  OrderTerms& t = o->kept->terms;
  if (is_trailing(o->ord_type)) t.stop_price = first_stop_price(l, o->side, t);
  if (!o->price) {
    Reach r = reach_of(s, l, *o, t);
    o->worst_price = r.worst;
    o->cap_price = r.cap;
    s.reserve(o);
  }
  if (!t.oco_cl_ord_id.empty()) {
    Order* other =
        s.orders.find(s.names->find(o->member_id, t.oco_cl_ord_id)->order_id);
    o->linked_id = other->order_id;
    other->linked_id = o->order_id;
  }
}

inline void new_order(State& s, Emitter& out, const NewOrder& c, const OrderTerms& terms,
                      const Origin& origin) {
  if (answer_repeat(s, out, origin)) return;
  if (Reason reason = refuse_new_order(s, c, origin, terms)) {
    OrderState refused;
    refused.member_id = c.member_id;
    refused.account_id = c.account_id;
    refused.instrument_id = c.instrument_id;
    refused.session_id = origin.session_id;
    refused.side = c.side;
    refused.ord_type = c.ord_type;
    refused.time_in_force = c.time_in_force;
    refused.stp = c.stp;
    refused.ord_status = OrdStatus::REJECTED_;
    refused.flags = c.flags;
    refused.order_qty = c.order_qty;
    refused.price = c.price;
    refused.expire_ts_ns = c.expire_ts_ns;
    refused.cl_ord_id = c.cl_ord_id;
    remember(s, nullptr, origin, EventKind::REJECTED_, reason, nullptr, "", &refused);
    out.emit(Rejected{static_cast<uint16_t>(reason), refused});
    return;
  }
  Listing& l = *s.listing(c.instrument_id);
  Order* o = accept(s, l, c, origin.session_id);
  if (has_terms(terms)) take_terms(s, l, o, terms);
  remember(s, const_cast<Remembered*>(o->name), origin, EventKind::ACCEPTED_, 0, o, "", nullptr);
  out.emit(Accepted{o->state()});
  if (o->kept) out.emit(TermsChanged{o->state(), o->terms()});
  if (is_stop(o->ord_type))
    place_stop(s, out, l, o);
  else
    enter(s, out, l, o);
}

// ---- cancel

template <class Command>
Order* find_order(State& s, const Command& c) {
  if (c.order_id) {
    Order* o = s.orders.find(c.order_id);
    return o && o->member_id == c.member_id ? o : nullptr;
  }
  Remembered* known = s.names->find(c.member_id, c.orig_cl_ord_id);
  if (!known || !known->order_id) return nullptr;
  Order* o = s.orders.find(known->order_id);
  return o->cl_ord_id() == c.orig_cl_ord_id ? o : nullptr;
}
template <class Command>
void reject_request(State& s, Emitter& out, const Command& c, const Origin& origin, Reason reason,
                    Order* o, bool is_replace) {
  remember(s, nullptr, origin, EventKind::CANCEL_REJECTED_, reason, o, c.orig_cl_ord_id, nullptr);
  out.emit(CancelRejected{static_cast<uint16_t>(reason), is_replace,
                          o ? o->ord_status : uint8_t{0}, c.member_id,
                          o ? o->instrument_id : 0u, o ? o->order_id : 0u, c.cl_ord_id,
                          c.orig_cl_ord_id});
}
inline Reason refuse_cancel(State& s, const CancelOrder& c, Order* o, const Origin& origin) {
  if (!s.member(c.member_id)) return R::UNKNOWN_MEMBER_;
  if (c.cl_ord_id.empty()) return R::INVALID_CL_ORD_ID_;
  if (!o) return R::UNKNOWN_ORDER_;
  if (!o->leaves_qty) return R::TOO_LATE_;
  if (origin.known) return R::DUPLICATE_CL_ORD_ID_;
  return 0;
}
inline void cancel_order(State& s, Emitter& out, const CancelOrder& c, const Origin& origin) {
  if (answer_repeat(s, out, origin)) return;
  Order* o = find_order(s, c);
  if (Reason reason = refuse_cancel(s, c, o, origin))
    return reject_request(s, out, c, origin, reason, o, false);
  remember(s, nullptr, origin, EventKind::CANCELED_, CancelReason::REQUESTED_, o, c.orig_cl_ord_id,
           nullptr);
  cancel(s, out, o, CancelReason::REQUESTED_, c.cl_ord_id);
}

inline Reason refuse_mass_cancel(State& s, const MassCancel& c, const Origin& origin) {
  if (!s.member(c.member_id)) return R::UNKNOWN_MEMBER_;
  if (c.cl_ord_id.empty()) return R::INVALID_CL_ORD_ID_;
  if (c.side && !is_Side(c.side)) return R::INVALID_SIDE_;
  if (c.account_id) {
    AccountEntry* a = s.account(c.account_id);
    if (!a || a->row.member_id != c.member_id) return R::UNKNOWN_ACCOUNT_;
  }
  if (c.instrument_id && !s.listing(c.instrument_id)) return R::UNKNOWN_SYMBOL_;
  if (origin.known) return R::DUPLICATE_CL_ORD_ID_;
  return 0;
}
inline void mass_cancel(State& s, Emitter& out, const MassCancel& c, const Origin& origin) {
  if (answer_repeat(s, out, origin)) return;
  if (Reason reason = refuse_mass_cancel(s, c, origin)) {
    remember(s, nullptr, origin, EventKind::CANCEL_REJECTED_, reason, nullptr, "", nullptr);
    out.emit(CancelRejected{static_cast<uint16_t>(reason), 0, 0, c.member_id, 0, 0, c.cl_ord_id,
                            ""});
    return;
  }
  remember(s, nullptr, origin, EventKind::MASS_CANCELED_, 0, nullptr, "", nullptr);
  auto orders = s.select(c.member_id, c.account_id, c.instrument_id, c.side);
  out.emit(MassCanceled{c.member_id, c.account_id, c.instrument_id, c.side,
                        static_cast<uint32_t>(orders.size()), c.cl_ord_id});
  cancel_all(s, out, orders, CancelReason::MASS_CANCEL_);
}

// ---- replace

struct Replacement {
  const ReplaceOrder& command;
  const ChangedTerms& changed;
  Order* order;
  int64_t order_qty, price;
  OrderTerms terms;

  bool keeps_terms() const { return price == order->price && terms == order->terms(); }
  bool is_reduction() const { return keeps_terms() && order_qty < order->order_qty; }
};

inline OrderTerms change_terms(const Listing& l, const Order* o, const ChangedTerms& c) {
  OrderTerms t = o->terms();
  if (c == ChangedTerms{}) return t;
  int64_t old_stop = t.stop_price;
  if (c.stop_price) t.stop_price = c.stop_price;
  if (c.trail) t.trail = c.trail;
  if (c.peg_offset_given) t.peg_offset = c.peg_offset;
  if (c.peg_limit) t.peg_limit = c.peg_limit;
  if (c.display_qty) t.display_qty = c.display_qty;
  if (c.trail && !c.stop_price) {
    OrderTerms fresh = t;
    fresh.stop_price = 0;
    int64_t stop = first_stop_price(l, o->side, fresh);
    t.stop_price = stop ? stop : old_stop;
  }
  return t;
}
inline Reason refuse_changed_terms(const Listing& l, const Order* o, int64_t order_qty,
                                   const ChangedTerms& c) {
  const Instrument& i = l.instrument;
  if (c.stop_price) {
    if (!o->is_waiting) return R::STOP_PRICE_NOT_ALLOWED_;
    if (is_invalid_stop_price(i, c.stop_price)) return R::INVALID_STOP_PRICE_;
  }
  if (c.trail) {
    if (!o->is_waiting || !is_trailing(o->ord_type)) return R::TRAIL_NOT_ALLOWED_;
    if (is_invalid_trail(i, c.trail, o->terms().trail_unit)) return R::INVALID_TRAIL_;
    int64_t stop = change_terms(l, o, c).stop_price;
    if (stop < 1 || stop > kPriceMax) return R::INVALID_TRAIL_;
  }
  if (c.peg_offset || c.peg_offset_given || c.peg_limit) {
    if (o->ord_type != OrdType::PEGGED_) return R::PEG_NOT_ALLOWED_;
    if (is_invalid_peg(i, c.peg_offset, c.peg_limit)) return R::INVALID_PEG_;
  }
  int64_t display = c.display_qty ? c.display_qty : o->terms().display_qty;
  if (!display) return 0;
  if (c.display_qty && (o->is_dark() || o->ord_type == OrdType::STOP_ ||
                        o->ord_type == OrdType::TRAILING_STOP_))
    return R::INVALID_COMBINATION_;
  if (is_invalid_display_qty(i, std::min(display, order_qty), order_qty))
    return R::INVALID_DISPLAY_QTY_;
  return 0;
}
inline Reason refuse_replace_request(State& s, const ReplaceOrder& c, uint32_t session_id,
                                     Order* o) {
  MemberEntry* m = s.member(c.member_id);
  if (!m) return R::UNKNOWN_MEMBER_;
  if (m->row.standing != Standing::ACTIVE_) return R::MEMBER_DISABLED_;
  if (session_id) {
    SessionEntry* session = s.session(session_id);
    if (!session || session->member_id != c.member_id) return R::UNKNOWN_SESSION_;
  }
  if (!s.kill_switches.empty() &&
      is_killed(s, {{KillScope::MARKET_, 0},
                    {KillScope::MEMBER_, c.member_id},
                    {KillScope::SESSION_, session_id}}))
    return R::KILL_SWITCH_ENGAGED_;
  if (c.cl_ord_id.empty()) return R::INVALID_CL_ORD_ID_;
  if (!o) return R::UNKNOWN_ORDER_;
  if (!o->leaves_qty) return R::TOO_LATE_;
  if (s.account(o->account_id)->row.standing != Standing::ACTIVE_) return R::ACCOUNT_DISABLED_;
  if (!s.kill_switches.empty() &&
      is_killed(s, {{KillScope::ACCOUNT_, o->account_id},
                    {KillScope::INSTRUMENT_, o->instrument_id}}))
    return R::KILL_SWITCH_ENGAGED_;
  return 0;
}
inline Reason refuse_new_price(const Listing& l, const Replacement& r) {
  if (!r.order->price || r.order->ord_type == OrdType::PEGGED_)
    return r.command.price ? R::PRICE_NOT_ALLOWED_ : 0;
  if (r.price < 1 || r.price > kPriceMax) return R::INVALID_PRICE_;
  return r.price % l.instrument.tick_size ? R::PRICE_NOT_A_TICK_MULTIPLE_ : 0;
}
inline Reason refuse_worse(State& s, Listing& l, const Replacement& r) {
  const Order* o = r.order;
  const Instrument& i = l.instrument;
  if (r.order_qty <= o->cum_qty) return 0;
  if (r.order_qty != o->order_qty && r.order_qty < i.min_order_qty) return R::BELOW_MIN_ORDER_QTY_;
  if (r.order_qty > o->order_qty && r.order_qty > i.max_order_qty) return R::ABOVE_MAX_ORDER_QTY_;
  if (o->in_dark_book() && r.order_qty != o->order_qty &&
      r.order_qty < l.dark.rules.min_block_qty)
    return R::BELOW_MIN_BLOCK_QTY_;
  bool rises = static_cast<i128>(r.price) * r.order_qty > static_cast<i128>(o->price) * o->order_qty;
  if ((rises || r.order_qty > o->order_qty) && is_notional_too_large(l, r.price, r.order_qty))
    return R::ABOVE_MAX_ORDER_NOTIONAL_;
  int64_t more = r.price == o->price ? r.order_qty - o->order_qty : r.order_qty - o->cum_qty;
  if (!o->in_dark_book() && is_level_full(l, o->side, r.price, more)) return R::LIMIT_REACHED_;
  if (r.price != o->price && !l.band().holds(r.price)) return R::PRICE_OUT_OF_BAND_;
  if ((o->flags & OrderFlag::REDUCE_ONLY_) && r.order_qty > o->order_qty &&
      r.order_qty - o->cum_qty > room_to_reduce(s, o->account_id, o->instrument_id, o->side))
    return R::REDUCE_ONLY_WOULD_INCREASE_;
  return 0;
}
inline bool replaced_would_take(Listing& l, const Replacement& r) {
  const Order* o = r.order;
  int64_t leaves = r.order_qty - o->cum_qty;
  if (!(o->flags & kPostOnly) || o->is_waiting || leaves <= 0 || r.is_reduction()) return false;
  int64_t taken = price_taken(l, o->side, r.price, leaves);
  return taken &&
         !((o->flags & OrderFlag::POST_ONLY_REPRICE_) && price_beside(l, o->side, taken));
}
inline Reason refuse_change(State& s, Listing& l, const Replacement& r, const Origin& origin) {
  if (Reason why = refuse_replace_in(l.phase, r.is_reduction())) return why;
  if (r.order_qty < 1 || r.order_qty > kQtyMax) return R::INVALID_QUANTITY_;
  if (r.order_qty % l.instrument.lot_size) return R::QUANTITY_NOT_A_LOT_MULTIPLE_;
  if (Reason why = refuse_new_price(l, r)) return why;
  if (Reason why = refuse_changed_terms(l, r.order, r.order_qty, r.changed)) return why;
  if (Reason why = refuse_worse(s, l, r)) return why;
  if (Reason why = refuse_replace(s, r.order, r.order_qty, r.price, r.terms, origin.session_id))
    return why;
  if (r.keeps_terms() && r.order_qty == r.order->order_qty) return R::NOTHING_TO_REPLACE_;
  if (origin.known) return R::DUPLICATE_CL_ORD_ID_;
  return replaced_would_take(l, r) ? R::POST_ONLY_WOULD_TAKE_ : 0;
}
inline void replace_order(State& s, Emitter& out, const ReplaceOrder& c,
                          const ChangedTerms& changed, const Origin& origin) {
  if (answer_repeat(s, out, origin)) return;
  Order* o = find_order(s, c);
  if (Reason reason = refuse_replace_request(s, c, origin.session_id, o))
    return reject_request(s, out, c, origin, reason, o, true);
  Listing& l = *s.listing(o->instrument_id);
  Replacement r{c, changed, o, c.order_qty ? c.order_qty : o->order_qty,
                c.price ? c.price : o->price, change_terms(l, o, changed)};
  if (Reason reason = refuse_change(s, l, r, origin))
    return reject_request(s, out, c, origin, reason, o, true);
  if (r.order_qty <= o->cum_qty) {
    remember(s, nullptr, origin, EventKind::CANCELED_, CancelReason::REPLACED_TO_CUM_QTY_, o,
             c.orig_cl_ord_id, nullptr);
    return cancel(s, out, o, CancelReason::REPLACED_TO_CUM_QTY_, c.cl_ord_id);
  }
  bool reduces = r.is_reduction();
  Remembered* name = s.names->make(c.member_id, c.cl_ord_id);
  remember(s, name, origin, EventKind::REPLACED_, 0, o, c.orig_cl_ord_id, nullptr);
  std::string former(o->cl_ord_id());
  o->name = name;
  o->last_ts_ns = s.now_ns();
  if (reduces) {
    s.lower(o, o->order_qty - r.order_qty);
    out.emit(Replaced{1, o->state(), former});
    if (o->kept) out.emit(TermsChanged{o->state(), o->terms()});
    return;
  }
  take_token(s, o->member_id, origin.session_id);
  bool was_waiting = o->is_waiting;
  s.withdraw(o);
  o->price = r.price;
  o->order_qty = r.order_qty;
  o->leaves_qty = r.order_qty - o->cum_qty;
  if (r.terms == kNoTerms) {
    if (o->kept) s.terms_pool.give(o->kept);
    o->kept = nullptr;
  } else {
    if (!o->kept) o->kept = s.terms_pool.take();
    OrderTerms terms = r.terms;
    std::string oco(terms.oco_cl_ord_id);
    terms.oco_cl_ord_id = oco;
    o->kept->set(terms);
  }
  if (!o->price || o->ord_type == OrdType::PEGGED_) {
    Reach reach = reach_of(s, l, *o, o->terms());
    o->worst_price = reach.worst;
    o->cap_price = reach.cap;
  }
  out.emit(Replaced{0, o->state(), former});
  if (o->kept) out.emit(TermsChanged{o->state(), o->terms()});
  if (was_waiting)
    place_stop(s, out, l, o);
  else
    enter(s, out, l, o);
}

}  // namespace lockstep
