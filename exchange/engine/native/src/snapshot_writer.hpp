// The whole state as canonical bytes (R11.4), the format of the reference engine: magic, format,
// then each section as a count and its records, all sorted.
//
// A forked child runs this too (capture.hpp): nothing here may ask malloc for memory, nor take a
// lock.
#pragma once

#include <unistd.h>

#include <utility>

#include "admin.hpp"
#include "scratch.hpp"

namespace lockstep {

inline constexpr uint8_t kSnapshotHead[6] = {'L', 'S', 'N', 'P', 1, 0};

inline DarkBookRow dark_row(const DarkBook& d) {
  return {d.rules, d.tried_price, d.cross_ns, d.indicated[0], d.indicated[1], d.indicated[2]};
}

class SnapshotWriter {
 public:
  SnapshotWriter(State& s, Out& out) : s_(s), out_(out) {}

  // For a child process: as `write`, but it leaves when `parent` is not its parent any more.
  void write_for(pid_t parent) {
    parent_ = parent;
    write();
  }
  // Whether `write` would give these bytes; the buffer holds a part of them at a time.
  bool would_write(const uint8_t* expected, size_t size) {
    expected_ = expected;
    left_ = size;
    write();
    compare();
    return is_same_ && left_ == 0;
  }
  void write() {
    out_.clear();
    out_.room(64);
    out_.raw(kSnapshotHead, sizeof kSnapshotHead);
    collect();
    head();
    listings_and_people();
    orders();
    memories();
    risk();
    sessions();
  }

 private:
  static constexpr size_t kCompared = 1 << 18;  // bytes that the processor's caches hold
  static constexpr uint64_t kRowsPerLook = 1 << 16;
  static constexpr int kAhead = 12;  // rows whose memory is asked for before it is needed

  void begin() {
    if (expected_) compare();
    out_.room(16);
    count_at_ = out_.size();
    count_ = expected_count();
    out_.u64(count_);
    if (expected_) compare();
    first_count_ = std::exchange(count_, 0);
  }
  void end() {
    if (expected_)
      is_same_ &= count_ == first_count_;
    else
      std::memcpy(out_.data() + count_at_, &count_, 8);
  }
  // A count stands before its rows: what is compared is believed until the rows were counted.
  uint64_t expected_count() const {
    uint64_t count = 0;
    if (expected_ && left_ >= 8) std::memcpy(&count, expected_, 8);
    return count;
  }
  void compare() {
    size_t size = out_.size();
    is_same_ = is_same_ && size <= left_ && std::memcmp(out_.data(), expected_, size) == 0;
    if (is_same_) {
      expected_ += size;
      left_ -= size;
    }
    out_.clear();
  }
  template <class Row>
  void row(const Row& r) {
    out_.room(Out::kRecordMax);
    size_t start = out_.size();
    out_.skip(2);
    put(out_, r);
    auto length = static_cast<uint16_t>(out_.size() - start - 2);
    std::memcpy(out_.data() + start, &length, 2);
    ++count_;
    if (expected_ && out_.size() >= kCompared) compare();
    if (++rows_ % kRowsPerLook == 0 && parent_ && getppid() != parent_) _exit(1);
  }
  void collect() {
    orders_.reserve(s_.order_ids.size());
    s_.orders.each([&](Order* o) { orders_.push_back(o); });
  }
  void head() {
    begin();
    HeadRow h = s_.head;
    std::memcpy(&h.events_digest, s_.events_digest, 16);
    h.node = s_.node;
    row(h);
    end();
  }
  void listings_and_people() {
    begin();
    for (auto& l : s_.listings) row(ListingRow{l->instrument, l->phase, l->last_price, l->last_qty});
    end();
    begin();
    for (auto& m : s_.members) row(m->row);
    end();
    begin();
    for (auto& a : s_.accounts) row(a->row);
    end();
    begin();
    for (auto& [id, e] : s_.sessions) row(SessionRow{id, e.member_id, e.cancel_on_disconnect});
    end();
    begin();
    for (auto& [key, k] : s_.kill_switches)
      row(KillSwitchRow{key.first, key.second, k.operator_, k.reason, k.ts_ns});
    end();
  }
  void orders() {
    begin();
    for (size_t i = 0; i < orders_.size(); ++i) {
      if (i + kAhead < orders_.size()) __builtin_prefetch(orders_[i + kAhead]->name);
      Order* o = orders_[i];
      row(OrderRow{o->state(), o->entry_ts_ns, o->last_ts_ns});
    }
    end();
    begin();
    for (Order* o : orders_)
      if (o->kept || o->linked_id)
        row(TermsRow{o->order_id, o->shown_qty, o->linked_id, o->is_waiting, o->terms()});
    end();
    begin();
    for (auto& l : s_.listings)
      for (auto& t : l->stops.triggered) row(TriggeredRow{t.order_id, t.passed, t.trigger_price});
    end();
    begin();
    for (auto& l : s_.listings)
      if (l->peg_bid || l->peg_ask) row(PegReferenceRow{l->id(), l->peg_bid, l->peg_ask});
    end();
    begin();
    for (auto& l : s_.listings) queues(l->book);
    end();
  }
  void queue(const Queue& q) {
    for (Order* o = q.head; o; o = o->next) row(QueueRow{o->order_id});
  }
  void queues(const Book& book) {
    queue(book.bids.market);
    for (auto& rung : book.bids.rungs) {
      queue(rung.level->queue);
      queue(rung.level->dark);
    }
    queue(book.asks.market);
    for (size_t i = book.asks.rungs.size(); i-- > 0;) {
      queue(book.asks.rungs[i].level->queue);
      queue(book.asks.rungs[i].level->dark);
    }
    queue(book.parked);
  }
  // A name with the beginning of what it is sorted by, so that sorting reads little else.
  struct Named {
    u128 beginning;
    uint32_t member_id;
    const Remembered* memory;

    bool operator<(const Named& other) const {
      if (member_id != other.member_id) return member_id < other.member_id;
      if (beginning != other.beginning) return beginning < other.beginning;
      return memory->name() < other.memory->name();
    }
  };
  static u128 beginning_of(std::string_view name) {
    unsigned char text[16] = {};
    std::memcpy(text, name.data(), std::min(name.size(), sizeof text));
    uint64_t high, low;
    std::memcpy(&high, text, 8);
    std::memcpy(&low, text + 8, 8);
    return static_cast<u128>(__builtin_bswap64(high)) << 64 | __builtin_bswap64(low);
  }
  void remembered_orders() {
    Scratch<const Remembered*> found;
    found.reserve(s_.names->size());
    s_.names->each([&](const Remembered* r) { found.push_back(r); });
    Scratch<Named> names;
    names.reserve(found.size());
    for (size_t i = 0; i < found.size(); ++i) {
      if (i + kAhead < found.size()) __builtin_prefetch(&found[i + kAhead]->text);
      const Remembered* r = found[i];
      names.push_back({beginning_of(r->name()), r->member_id, r});
    }
    std::sort(names.begin(), names.end());
    begin();
    for (size_t i = 0; i < names.size(); ++i) {
      if (i + kAhead < names.size()) {
        __builtin_prefetch(names[i + kAhead].memory);
        __builtin_prefetch(&names[i + kAhead].memory->text);
      }
      const Remembered* r = names[i].memory;
      const OrderState* refused = r->refused();
      row(RememberedOrderRow{r->member_id, r->fingerprint(), r->outcome, r->reason, r->order_id,
                             r->ts_ns, refused != nullptr, refused ? *refused : OrderState{},
                             r->name(), r->orig()});
    }
    end();
  }
  void memories() {
    remembered_orders();
    begin();
    for (auto& [key, r] : s_.remembered_requests)
      row(RememberedRequestRow{key.first, r.fingerprint, r.target_id, r.reason, key.second,
                               r.detail});
    end();
    begin();
    for (auto& t : s_.timers) row(TimerRow{t.ts_ns, t.kind, t.target_id});
    end();
    begin();
    for (auto& a : s_.accounts)
      for (Line* l : a->lines)
        if (l->qty)
          row(PositionRow{a->row.account_id, l->instrument_id, l->qty < 0, magnitude(l->qty)});
    end();
  }
  void cash(uint32_t account_id, const AccountEntry& a) {
    balances_.clear();
    for (auto& [currency, amount] : a.cash)
      if (amount) balances_.push_back({s_.currencies[currency], amount});
    std::sort(balances_.begin(), balances_.end());
    for (auto& [currency, amount] : balances_) row(CashRow{account_id, amount, currency});
  }
  void risk() {
    begin();
    row(RiskHeadRow{s_.sweep_ts_ns, s_.is_emergency});
    end();
    begin();
    for (auto& a : s_.accounts)
      if (a->has_limits) row(a->limits);
    end();
    begin();
    for (auto& m : s_.members)
      if (m->has_limits) row(m->limits);
    end();
    begin();
    for (auto& [key, f] : s_.fees) row(f);
    end();
    begin();
    for (auto& [id, qty] : s_.adv_qty) row(RiskReference{id, qty});
    end();
    begin();
    for (auto& [m, a, i] : s_.restrictions) row(Restriction{m, a, i});
    end();
    begin();
    cash(0, s_.venue);
    for (auto& a : s_.accounts) cash(a->row.account_id, *a);
    end();
    begin();
    for (auto& a : s_.accounts)
      for (Line* l : a->lines)
        if (l->has_holding)
          row(HoldingRow{a->row.account_id, l->instrument_id, l->cost, l->realised,
                         Int256(l->opened_qty), l->closing_order_id});
    end();
    begin();
    s_.trades.each([&](const TradeRecord& r) { row(r); });
    end();
    begin();
    for (auto& m : s_.members)
      if (m->bucket.exists) row(BucketRow{0, m->row.member_id, m->bucket.level, m->bucket.ts_ns});
    for (auto& [id, e] : s_.sessions)
      if (e.bucket.exists) row(BucketRow{1, id, e.bucket.level, e.bucket.ts_ns});
    end();
    begin();
    for (auto& a : s_.accounts)
      for (auto& [day, n] : a->day_trades) row(DayTradeRow{a->row.account_id, day, n});
    end();
    begin();
    for (auto& [key, deadline] : s_.calls) row(CallRow{key.first, deadline, key.second});
    end();
    begin();
    for (Order* o : orders_)
      if (o->is_open && (o->worst_price || o->cap_price))
        row(WorstPriceRow{o->order_id, o->worst_price, o->cap_price});
    end();
  }
  void sessions() {
    begin();
    for (auto& l : s_.listings) {
      const SessionState& t = l->session;
      row(SessionStateRow{t.rules, t.call_length_ns, t.call_end_ns, t.uncross_ns, t.is_extended,
                          t.next_phase, t.indicated.price, t.indicated.volume,
                          t.indicated.imbalance_side, t.indicated.imbalance_qty, t.halted_from,
                          t.reopen_ns, t.is_barred, t.levels_tripped, t.auction_close, t.has_traded,
                          t.dynamic_base});
    }
    end();
    begin();
    for (auto& l : s_.listings)
      for (auto& [ts_ns, price] : l->session.trail) row(TrailRow{l->id(), ts_ns, price});
    end();
    begin();
    for (auto& l : s_.listings)
      for (auto& step : l->session.schedule)
        row(ScheduleRow{l->id(), step.ts_ns, step.phase, step.call_ns});
    end();
    begin();
    for (auto& end : s_.day_ends) row(end);
    end();
    begin();
    for (auto& l : s_.listings) dark_places(l->dark);
    end();
    begin();
    for (auto& l : s_.listings)
      if (l->dark.rules != default_dark_rules(l->id())) row(dark_row(l->dark));
    end();
  }

  void dark_places(const DarkBook& dark) {
    dark_.clear();
    for (const DarkSide* side : {&dark.bids, &dark.offers})
      for (Order* o = side->orders.head; o; o = o->next) dark_.push_back(o);
    std::sort(dark_.begin(), dark_.end(),
              [](const Order* a, const Order* b) { return a->place < b->place; });
    for (Order* o : dark_) row(DarkPlaceRow{o->order_id});
  }

  State& s_;
  Out& out_;
  Scratch<Order*> orders_, dark_;
  Scratch<std::pair<std::string_view, Int256>> balances_;
  size_t count_at_ = 0;
  uint64_t count_ = 0, first_count_ = 0, rows_ = 0;
  const uint8_t* expected_ = nullptr;
  size_t left_ = 0;
  bool is_same_ = true;
  pid_t parent_ = 0;
};

}  // namespace lockstep
