// Memory asked for before it is needed: what the commands a little ahead will look up.
//
// Reads only, and decides nothing: a command that is not yet checked may name anything.
#pragma once

#include "state.hpp"

namespace lockstep {

class Lookahead {
 public:
  Lookahead(const State& s, const uint8_t* begin, const uint8_t* end)
      : s_(s), at_(begin), end_(end) {
    for (unsigned i = 0; i < kFirst; ++i) look(i);
    for (unsigned i = 0; i < kSecond; ++i) reach_for_order(hints_[i]);
  }

  // Moves on to the next command, number `no`; the hash of its name, 0 = not known.
  uint32_t next(uint32_t no) {
    look(no + kFirst);
    reach_for_order(hint(no + kSecond));
    reach_around(hint(no + kThird));
    return hint(no).hash;
  }

 private:
  // How many commands ahead: its name and where its order is; its order; what that refers to.
  static constexpr unsigned kFirst = 9, kSecond = 6, kThird = 3, kRing = 16;
  static constexpr size_t kHead = 8;

  struct Hint {
    uint64_t order_id = 0;
    const Order* order = nullptr;
    uint32_t hash = 0;
    uint32_t account_id = 0, instrument_id = 0;  // of a new order
    uint8_t side = 0;
  };
  Hint& hint(unsigned no) { return hints_[no % kRing]; }

  static void lines(const void* at, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      __builtin_prefetch(static_cast<const char*>(at) + 64 * i, 1);
  }
  void look(unsigned no) {
    Hint& h = hint(no) = {};
    if (at_ >= end_) return;
    const uint8_t* record = at_;
    auto length = load<uint16_t>(record);
    at_ += length;
    size_t name_at;
    switch (record[2]) {
      case CommandKind::NEW_ORDER_:
        name_at = kHead + 42;
        break;
      case CommandKind::CANCEL_ORDER_:
        name_at = kHead + 12;
        break;
      case CommandKind::REPLACE_ORDER_:
        name_at = kHead + 28;
        break;
      default:
        return;
    }
    if (length <= name_at || length < name_at + 1 + record[name_at]) return;
    auto* name = reinterpret_cast<const char*>(record + name_at + 1);
    h.hash = NameKey(load<uint32_t>(record + kHead), {name, record[name_at]}).hash;
    s_.names->prefetch(h.hash);
    if (record[2] != CommandKind::NEW_ORDER_) {
      h.order_id = load<uint64_t>(record + kHead + 4);
      s_.orders.prefetch(h.order_id);
      return;
    }
    h.account_id = load<uint32_t>(record + kHead + 4);
    h.instrument_id = load<uint32_t>(record + kHead + 8);
    h.side = record[kHead + 12];
    if (const Listing* l = s_.listing(h.instrument_id)) lines(l, kListingLines);
  }
  void reach_for_order(Hint& h) {
    if (h.order_id) {
      h.order = s_.orders.find(h.order_id);
      if (h.order) lines(h.order, sizeof(Order) / 64);
    } else if (const Listing* l = s_.listing(h.instrument_id)) {
      for (const BookSide* side : {&l->book.bids, &l->book.asks})
        if (!side->rungs.empty()) lines(&side->rungs.back(), 1);
    }
  }
  void reach_around(Hint& h) const {
    if (const Order* o = h.order) {
      lines(o->name, 2);
      lines(o->level, 1);
      for (const Order* near : {o->prev, o->next, o->prev_account, o->next_account,
                                o->prev_instrument, o->next_instrument})
        if (near) lines(reinterpret_cast<const char*>(near) + 128, 1);
      lines(reinterpret_cast<const char*>(o->line) + (o->is_buy() ? 0 : 64), 1);
      if (const Listing* l = s_.listing(o->instrument_id)) lines(l, kListingLines);
    } else if (const Listing* l = s_.listing(h.instrument_id)) {
      for (const BookSide* side : {&l->book.bids, &l->book.asks})
        if (!side->rungs.empty()) lines(side->rungs.back().level, 1);
      if (const AccountEntry* a = s_.account(h.account_id))
        if (const Line* line = a->find(h.instrument_id))
          lines(reinterpret_cast<const char*>(line) + (h.side == Side::BUY_ ? 0 : 64), 1);
    }
  }
  static constexpr unsigned kListingLines = 8;

  const State& s_;
  const uint8_t *at_, *end_;
  Hint hints_[kRing];
};

}  // namespace lockstep
