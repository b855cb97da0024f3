// Objects in slabs: stable addresses, no allocation each, few pages for the processor to know.
#pragma once

#include <bit>
#include <utility>
#include <vector>

#include "pages.hpp"

namespace lockstep {

template <class T>
class Pool {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    for (T* slab : slabs_) give_pages(slab, kBytes);
  }

  T* take() {
    if (!free_.empty()) {
      T* again = free_.back();
      free_.pop_back();
      return new (again) T();
    }
    if (used_ == slabs_.size() * kSlab) grow();
    return new (at(used_++)) T();
  }
  void give(T* t) { free_.push_back(t); }
  // Where nothing is given back, the n-th that was taken, from 0.
  T* at(uint32_t n) const { return slabs_[n / kSlab] + n % kSlab; }
  uint32_t size() const { return used_; }

 private:
  static constexpr uint32_t kSlab = std::bit_floor(4 * kHugePage / sizeof(T));
  static constexpr size_t kBytes = (kSlab * sizeof(T) + kHugePage - 1) / kHugePage * kHugePage;

  void grow() {
    if (used_ > UINT32_MAX - kSlab) throw std::bad_alloc();
    slabs_.reserve(slabs_.size() + 1);
    slabs_.push_back(static_cast<T*>(take_pages(kBytes)));
  }

  std::vector<T*> slabs_;
  std::vector<T*> free_;
  uint32_t used_ = 0;
};

}  // namespace lockstep
