// The events of one entry, encoded in emission order.
//
// A chapter emits its events as they happen; phase changes are held back, and `finish` closes each
// command with LevelChanged, BboChanged and then PhaseChanged (R11.1).
#pragma once

#include "state.hpp"

namespace lockstep {

constexpr bool is_call(int phase) {
  return phase == Phase::OPENING_AUCTION_ || phase == Phase::CLOSING_AUCTION_ ||
         phase == Phase::VOLATILITY_AUCTION_;
}

class Emitter {
 public:
  uint32_t command_no = 0;
  uint32_t count = 0;

  Emitter(State& state, Out& out) : state_(state), out_(out) {}

  template <class Event>
  void emit(const Event& event) {
    out_.room(2048);
    uint8_t* start = out_.at();
    Pen pen{start + 2};
    pen.u8(kind_of(static_cast<const Event*>(nullptr)));
    pen.u8(1);
    pen.u32(command_no);
    put(pen, event);
    auto length = static_cast<uint16_t>(pen.at - start);
    std::memcpy(start, &length, 2);
    out_.to(pen.at);
    ++count;
  }
  void emit_last(const PhaseChanged& e) {
    held_.push_back({false, e, {}, std::string(e.operator_), std::string(e.reason)});
  }
  void emit_last(const EmergencyClosed& e) {
    held_.push_back({true, {}, e, std::string(e.operator_), std::string(e.reason)});
  }
  std::set<uint32_t> moved_instruments() const {
    std::set<uint32_t> ids;
    for (auto& h : held_)
      if (!h.is_emergency) ids.insert(h.phase.instrument_id);
    return ids;
  }
  bool holds_any() const { return !held_.empty(); }

  void finish() {
    auto& dirty = state_.dirty;
    if (dirty.size() == 1) {
      Listing& l = *state_.listing(dirty[0]);
      Bbo now;
      if (levels_of(l, now)) emit(BboChanged{l.id(), now.bid, now.bid_qty, now.ask, now.ask_qty});
      dirty.clear();
    } else if (!dirty.empty()) {
      std::sort(dirty.begin(), dirty.end());
      bbos_.clear();
      for (uint32_t id : dirty) {
        Listing& l = *state_.listing(id);
        Bbo now;
        if (levels_of(l, now)) bbos_.push_back({id, now.bid, now.bid_qty, now.ask, now.ask_qty});
      }
      for (auto& bbo : bbos_) emit(bbo);
      dirty.clear();
    }
    for (auto& h : held_) {
      if (h.is_emergency) {
        h.emergency.operator_ = h.operator_;
        h.emergency.reason = h.reason;
        emit(h.emergency);
      } else {
        h.phase.operator_ = h.operator_;
        h.phase.reason = h.reason;
        emit(h.phase);
      }
    }
    held_.clear();
  }

 private:
  // Emits what a book's levels display now; says whether its BBO is another.
  bool levels_of(Listing& l, Bbo& now) {
    bool moved = l.book.changes([this](const LevelChanged& c) { emit(c); }, now);
    l.book.is_dirty = false;
    if (is_call(l.phase)) state_.calls_touched.insert(l.id());
    if (l.phase == Phase::CONTINUOUS_ && (Book::is_crossed(now) || l.book.has_market_orders()))
      throw Invariant("book_not_crossed instrument_id=" + std::to_string(l.id()));
    return moved;
  }

  struct Held {
    bool is_emergency;
    PhaseChanged phase;
    EmergencyClosed emergency;
    std::string operator_, reason;
  };
  State& state_;
  Out& out_;
  std::vector<Held> held_;
  std::vector<BboChanged> bbos_;
};

}  // namespace lockstep
