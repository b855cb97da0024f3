// Restore: bytes that `SnapshotWriter` could have written become a state, all others are refused.
#pragma once

#include "snapshot_writer.hpp"

namespace lockstep {

// Bytes that are no snapshot.
struct BadSnapshot : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class SnapshotReader {
 public:
  SnapshotReader(const uint8_t* data, size_t size) : begin_(data), in_(data, data + size) {}

  std::unique_ptr<State> read() {
    if (in_.left() < sizeof kSnapshotHead ||
        std::memcmp(begin_, kSnapshotHead, sizeof kSnapshotHead) != 0)
      throw BadSnapshot("not a snapshot of format 1");
    in_.skip(sizeof kSnapshotHead);
    state_ = std::make_unique<State>();
    try {
      load();
    } catch (const std::exception& e) {
      throw BadSnapshot("snapshot is damaged near byte " + std::to_string(in_.at() - begin_) +
                        ": " + e.what());
    }
    return std::move(state_);
  }

 private:
  static constexpr size_t kRememberedOrderId = 4 + 16 + 1 + 2;  // where its order_id stands
  static constexpr int kAhead = 16;  // rows whose order is asked for before it is needed

  template <class Row, class F>
  void section(F&& take) {
    section<Row>(take, [](const uint8_t*, size_t, int) {});
  }
  // `peek` sees the bytes of each row twice before: kAhead rows ahead (2) and half of that (1).
  template <class Row, class F, class Peek>
  void section(F&& take, Peek&& peek) {
    if (in_.left() < 8) throw BadSnapshot("a section is cut off");
    uint64_t count = in_.u64();
    const uint8_t* ahead[2] = {in_.at(), in_.at()};
    for (int far = 0; far < 2; ++far)
      for (int i = 0; i < kAhead / (2 - far); ++i) ahead[far] = look(ahead[far], far + 1, peek);
    for (uint64_t i = 0; i < count; ++i) {
      for (int far = 0; far < 2; ++far) ahead[far] = look(ahead[far], far + 1, peek);
      if (in_.left() < 2) throw BadSnapshot("a record is cut off");
      size_t length = in_.u16();
      if (in_.left() < length) throw BadSnapshot("a record is cut off");
      In record(in_.at(), in_.at() + length);
      Row r;
      if (!get(record, r)) throw BadSnapshot(record.error);
      if (!record.at_end("record")) throw BadSnapshot(record.error);
      take(r);
      in_.skip(length);
    }
  }
  // The row after this one; whatever the bytes are, nothing beyond their end is read.
  template <class Peek>
  const uint8_t* look(const uint8_t* row, int far, Peek&& peek) const {
    const uint8_t* end = in_.at() + in_.left();
    if (end - row < 2) return end;
    size_t length = row[0] | static_cast<size_t>(row[1]) << 8;
    if (static_cast<size_t>(end - row) < length + 2) return end;
    peek(row + 2, length, far);
    return row + 2 + length;
  }
  // Asks for the order that stands at `at` in a row, then for its name.
  auto order_at(size_t at) const {
    return [this, at](const uint8_t* row, size_t length, int far) {
      if (length < at + 8) return;
      uint64_t order_id;
      std::memcpy(&order_id, row + at, 8);
      const Order* o = order_id ? state_->orders.find(order_id) : nullptr;
      if (!o) return;
      if (far == 2) {
        __builtin_prefetch(o);
        __builtin_prefetch(reinterpret_cast<const char*>(o) + 64);
      } else {
        __builtin_prefetch(o->name);
      }
    };
  }
  template <class T>
  static T& known(T* found, const char* what) {
    if (!found) throw BadSnapshot(std::string("unknown ") + what);
    return *found;
  }
  Order& order(uint64_t id) { return known(id ? state_->orders.find(id) : nullptr, "order"); }
  Listing& listing(uint32_t id) { return known(state_->listing(id), "instrument"); }

  void load() {
    State& s = *state_;
    section<HeadRow>([&](const HeadRow& r) {
      s.head = r;
      s.node = r.node;
      s.head.node = {};
      std::memcpy(s.events_digest, &r.events_digest, 16);
    });
    section<ListingRow>([&](const ListingRow& r) {
      Listing* l = s.add_listing(r.instrument);
      if (!is_Phase(r.phase)) throw BadSnapshot("unknown phase");
      l->phase = r.phase;
      l->last_price = r.last_price;
      l->last_qty = r.last_qty;
    });
    section<Member>([&](const Member& r) { s.put_member(r); });
    section<Account>([&](const Account& r) { s.put_account(r); });
    section<SessionRow>([&](const SessionRow& r) {
      s.sessions[r.session_id] = {r.session_id, r.member_id, r.cancel_on_disconnect, {}, nullptr};
    });
    section<KillSwitchRow>([&](const KillSwitchRow& r) {
      s.kill_switches[{r.scope, r.target_id}] = {std::string(r.operator_), std::string(r.reason),
                                                 r.ts_ns};
    });
    section<OrderRow>([&](const OrderRow& r) { load_order(r); });
    section<TermsRow>([&](const TermsRow& r) {
      Order& o = order(r.order_id);
      if (r.terms != kNoTerms) {
        o.kept = s.terms_pool.take();
        o.kept->set(r.terms);
      }
      o.shown_qty = r.shown_qty;
      o.linked_id = r.linked_id;
      o.is_waiting = r.is_waiting == 1;
    });
    section<TriggeredRow>([&](const TriggeredRow& r) {
      Order& o = order(r.order_id);
      listing(o.instrument_id).stops.add_triggered(&o, {r.passed, r.order_id, r.trigger_price});
    });
    section<PegReferenceRow>([&](const PegReferenceRow& r) {
      listing(r.instrument_id).peg_bid = r.bid;
      listing(r.instrument_id).peg_ask = r.ask;
    });
    section<QueueRow>([&](const QueueRow& r) {
      Order& o = order(r.order_id);
      Listing& l = listing(o.instrument_id);
      if (o.is_resting) throw BadSnapshot("an order stands in two queues");
      if (is_parked(l, &o))
        l.book.park(&o);
      else
        l.book.put(&o);
      if (o.is_whole()) l.whole(o.side).insert({o.price, o.order_id});
    }, order_at(0));
    load_memories();
    load_risk();
    load_sessions();
    index_open_orders();
    for (auto& l : s.listings) {
      Bbo ignored;
      l->book.changes([](const LevelChanged&) {}, ignored);
      l->book.is_dirty = false;
      l->is_special = true;
    }
    s.dirty.clear();
    s.dark_touched.clear();
    if (in_.left()) throw BadSnapshot("bytes left over");
  }
  void load_order(const OrderRow& r) {
    State& s = *state_;
    const OrderState& t = r.order;
    if (!s.listing(t.instrument_id) || !s.account(t.account_id) || !s.member(t.member_id) ||
        !t.order_id || s.orders.find(t.order_id) || !is_Side(t.side))
      throw BadSnapshot("an order is of nobody");
    Order* o = s.order_pool.take();
    o->order_id = t.order_id;
    o->member_id = t.member_id;
    o->account_id = t.account_id;
    o->instrument_id = t.instrument_id;
    o->session_id = t.session_id;
    o->side = t.side;
    o->ord_type = t.ord_type;
    o->time_in_force = t.time_in_force;
    o->stp = t.stp;
    o->ord_status = t.ord_status;
    o->flags = t.flags;
    o->order_qty = t.order_qty;
    o->cum_qty = t.cum_qty;
    o->leaves_qty = t.leaves_qty;
    o->price = t.price;
    o->expire_ts_ns = t.expire_ts_ns;
    o->cum_notional = t.cum_notional;
    o->entry_ts_ns = r.entry_ts_ns;
    o->last_ts_ns = r.last_ts_ns;
    o->name = s.names->make(t.member_id, t.cl_ord_id);
    s.add_order(o);
  }
  void load_memories() {
    State& s = *state_;
    section<RememberedOrderRow>([&](const RememberedOrderRow& r) {
      Remembered* n = nullptr;
      if (r.order_id) {
        Order& o = order(r.order_id);
        if (o.member_id == r.member_id && o.cl_ord_id() == r.cl_ord_id)
          n = const_cast<Remembered*>(o.name);
      }
      if (!n) n = s.names->make(r.member_id, r.cl_ord_id);
      n->set_fingerprint(r.fingerprint);
      n->outcome = r.outcome;
      n->reason = r.reason;
      n->order_id = r.order_id;
      n->ts_ns = r.ts_ns;
      if (r.is_refused || !r.orig_cl_ord_id.empty())
        s.names->keep_aside(n, r.is_refused ? &r.refused : nullptr, r.orig_cl_ord_id);
      s.names->put(n);
    }, order_at(kRememberedOrderId));
    section<RememberedRequestRow>([&](const RememberedRequestRow& r) {
      s.remembered_requests[{r.owner, std::string(r.request_id)}] = {
          r.fingerprint, r.target_id, r.reason, std::string(r.detail)};
    });
    section<TimerRow>([&](const TimerRow& r) {
      if (r.kind == TimerKind::GOOD_TILL_DATE) order(r.target_id);
      s.timers.insert({r.ts_ns, r.kind, r.target_id});
    });
    section<PositionRow>([&](const PositionRow& r) {
      known(s.account(r.account_id), "account");
      listing(r.instrument_id);
      auto qty = static_cast<i128>(r.qty);
      Line& line = s.line(r.account_id, r.instrument_id);
      s.move_position(r.account_id, line, r.is_short ? -qty : qty);
    });
  }
  void load_risk() {
    State& s = *state_;
    section<RiskHeadRow>([&](const RiskHeadRow& r) {
      s.sweep_ts_ns = r.sweep_ts_ns;
      s.is_emergency = r.is_emergency;
    });
    section<AccountLimits>([&](const AccountLimits& r) {
      known(s.account(r.account_id), "account");
      put_account_limits(s, r);
    });
    section<MemberLimits>([&](const MemberLimits& r) {
      known(s.member(r.member_id), "member");
      put_member_limits(s, r);
    });
    section<FeeSchedule>([&](const FeeSchedule& r) { s.fees[{r.instrument_id, r.tier}] = r; });
    section<RiskReference>([&](const RiskReference& r) { s.adv_qty[r.instrument_id] = r.adv_qty; });
    section<Restriction>([&](const Restriction& r) {
      s.restrictions.insert({r.member_id, r.account_id, r.instrument_id});
    });
    section<CashRow>([&](const CashRow& r) {
      if (r.account_id) known(s.account(r.account_id), "account");
      s.add_cash(r.account_id, s.currency_id(r.currency), r.amount);
    });
    section<HoldingRow>([&](const HoldingRow& r) {
      known(s.account(r.account_id), "account");
      listing(r.instrument_id);
      Line& l = s.holding(r.account_id, r.instrument_id);
      l.cost = r.cost;
      l.realised = r.realised;
      l.opened_qty = static_cast<i128>(static_cast<u128>(r.opened_qty.w[1]) << 64 |
                                       r.opened_qty.w[0]);
      l.closing_order_id = r.closing_order_id;
    });
    s.first_trade_id = s.head.last_trade_id + 1;
    section<TradeRecord>([&](const TradeRecord& r) {
      if (s.trades.empty()) s.first_trade_id = r.trade_id;
      if (r.trade_id != s.first_trade_id + s.trades.size()) throw BadSnapshot("trades have a gap");
      TradeRecord& kept = s.trades.add();
      kept = r;
      kept.currency = s.currencies[s.currency_id(r.currency)];
    });
    section<BucketRow>([&](const BucketRow& r) {
      Bucket& b = r.of_session ? known(s.session(r.target_id), "session").bucket
                               : known(s.member(r.target_id), "member").bucket;
      b = {true, r.level, r.ts_ns};
    });
    section<DayTradeRow>([&](const DayTradeRow& r) {
      known(s.account(r.account_id), "account").day_trades[r.trading_day] = r.count;
    });
    section<CallRow>([&](const CallRow& r) {
      known(s.account(r.account_id), "account");
      s.calls[{r.account_id, std::string(r.currency)}] = r.deadline_ts_ns;
    });
    section<WorstPriceRow>([&](const WorstPriceRow& r) {
      order(r.order_id).worst_price = r.worst_price;
      order(r.order_id).cap_price = r.cap_price;
    });
  }
  void load_sessions() {
    State& s = *state_;
    section<SessionStateRow>([&](const SessionStateRow& r) {
      SessionState& t = listing(r.rules.instrument_id).session;
      t.rules = r.rules;
      t.call_length_ns = r.call_length_ns;
      t.call_end_ns = r.call_end_ns;
      t.uncross_ns = r.uncross_ns;
      t.is_extended = r.is_extended != 0;
      t.next_phase = r.next_phase;
      t.indicated = {r.indicated_price, r.indicated_volume, r.indicated_side, r.indicated_qty};
      t.halted_from = r.halted_from;
      t.reopen_ns = r.reopen_ns;
      t.is_barred = r.is_barred != 0;
      t.levels_tripped = r.levels_tripped;
      t.auction_close = r.auction_close;
      t.has_traded = r.has_traded != 0;
      t.dynamic_base = r.dynamic_base;
    });
    section<TrailRow>([&](const TrailRow& r) {
      listing(r.instrument_id).session.trail.push_back({r.ts_ns, r.price});
    });
    section<ScheduleRow>([&](const ScheduleRow& r) {
      listing(r.instrument_id).session.schedule.push_back({r.ts_ns, r.phase, r.call_ns});
    });
    section<DayEnd>([&](const DayEnd& r) { s.day_ends.push_back(r); });
    section<DarkPlaceRow>([&](const DarkPlaceRow& r) {
      Order& o = order(r.order_id);
      if (o.is_resting || !o.in_dark_book()) throw BadSnapshot("no order of the dark book");
      listing(o.instrument_id).dark.add(&o);
    });
    section<DarkBookRow>([&](const DarkBookRow& r) {
      DarkBook& dark = listing(r.rules.instrument_id).dark;
      dark.rules = r.rules;
      dark.tried_price = r.tried_price;
      dark.cross_ns = r.cross_ns;
      dark.indicated[0] = r.indicated_qty;
      dark.indicated[1] = r.indicated_buy_qty;
      dark.indicated[2] = r.indicated_sell_qty;
    });
  }
  void index_open_orders() {
    State& s = *state_;
    std::vector<Order*> all;
    s.orders.each([&](Order* o) { all.push_back(o); });
    for (Order* o : all) {
      Listing& l = *s.listing(o->instrument_id);
      bool unpriced = o->ord_type == OrdType::PEGGED_ && o->leaves_qty > 0 && !o->price;
      if (o->is_resting + o->is_waiting + unpriced != (o->leaves_qty > 0))
        throw BadSnapshot("order " + std::to_string(o->order_id) + " and the queues disagree");
      if (o->linked_id) order(o->linked_id);
      if (o->is_waiting && !l.stops.has(o)) l.stops.add(o, l.instrument.tick_size);
      if (!o->leaves_qty) continue;
      s.open(o);
      s.watch(o);
      s.reserve(o);
    }
  }

  const uint8_t* begin_;
  In in_;
  std::unique_ptr<State> state_;
};

}  // namespace lockstep
