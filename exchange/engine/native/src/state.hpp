// The whole mutable state of the engine, and the mutations that keep its indexes in step.
//
// Nothing that outlives a command is kept anywhere else. Rules live in the chapter files; here
// stands what must never come apart: an order in its queue, in the indexes and in the timers.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "book.hpp"
#include "stop_index.hpp"
#include "trade_log.hpp"

namespace lockstep {

namespace TimerKind {
enum : int {
  GOOD_TILL_DATE = 1,
  CALL_END = 2,
  CALL_UNCROSS = 3,
  SCHEDULE_STEP = 4,
  REOPENING = 5,
  DAY_END = 6,
  MARGIN_SWEEP = 20,
  LIQUIDATION = 21,
  DARK_CROSS = 30
};
}

struct Timer {
  uint64_t ts_ns;
  uint8_t kind;
  uint64_t target_id;
  auto operator<=>(const Timer&) const = default;
};

inline uint64_t later(uint64_t now_ns, uint64_t length_ns) {
  return length_ns > kTimerMax - now_ns ? kTimerMax : now_ns + length_ns;
}

// What a call would uncross to (R6.2); price 0 = nothing executes.
struct Uncross {
  int64_t price = 0;
  u128 volume = 0;
  uint8_t imbalance_side = 0;
  u128 imbalance_qty = 0;
  bool operator==(const Uncross&) const = default;
};

inline TradingRules default_rules(uint32_t instrument_id) {
  constexpr uint64_t minute = 60'000'000'000ull;
  TradingRules r;
  r.instrument_id = instrument_id;
  r.dynamic_window_ns = r.volatility_call_ns = 5 * minute;
  r.random_end_max_ns = minute / 2;
  r.breaker_scope = BreakerScope::NONE_;
  r.breaker_1_bp = 700;
  r.breaker_2_bp = 1'300;
  r.breaker_3_bp = 2'000;
  r.breaker_halt_ns = 15 * minute;
  r.breaker_cutoff_ns = 35 * minute;
  return r;
}

// What an instrument remembers of its calls, halts, schedule and protection; 0 = none.
struct SessionState {
  TradingRules rules;
  uint64_t call_length_ns = 0, call_end_ns = 0, uncross_ns = 0;
  bool is_extended = false;
  uint8_t next_phase = 0;
  Uncross indicated;
  uint8_t halted_from = 0;
  uint64_t reopen_ns = 0;
  bool is_barred = false;
  uint8_t levels_tripped = 0;
  int64_t auction_close = 0;
  bool has_traded = false;
  int64_t dynamic_base = 0;
  std::deque<std::pair<uint64_t, int64_t>> trail;
  std::deque<ScheduleStep> schedule;
};

struct Band {
  i128 low = 0, high = 0;
  bool exists = false;
  bool holds(i128 price) const { return !exists || (low <= price && price <= high); }
};

// The dark midpoint book: a queue a side, the limits of its orders, what was published.
inline int64_t dark_limit(const Order* o) {
  if (int64_t limit = o->limit()) return limit;
  return o->is_buy() ? kPriceMax + 1 : 0;
}
inline int64_t least_qty(const Order* o) { return std::min(o->terms().min_qty, o->leaves_qty); }

struct DarkSide {
  int side = 0;
  Queue orders;
  std::multiset<int64_t> limits;
  i128 open_qty = 0;

  bool reaches(int64_t price) const {
    if (limits.empty()) return false;
    return side == Side::BUY_ ? *limits.rbegin() >= price : *limits.begin() <= price;
  }
};

inline DarkRules default_dark_rules(uint32_t instrument_id) {
  return {instrument_id, 0, 1, 0, 10'000, 0};
}

struct DarkBook {
  DarkRules rules;
  DarkSide bids, offers;
  int64_t tried_price = 0;  // midpoint at which the orders were matched in vain
  uint64_t cross_ns = 0;
  int64_t indicated[3] = {0, 0, 0};  // by side, 0 = either

  DarkBook(uint32_t id, std::set<uint32_t>& touched)
      : rules(default_dark_rules(id)), id_(id), touched_(touched) {
    bids.side = Side::BUY_;
    offers.side = Side::SELL_;
  }
  DarkSide& side(int s) { return s == Side::BUY_ ? bids : offers; }
  DarkSide& opposite(int s) { return s == Side::BUY_ ? offers : bids; }
  const DarkSide& opposite(int s) const { return s == Side::BUY_ ? offers : bids; }
  bool is_empty() const { return !bids.orders.head && !offers.orders.head; }
  void touch() {
    tried_price = 0;
    touched_.insert(id_);
  }
  void add(Order* o) {
    touch();
    o->place = ++last_place_;
    DarkSide& s = side(o->side);
    s.orders.push(o);
    s.limits.insert(dark_limit(o));
    s.open_qty += o->leaves_qty;
    o->is_resting = true;
  }
  void remove(Order* o) {
    touch();
    o->is_resting = false;
    o->place = 0;
    DarkSide& s = side(o->side);
    s.orders.remove(o);
    s.limits.erase(s.limits.find(dark_limit(o)));
    s.open_qty -= o->leaves_qty;
  }
  void lower(Order* o, int64_t qty) {
    touch();
    side(o->side).open_qty -= qty;
  }
  std::vector<Order*> by_place() const {
    std::vector<Order*> all;
    for (const DarkSide* s : {&bids, &offers})
      for (Order* o = s->orders.head; o; o = o->next) all.push_back(o);
    std::sort(all.begin(), all.end(),
              [](const Order* a, const Order* b) { return a->place < b->place; });
    return all;
  }

 private:
  uint32_t id_;
  std::set<uint32_t>& touched_;
  uint64_t last_place_ = 0;
};

// An instrument with what moves.
struct Listing {
  uint8_t phase = Phase::CLOSED_;
  bool is_special = false;  // has, or had, orders that what others do may set in motion
  uint32_t currency_id = 0;
  uint64_t scale64 = 0;
  Order* open_head = nullptr;  // live orders
  uint32_t open_count = 0;
  int64_t last_price = 0, last_qty = 0;
  Instrument instrument;
  Book book;
  std::vector<int64_t> prints;  // trades that the stops have not seen
  SessionState session;
  Int256 scale;  // cash units per price unit and base unit
  int64_t peg_bid = 0, peg_ask = 0;
  std::map<uint64_t, Order*> pegs;
  std::set<std::pair<int64_t, uint64_t>> whole_bids, whole_asks;
  StopIndex stops;
  DarkBook dark;
  std::string symbol, currency, mic;

  Listing(uint32_t id, Pool<Level>& levels, std::vector<uint32_t>& dirty,
          std::set<uint32_t>& dark_touched)
      : book(id, levels, dirty), dark(id, dark_touched) {
    session.rules = default_rules(id);
  }
  uint32_t id() const { return instrument.instrument_id; }
  void set(const Instrument& i) {
    std::string s(i.symbol), c(i.currency), m(i.mic);
    instrument = i;
    symbol = s;
    currency = c;
    mic = m;
    instrument.symbol = symbol;
    instrument.currency = currency;
    instrument.mic = mic;
    uint64_t cash = static_cast<uint64_t>(i.contract_multiplier);
    for (int n = i.qty_decimals; n < 9; ++n) cash *= 10;
    scale64 = cash;
    scale = Int256(cash);
  }
  std::set<std::pair<int64_t, uint64_t>>& whole(int side) {
    return side == Side::BUY_ ? whole_bids : whole_asks;
  }
  void record_print(int64_t price, int64_t qty) {
    last_price = price;
    last_qty = qty;
    prints.push_back(price);
  }
  // The price that positions are valued at; 0 = there is none.
  int64_t mark() const { return last_price ? last_price : instrument.reference_price; }
  bool is_future() const { return instrument.asset_class == AssetClass::FUTURE_; }
  bool is_retired() const { return instrument.status == InstrumentStatus::RETIRED_; }
  // R7.1.
  Band band() const {
    if (!instrument.static_band_bp || !instrument.reference_price) return {};
    i128 reference = instrument.reference_price;
    i128 width = reference * instrument.static_band_bp;
    i128 low = -floor_div(width - reference * 10'000, 10'000);
    return {low < 1 ? 1 : low, reference + width / 10'000, true};
  }
};

inline bool is_parked(const Listing& l, const Order* o) {
  return o->time_in_force == TimeInForce::AT_THE_CLOSE_ && l.phase != Phase::CLOSING_AUCTION_;
}

// An account in one instrument: position, cost, result, and what its open orders reserve (R8).
// What an order of a side changes shares a cache line.
struct alignas(64) Line {
  i128 buy_qty = 0;
  Int256 buy_value;
  i128 qty = 0;
  i128 sell_qty = 0;
  Int256 sell_value;
  i128 opened_qty = 0;
  Int256 cost, realised;
  uint64_t closing_order_id = 0;
  uint32_t instrument_id = 0;
  bool has_holding = false;
};

struct AccountEntry {
  std::vector<Line*> by_id;  // [instrument_id - 1]
  Order* open_head = nullptr;
  uint32_t open_count = 0;
  bool has_limits = false;
  Account row;
  std::vector<Line*> lines;  // by instrument
  std::vector<std::pair<uint32_t, Int256>> cash;
  std::map<uint32_t, uint64_t> day_trades;
  AccountLimits limits;
  std::string name;

  Line* find(uint32_t instrument_id) const {
    return instrument_id - 1 < by_id.size() ? by_id[instrument_id - 1] : nullptr;
  }
};

struct Bucket {
  bool exists = false;
  uint64_t level = 0;
  uint64_t ts_ns = 0;
};

struct MemberEntry {
  Member row;
  std::string name;
  std::vector<uint32_t> accounts;
  bool has_limits = false;
  MemberLimits limits;
  Bucket bucket;
};

struct SessionEntry {
  uint32_t session_id, member_id;
  uint8_t cancel_on_disconnect;
  Bucket bucket;
  Order* open_head = nullptr;
};

struct KillSwitch {
  std::string operator_, reason;
  uint64_t ts_ns;
};

struct RememberedRequest {
  u128 fingerprint;
  uint32_t target_id;
  uint16_t reason;
  std::string detail;
};

using Key = std::pair<uint32_t, std::string>;

struct State {
  HeadRow head;  // counters, clock and position; `node` in `node`
  std::string node;
  uint8_t events_digest[16] = {};
  const uint8_t* entry = nullptr;  // that is being applied
  size_t entry_size = 0;

  Pool<Level> levels;
  Pool<Order> order_pool;
  Pool<KeptTerms> terms_pool;
  Pool<Line> line_pool;

  std::vector<std::unique_ptr<Listing>> listings;  // [id - 1]
  std::vector<std::unique_ptr<MemberEntry>> members;
  std::vector<std::unique_ptr<AccountEntry>> accounts;
  AccountEntry venue;
  std::map<std::string, uint32_t, std::less<>> instrument_ids, member_ids;
  std::map<Key, uint32_t> account_ids;
  std::map<uint32_t, SessionEntry> sessions;
  std::map<std::pair<uint8_t, uint32_t>, KillSwitch> kill_switches;
  std::deque<std::string> currencies;

  IdMap<Order> orders;
  std::vector<uint64_t> order_ids;
  uint64_t open_count = 0;
  std::unique_ptr<Names> names = std::make_unique<Names>();
  std::map<Key, RememberedRequest> remembered_requests;
  std::set<Timer> timers;
  std::map<std::pair<uint32_t, uint32_t>, std::map<uint64_t, Order*>> reduce_only;
  std::set<std::pair<uint32_t, uint32_t>> moved;
  std::deque<DayEnd> day_ends;
  std::vector<uint32_t> dirty;
  std::set<uint32_t> dark_touched;
  std::set<uint32_t> calls_touched;

  // R8
  uint64_t sweep_ts_ns = 0;
  uint8_t is_emergency = 0;
  std::map<std::pair<uint32_t, uint16_t>, FeeSchedule> fees;
  std::map<uint32_t, int64_t> adv_qty;
  std::set<std::tuple<uint32_t, uint32_t, uint32_t>> restrictions;
  uint64_t first_trade_id = 1;
  TradeLog trades;  // of this day, by trade_id
  std::map<std::pair<uint32_t, std::string>, uint64_t> calls;  // -> deadline
  std::set<uint32_t> margin_accounts;

  State() {
    head.next_event_seq = 1;
    head.trading_day = 1;
  }

  uint64_t now_ns() const { return head.now_ns; }
  TradeRecord* trade(uint64_t id) {
    uint64_t at = id - first_trade_id;
    return at < trades.size() ? &trades[at] : nullptr;
  }

  Listing* listing(uint32_t id) const {
    return id - 1 < listings.size() ? listings[id - 1].get() : nullptr;
  }
  MemberEntry* member(uint32_t id) const {
    return id - 1 < members.size() ? members[id - 1].get() : nullptr;
  }
  AccountEntry* account(uint32_t id) const {
    return id - 1 < accounts.size() ? accounts[id - 1].get() : nullptr;
  }
  // An account of a member, or (0) the venue.
  AccountEntry& purse(uint32_t id) { return id ? *accounts[id - 1] : venue; }
  SessionEntry* session(uint32_t id) {
    auto found = sessions.find(id);
    return found == sessions.end() ? nullptr : &found->second;
  }
  uint32_t currency_id(std::string_view name) {
    for (size_t i = 0; i < currencies.size(); ++i)
      if (currencies[i] == name) return static_cast<uint32_t>(i);
    currencies.emplace_back(name);
    return static_cast<uint32_t>(currencies.size() - 1);
  }

  Listing* add_listing(const Instrument& i) {
    if (i.instrument_id != listings.size() + 1) throw Invariant("instrument ids are gapless");
    listings.push_back(std::make_unique<Listing>(i.instrument_id, levels, dirty, dark_touched));
    Listing* l = listings.back().get();
    l->set(i);
    l->currency_id = currency_id(l->currency);
    instrument_ids[l->symbol] = i.instrument_id;
    return l;
  }
  void put_instrument(Listing* l, const Instrument& i) {
    l->set(i);
    l->currency_id = currency_id(l->currency);
  }
  void put_member(const Member& m) {
    if (m.member_id > members.size()) members.push_back(std::make_unique<MemberEntry>());
    MemberEntry* e = member(m.member_id);
    if (!e) throw Invariant("member ids are gapless");
    e->name = m.name;
    e->row = m;
    e->row.name = e->name;
    member_ids[e->name] = m.member_id;
  }
  void put_account(const Account& a) {
    bool fresh = a.account_id > accounts.size();
    if (fresh) accounts.push_back(std::make_unique<AccountEntry>());
    AccountEntry* e = account(a.account_id);
    MemberEntry* owner = member(a.member_id);
    if (!e || !owner) throw Invariant("account ids are gapless");
    if (fresh) owner->accounts.push_back(a.account_id);
    e->name = a.name;
    e->row = a;
    e->row.name = e->name;
    account_ids[{a.member_id, e->name}] = a.account_id;
  }

  void add_order(Order* o) {
    orders.put(o->order_id, o);
    order_ids.push_back(o->order_id);
  }
  void rest(Order* o) {
    Listing& l = *listing(o->instrument_id);
    if (o->in_dark_book())
      l.dark.add(o);
    else if (is_parked(l, o))
      l.book.park(o);
    else
      l.book.add(o);
    if (o->is_whole()) l.whole(o->side).insert({o->price, o->order_id});
    keep(o);
  }
  void keep(Order* o) {
    if (o->ord_type != OrdType::LIMIT_ || o->flags) listing(o->instrument_id)->is_special = true;
    open(o);
    watch(o);
    reserve(o);
    if (o->time_in_force == TimeInForce::GTD_)
      timers.insert({o->expire_ts_ns, TimerKind::GOOD_TILL_DATE, o->order_id});
  }
  void watch(Order* o) {
    if (o->ord_type == OrdType::PEGGED_) {
      Listing& l = *listing(o->instrument_id);
      l.is_special = true;
      l.pegs[o->order_id] = o;
    }
    if (o->flags & OrderFlag::REDUCE_ONLY_)
      reduce_only[{o->account_id, o->instrument_id}][o->order_id] = o;
  }
  // Out of its queue or from the waiting stops; it stays indexed as open.
  void withdraw(Order* o) {
    Listing& l = *listing(o->instrument_id);
    if (o->is_resting && o->in_dark_book()) {
      l.dark.remove(o);
    } else if (o->is_resting) {
      l.book.remove(o);
      if (o->is_whole()) l.whole(o->side).erase({o->price, o->order_id});
    } else if (o->is_waiting) {
      l.stops.discard(o);
    }
  }
  void lower(Order* o, int64_t qty) {
    if (o->is_resting && o->in_dark_book())
      listing(o->instrument_id)->dark.lower(o, qty);
    else if (o->is_resting)
      listing(o->instrument_id)->book.reduce(o, qty);
    o->order_qty -= qty;
    o->leaves_qty -= qty;
    o->last_ts_ns = now_ns();
    reserve(o);
  }
  int64_t leave(Order* o, int status) {
    withdraw(o);
    if (o->linked_id) {
      orders.find(o->linked_id)->linked_id = 0;
      o->linked_id = 0;
    }
    if (o->ord_type == OrdType::PEGGED_) listing(o->instrument_id)->pegs.erase(o->order_id);
    if (o->flags & OrderFlag::REDUCE_ONLY_) forget_reduce_only(o);
    o->is_waiting = false;
    o->shown_qty = 0;
    int64_t open_qty = o->leaves_qty;
    o->leaves_qty = 0;
    o->ord_status = static_cast<uint8_t>(status);
    o->last_ts_ns = now_ns();
    reserve(o);
    shut(o);
    if (o->time_in_force == TimeInForce::GTD_)
      timers.erase({o->expire_ts_ns, TimerKind::GOOD_TILL_DATE, o->order_id});
    return open_qty;
  }
  // Makes what is reserved for an order that which it has open now (R8).
  void reserve(Order* o) {
    int64_t qty = o->leaves_qty, price = o->reserved_price();
    if (qty == o->held_qty && (price == o->held_price || !qty)) {
      o->held_price = price;
      return;
    }
    i128 more_qty = static_cast<i128>(qty) - o->held_qty;
    i128 more = static_cast<i128>(qty) * price - static_cast<i128>(o->held_qty) * o->held_price;
    o->held_qty = qty;
    o->held_price = price;
    if (!more_qty && !more) return;
    if (!o->line) o->line = &this->line(o->account_id, o->instrument_id);
    Line& line = *o->line;
    Int256 value = product(more, listing(o->instrument_id)->scale64);
    if (o->is_buy()) {
      line.buy_qty += more_qty;
      line.buy_value += value;
    } else {
      line.sell_qty += more_qty;
      line.sell_value += value;
    }
  }
  void end_session(uint32_t session_id) {
    auto found = sessions.find(session_id);
    for (Order* o = found->second.open_head; o;) {
      Order* next = o->next_session;
      o->prev_session = o->next_session = nullptr;
      o = next;
    }
    sessions.erase(found);
  }

  Line& line(uint32_t account_id, uint32_t instrument_id) {
    AccountEntry& a = *account(account_id);
    if (Line* found = a.find(instrument_id)) return *found;
    auto it = std::lower_bound(a.lines.begin(), a.lines.end(), instrument_id,
                               [](const Line* l, uint32_t id) { return l->instrument_id < id; });
    Line* fresh = line_pool.take();
    fresh->instrument_id = instrument_id;
    a.lines.insert(it, fresh);
    if (a.by_id.size() < instrument_id) a.by_id.resize(listings.size());
    a.by_id[instrument_id - 1] = fresh;
    return *fresh;
  }
  Line& holding(uint32_t account_id, uint32_t instrument_id) {
    Line& l = line(account_id, instrument_id);
    l.has_holding = true;
    return l;
  }
  i128 position(uint32_t account_id, uint32_t instrument_id) const {
    Line* l = account(account_id)->find(instrument_id);
    return l ? l->qty : 0;
  }
  void move_position(uint32_t account_id, Line& line, i128 qty) {
    if (!reduce_only.empty() && reduce_only.contains({account_id, line.instrument_id}))
      moved.insert({account_id, line.instrument_id});
    line.qty += qty;
  }
  Int256 balance(uint32_t account_id, uint32_t currency) {
    for (auto& [id, amount] : purse(account_id).cash)
      if (id == currency) return amount;
    return {};
  }
  void add_cash(uint32_t account_id, uint32_t currency, const Int256& amount) {
    if (amount.zero()) return;
    auto& cash = purse(account_id).cash;
    for (auto& [id, now] : cash)
      if (id == currency) {
        now += amount;
        return;
      }
    cash.push_back({currency, amount});
  }

  void open(Order* o) {
    if (o->is_open) return;
    o->is_open = true;
    ++open_count;
    AccountEntry* a = account(o->account_id);
    o->next_account = a->open_head;
    o->prev_account = nullptr;
    if (a->open_head) a->open_head->prev_account = o;
    a->open_head = o;
    ++a->open_count;
    Listing* l = listing(o->instrument_id);
    o->next_instrument = l->open_head;
    o->prev_instrument = nullptr;
    if (l->open_head) l->open_head->prev_instrument = o;
    l->open_head = o;
    ++l->open_count;
    if (!o->session_id) return;
    SessionEntry* s = session(o->session_id);
    if (!s) return;
    o->next_session = s->open_head;
    o->prev_session = nullptr;
    if (s->open_head) s->open_head->prev_session = o;
    s->open_head = o;
  }
  void shut(Order* o) {
    if (!o->is_open) return;
    o->is_open = false;
    --open_count;
    AccountEntry* a = account(o->account_id);
    (o->prev_account ? o->prev_account->next_account : a->open_head) = o->next_account;
    if (o->next_account) o->next_account->prev_account = o->prev_account;
    --a->open_count;
    Listing* l = listing(o->instrument_id);
    (o->prev_instrument ? o->prev_instrument->next_instrument : l->open_head) = o->next_instrument;
    if (o->next_instrument) o->next_instrument->prev_instrument = o->prev_instrument;
    --l->open_count;
    SessionEntry* s = o->session_id ? session(o->session_id) : nullptr;
    if (!s) return;
    if (o->prev_session)
      o->prev_session->next_session = o->next_session;
    else if (s->open_head == o)
      s->open_head = o->next_session;
    if (o->next_session) o->next_session->prev_session = o->prev_session;
    o->prev_session = o->next_session = nullptr;
  }

  static std::vector<Order*> by_id(std::vector<Order*> found) {
    std::sort(found.begin(), found.end(),
              [](const Order* a, const Order* b) { return a->order_id < b->order_id; });
    return found;
  }
  // Open orders entered over a session, by order_id. A session that has ended may still be named
  // by a kill switch: then all open orders are searched.
  std::vector<Order*> of_session(uint32_t session_id) {
    std::vector<Order*> found;
    if (SessionEntry* s = session(session_id)) {
      for (Order* o = s->open_head; o; o = o->next_session) found.push_back(o);
    } else {
      for (auto& l : listings)
        for (Order* o = l->open_head; o; o = o->next_instrument)
          if (o->session_id == session_id) found.push_back(o);
    }
    return by_id(std::move(found));
  }
  std::vector<Order*> of_instruments(const std::vector<Listing*>& scope) {
    std::vector<Order*> found;
    for (Listing* l : scope)
      for (Order* o = l->open_head; o; o = o->next_instrument) found.push_back(o);
    return by_id(std::move(found));
  }
  // Open orders that pass every filter (0 = any), by order_id.
  std::vector<Order*> select(uint32_t member_id, uint32_t account_id, uint32_t instrument_id,
                             int side) {
    std::vector<Order*> found;
    auto take = [&](Order* o) {
      if ((!member_id || o->member_id == member_id) && (!account_id || o->account_id == account_id) &&
          (!instrument_id || o->instrument_id == instrument_id) && (!side || o->side == side))
        found.push_back(o);
    };
    Listing* l = instrument_id ? listing(instrument_id) : nullptr;
    if (instrument_id && !l) return found;
    if (account_id && !account(account_id)) return found;
    if (member_id && !member(member_id)) return found;
    uint64_t of_member = 0;
    if (member_id)
      for (uint32_t id : member(member_id)->accounts) of_member += account(id)->open_count;
    if (account_id && (!l || account(account_id)->open_count <= l->open_count)) {
      for (Order* o = account(account_id)->open_head; o; o = o->next_account) take(o);
    } else if (member_id && (!l || of_member <= l->open_count)) {
      for (uint32_t id : member(member_id)->accounts)
        for (Order* o = account(id)->open_head; o; o = o->next_account) take(o);
    } else if (l) {
      for (Order* o = l->open_head; o; o = o->next_instrument) take(o);
    } else {
      for (auto& each : listings)
        for (Order* o = each->open_head; o; o = o->next_instrument) take(o);
    }
    return by_id(std::move(found));
  }
  std::vector<Listing*> all_listings() const {
    std::vector<Listing*> all;
    for (auto& l : listings) all.push_back(l.get());
    return all;
  }

  // Forgets what belonged to the day that ends (R10.1).
  void begin_trading_day() {
    ++head.trading_day;
    forget_risk_of_the_day();
    std::vector<Order*> live;
    std::vector<Order*> gone;
    orders.each([&](Order* o) { (o->is_open ? live : gone).push_back(o); });
    auto names_of_live = std::make_unique<Names>();
    orders.clear();
    order_ids.clear();
    remembered_requests.clear();
    for (Order* o : live) {
      add_order(o);
      o->name = names->copy_to(*names_of_live, *o->name);
    }
    names = std::move(names_of_live);
    for (Order* o : gone) {
      if (o->kept) terms_pool.give(o->kept);
      order_pool.give(o);
    }
  }

 private:
  void forget_risk_of_the_day() {
    trades.clear();
    first_trade_id = head.last_trade_id + 1;
    uint32_t day = head.trading_day;
    for (auto& a : accounts) {
      for (Line* l : a->lines) {
        l->opened_qty = 0;
        l->closing_order_id = 0;
      }
      std::erase_if(a->day_trades, [&](auto& item) { return item.first + 5 <= day; });
    }
  }
  void forget_reduce_only(Order* o) {
    auto found = reduce_only.find({o->account_id, o->instrument_id});
    if (found == reduce_only.end()) return;
    found->second.erase(o->order_id);
    if (found->second.empty()) reduce_only.erase(found);
  }
};

}  // namespace lockstep
