// The newest value of each price level that changed: a flat table, emptied as a whole.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "records.gen.hpp"

namespace lockstep {

struct NotedLevel {
  LevelChanged newest;
  uint64_t ts_ns = 0;
  uint64_t seq = 0;
  bool repeated = false;
};

class LevelTable {
 public:
  size_t size() const { return levels_.size(); }

  void put(const LevelChanged& e, uint64_t ts_ns, uint64_t seq) {
    if ((levels_.size() + 1) * 2 > slots_.size()) grow();
    size_t at = hash(e) & (slots_.size() - 1);
    for (; slots_[at] != kFree; at = (at + 1) & (slots_.size() - 1)) {
      NotedLevel& level = levels_[slots_[at]];
      if (!same(level.newest, e)) continue;
      level = {e, ts_ns, seq, true};
      return;
    }
    slots_[at] = static_cast<uint32_t>(levels_.size());
    levels_.push_back({e, ts_ns, seq, false});
  }
  // By seq; the table is empty afterwards and keeps its room.
  template <class Visit>
  void take(Visit&& visit) {
    std::sort(levels_.begin(), levels_.end(),
              [](const NotedLevel& a, const NotedLevel& b) { return a.seq < b.seq; });
    for (const NotedLevel& level : levels_)
      if (!visit(level)) break;
    levels_.clear();
    std::fill(slots_.begin(), slots_.end(), kFree);
  }

 private:
  static constexpr uint32_t kFree = ~0u;

  static bool same(const LevelChanged& a, const LevelChanged& b) {
    return a.price == b.price && a.instrument_id == b.instrument_id && a.side == b.side;
  }
  static size_t hash(const LevelChanged& e) {
    uint64_t mixed = (static_cast<uint64_t>(e.price) * 2 + e.side) * 0x9E3779B97F4A7C15ull;
    mixed ^= e.instrument_id * 0xC2B2AE3D27D4EB4Full;
    return static_cast<size_t>(mixed ^ mixed >> 29);
  }
  void grow() {
    slots_.assign(std::max<size_t>(slots_.size() * 2, 1024), kFree);
    for (size_t i = 0; i < levels_.size(); ++i) {
      size_t at = hash(levels_[i].newest) & (slots_.size() - 1);
      while (slots_[at] != kFree) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = static_cast<uint32_t>(i);
    }
  }

  std::vector<NotedLevel> levels_;
  std::vector<uint32_t> slots_;
};

}  // namespace lockstep
