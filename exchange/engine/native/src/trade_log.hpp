// The trades of the day by a gapless id, in slabs: stable addresses, one allocation for thousands.
//
// A trade stays in its place until the day ends. A blank record is all zeros, which is what fresh
// pages hold: nothing is written to make one, and `clear` gives the pages back.
#pragma once

#include <sys/mman.h>

#include <new>
#include <type_traits>
#include <vector>

#include "records.gen.hpp"

namespace lockstep {

class TradeLog {
 public:
  TradeLog() = default;
  TradeLog(const TradeLog&) = delete;
  TradeLog& operator=(const TradeLog&) = delete;
  ~TradeLog() { clear(); }

  bool empty() const { return !size_; }
  size_t size() const { return size_; }
  TradeRecord& operator[](size_t at) const { return slabs_[at / kSlab][at % kSlab]; }
  // A blank record, after all others.
  TradeRecord& add() {
    size_t slab = size_ / kSlab, place = size_ % kSlab;
    if (slab == slabs_.size()) grow();
    ++size_;
    return slabs_[slab][place];
  }
  void clear() {
    for (TradeRecord* slab : slabs_) munmap(slab, kBytes);
    slabs_.clear();
    size_ = 0;
  }

  template <class F>
  void each(F&& f) const {
    for (size_t at = 0; at < size_; ++at) f((*this)[at]);
  }

 private:
  static_assert(std::is_trivially_copyable_v<TradeRecord>);
  static constexpr size_t kBytes = 2 << 20;
  static constexpr size_t kSlab = 1 << 13;
  static_assert(kSlab * sizeof(TradeRecord) <= kBytes);

  void grow() {
    slabs_.reserve(slabs_.size() + 1);
    void* slab = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slab == MAP_FAILED) throw std::bad_alloc();
    madvise(slab, kBytes, MADV_HUGEPAGE);  // a wish: it holds without
    slabs_.push_back(static_cast<TradeRecord*>(slab));
  }

  std::vector<TradeRecord*> slabs_;
  size_t size_ = 0;
};

}  // namespace lockstep
