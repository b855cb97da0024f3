// The order book of one instrument: price levels, a FIFO queue in each, what is displayed.
//
// A level has two queues in time priority: what is displayed, and behind it what is dark (R4.1).
// Orders without a price have a queue in front of all levels; AT_THE_CLOSE orders are parked beside
// the book until the closing call. While a command runs the book notes each level that it touches
// with what it displayed before; `changes` tells the difference when the command is done (R11.1).
#pragma once

#include <algorithm>
#include <utility>

#include "order.hpp"

namespace lockstep {

// The first cache line has all that a displayed order changes.
struct alignas(64) Level {
  int64_t price = 0;
  int64_t qty = 0;         // what is displayed
  i128 auction_qty = 0;    // what takes part in an uncross
  Queue queue;
  uint32_t anchors = 0;    // displayed orders that are no pegs
  uint32_t stamp = 0;      // its own for as long as it stands in the book, 0 = it does not
  Queue dark;
  uint32_t wholes = 0;     // all-or-none orders

  bool empty() const { return !queue.head && !dark.head; }
};

// All levels of one side, best last: `key` rises towards the better price.
struct BookSide {
  struct Rung {
    int64_t key;
    Level* level;
  };
  int side = 0;
  std::vector<Rung> rungs;
  uint32_t undisplayed = 0;  // levels that display nothing
  uint32_t unanchored = 0;   // levels without a displayed order that is no peg
  Queue market;
  i128 market_qty = 0;

  int64_t key(int64_t price) const { return side == Side::BUY_ ? price : -price; }
  size_t place(int64_t k) const {
    size_t n = rungs.size();
    for (size_t i = 0; i < 8 && i < n; ++i)
      if (rungs[n - 1 - i].key < k) return n - i;
    size_t low = 0, high = n > 8 ? n - 8 : 0;
    while (low < high) {
      size_t mid = (low + high) / 2;
      if (rungs[mid].key < k)
        low = mid + 1;
      else
        high = mid;
    }
    return low;
  }
  Level* find(int64_t price) const {
    int64_t k = key(price);
    size_t i = place(k);
    return i < rungs.size() && rungs[i].key == k ? rungs[i].level : nullptr;
  }
  // The best level that displays anything.
  const Level* best() const {
    if (undisplayed == rungs.size()) return nullptr;
    size_t i = rungs.size() - 1;
    while (!rungs[i].level->queue.head) --i;
    return rungs[i].level;
  }
  int64_t best_price() const {
    const Level* l = best();
    return l ? l->price : 0;
  }
  int64_t best_anchor() const {
    if (unanchored == rungs.size()) return 0;
    for (size_t i = rungs.size(); i-- > 0;)
      if (rungs[i].level->anchors) return rungs[i].level->price;
    return 0;
  }
  // Best price, displayed or hidden, of an order that is not all-or-none; 0 if none.
  int64_t best_open_price() const {
    for (size_t i = rungs.size(); i-- > 0;) {
      Level* l = rungs[i].level;
      if (l->queue.head || l->dark.count > l->wholes) return l->price;
    }
    return 0;
  }
  // Whom an incoming order with these leaves meets first (R4.1, R4.8), at whatever price.
  Order* next_resting(int64_t leaves) const {
    for (size_t i = rungs.size(); i-- > 0;) {
      Level* l = rungs[i].level;
      if (l->queue.head) return l->queue.head;
      for (Order* o = l->dark.head; o; o = o->next)
        if (o->leaves_qty <= leaves || !o->is_whole()) return o;
    }
    return nullptr;
  }
};

struct Bbo {
  int64_t bid = 0, bid_qty = 0, ask = 0, ask_qty = 0;
  bool operator==(const Bbo&) const = default;
};

class Book {
 public:
  BookSide bids, asks;
  Queue parked;
  bool is_dirty = false;

  explicit Book(uint32_t instrument_id, Pool<Level>& levels, std::vector<uint32_t>& dirty)
      : id_(instrument_id), levels_(levels), dirty_(dirty) {
    bids.side = Side::BUY_;
    asks.side = Side::SELL_;
  }
  BookSide& side(int s) { return s == Side::BUY_ ? bids : asks; }
  BookSide& opposite(int s) { return s == Side::BUY_ ? asks : bids; }

  void add(Order* o) {
    if (int64_t display = o->display_qty()) o->shown_qty = std::min(display, o->leaves_qty);
    put(o);
  }
  void put(Order* o) {
    BookSide& s = side(o->side);
    o->is_resting = true;
    if (!o->price) {
      mark();
      s.market.push(o);
      s.market_qty += o->leaves_qty;
      return;
    }
    int64_t k = s.key(o->price);
    size_t at = s.place(k);
    Level* l = at < s.rungs.size() && s.rungs[at].key == k ? s.rungs[at].level : nullptr;
    touch(s, o->price, l);
    if (!l) {
      l = levels_.take();
      l->price = o->price;
      l->stamp = touched_.back().stamp = next_stamp();
      touched_.back().level = l;
      s.rungs.insert(s.rungs.begin() + static_cast<ptrdiff_t>(at), {k, l});
      ++s.undisplayed;
      ++s.unanchored;
    }
    o->level = l;
    if (o->is_auctioned()) l->auction_qty += o->leaves_qty;
    if (o->is_dark()) {
      l->dark.push(o);
      l->wholes += o->is_whole();
      return;
    }
    if (!l->queue.head) --s.undisplayed;
    l->queue.push(o);
    l->qty += o->meets_qty();
    if (o->ord_type != OrdType::PEGGED_ && !l->anchors++) --s.unanchored;
  }
  void park(Order* o) {
    parked.push(o);
    o->is_resting = o->is_parked = true;
  }
  void remove(Order* o) {
    o->is_resting = false;
    if (o->is_parked) {
      o->is_parked = false;
      parked.remove(o);
      return;
    }
    BookSide& s = side(o->side);
    if (!o->price) {
      mark();
      s.market.remove(o);
      s.market_qty -= o->leaves_qty;
      return;
    }
    Level* l = o->level;
    touch(s, l->price, l);
    o->level = nullptr;
    if (o->is_auctioned()) l->auction_qty -= o->leaves_qty;
    if (o->is_dark()) {
      l->dark.remove(o);
      l->wholes -= o->is_whole();
    } else {
      l->queue.remove(o);
      l->qty -= o->meets_qty();
      if (o->ord_type != OrdType::PEGGED_ && !--l->anchors) ++s.unanchored;
      if (!l->queue.head) {
        if (l->qty)
          throw Invariant("level_qty_is_what_it_shows order_id=" + std::to_string(o->order_id));
        ++s.undisplayed;
      }
    }
    if (l->empty()) {
      s.rungs.erase(s.rungs.begin() + static_cast<ptrdiff_t>(s.place(s.key(l->price))));
      --s.undisplayed;
      --s.unanchored;
      l->stamp = 0;
      levels_.give(l);
    }
  }
  // Display what an execution leaves; the caller fills the order. An iceberg trades its tranche
  // first and shows the next one at the back of the queue (R4.5).
  void execute(Order* o, int64_t qty) {
    Level* l = lower(o, qty);
    if (!l || o->is_dark()) return;
    int64_t display = o->display_qty();
    if (!display) {
      l->qty -= qty;
      return;
    }
    l->qty -= o->shown_qty;
    o->shown_qty = std::max<int64_t>(o->shown_qty - qty, 0);
    if (!o->shown_qty && o->leaves_qty > qty) {
      o->shown_qty = std::min(display, o->leaves_qty - qty);
      l->queue.remove(o);
      l->queue.push(o);
    }
    l->qty += o->shown_qty;
  }
  // Show a resting order with `qty` less; an iceberg gives from what it does not show first.
  void reduce(Order* o, int64_t qty) {
    Level* l = lower(o, qty);
    if (!l || o->is_dark()) return;
    if (o->display_qty()) {
      int64_t less = std::max<int64_t>(o->shown_qty - (o->leaves_qty - qty), 0);
      o->shown_qty -= less;
      l->qty -= less;
    } else {
      l->qty -= qty;
    }
  }
  static bool is_crossed(const Bbo& b) { return b.bid && b.ask && b.bid >= b.ask; }
  bool has_market_orders() const { return bids.market.head || asks.market.head; }
  Bbo bbo() const {
    const Level *bid = bids.best(), *ask = asks.best();
    Bbo b;
    if (bid) b.bid = bid->price, b.bid_qty = bid->qty;
    if (ask) b.ask = ask->price, b.ask_qty = ask->qty;
    return b;
  }
  // Hands over what the command changed in the display: levels; says whether the BBO, which is
  // `now`, is another.
  template <class OnLevel>
  bool changes(OnLevel&& on_level, Bbo& now) {
    now = shown_;
    if (touched_.empty()) return false;
    auto before = [](const Touched& a, const Touched& b) {
      if (a.side != b.side) return a.side < b.side;
      return a.side == Side::BUY_ ? a.price > b.price : a.price < b.price;
    };
    if (touched_.size() > 16) {
      std::stable_sort(touched_.begin(), touched_.end(), before);
    } else {
      for (size_t i = 1; i < touched_.size(); ++i)
        for (size_t j = i; j && before(touched_[j], touched_[j - 1]); --j)
          std::swap(touched_[j], touched_[j - 1]);
    }
    for (size_t i = 0; i < touched_.size(); ++i) {
      const Touched& t = touched_[i];
      if (i && t.side == touched_[i - 1].side && t.price == touched_[i - 1].price) continue;
      const Level* l = t.level && t.level->stamp == t.stamp ? t.level : side(t.side).find(t.price);
      int64_t qty = l ? l->qty : 0;
      uint32_t count = l ? l->queue.count : 0;
      if (qty != t.qty || count != t.count)
        on_level(LevelChanged{id_, static_cast<uint8_t>(t.side), t.price, qty, count});
    }
    follow_best(now);
    touched_.clear();
    return std::exchange(shown_, now) != now;
  }

 private:
  struct Touched {
    int side;
    int64_t price, qty;
    uint32_t count;
    const Level* level;
    uint32_t stamp;
  };
  void mark() {
    if (!is_dirty) {
      is_dirty = true;
      dirty_.push_back(id_);
    }
  }
  void touch(BookSide& s, int64_t price, Level* l) {
    if (touched_.empty()) {
      mark();
    } else if (touched_.back().price == price && touched_.back().side == s.side) {
      return;
    }
    touched_.push_back(l ? Touched{s.side, price, l->qty, l->queue.count, l, l->stamp}
                         : Touched{s.side, price, 0, 0, nullptr, 0});
  }
  // Brings a BBO up to date with what was touched: a level behind the best changes none.
  void follow_best(Bbo& b) const {
    bool bid = false, ask = false;
    for (const Touched& t : touched_) {
      if (t.side == Side::BUY_)
        bid |= t.price >= b.bid;
      else
        ask |= !b.ask || t.price <= b.ask;
    }
    if (bid) {
      const Level* l = bids.best();
      b.bid = l ? l->price : 0;
      b.bid_qty = l ? l->qty : 0;
    }
    if (ask) {
      const Level* l = asks.best();
      b.ask = l ? l->price : 0;
      b.ask_qty = l ? l->qty : 0;
    }
  }
  uint32_t next_stamp() {
    if (!++last_stamp_) ++last_stamp_;
    return last_stamp_;
  }
  // Takes `qty` of an order out of the sums; its level, none where it has no price.
  Level* lower(Order* o, int64_t qty) {
    if (o->is_parked) return nullptr;
    BookSide& s = side(o->side);
    if (!o->price) {
      mark();
      s.market_qty -= qty;
      return nullptr;
    }
    touch(s, o->price, o->level);
    if (o->is_auctioned()) o->level->auction_qty -= qty;
    return o->level;
  }

  uint32_t id_;
  Pool<Level>& levels_;
  std::vector<uint32_t>& dirty_;
  std::vector<Touched> touched_;
  uint32_t last_stamp_ = 0;
  Bbo shown_;  // after the last command
};

}  // namespace lockstep
