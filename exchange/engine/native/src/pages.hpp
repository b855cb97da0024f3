// Zeroed memory from the system, in huge pages where it grants them: with small ones the processor
// spends more time on finding a page than on reading it.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace lockstep {

inline constexpr size_t kHugePage = 2 << 20;

// `size` is a multiple of kHugePage.
inline void* take_pages(size_t size) {
  void* found = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (found == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<uint8_t*>(found);
  size_t before = (kHugePage - reinterpret_cast<uintptr_t>(begin) % kHugePage) % kHugePage;
  if (before) munmap(begin, before);
  if (before < kHugePage) munmap(begin + before + size, kHugePage - before);
  madvise(begin + before, size, MADV_HUGEPAGE);  // a wish: it holds without
  return begin + before;
}
inline void give_pages(void* at, size_t size) {
  if (at) munmap(at, size);
}

// A fixed number of plain objects, all bytes zero.
template <class T>
class ZeroedArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  explicit ZeroedArray(size_t size)
      : at_(static_cast<T*>(is_small(size) ? std::calloc(size, sizeof(T))
                                           : take_pages(bytes(size)))),
        size_(size) {
    if (!at_) throw std::bad_alloc();
  }
  ZeroedArray(const ZeroedArray&) = delete;
  ZeroedArray& operator=(const ZeroedArray&) = delete;
  ~ZeroedArray() {
    if (is_small(size_))
      std::free(at_);
    else
      give_pages(at_, bytes(size_));
  }

  T& operator[](size_t i) { return at_[i]; }
  const T& operator[](size_t i) const { return at_[i]; }
  size_t size() const { return size_; }
  T* begin() { return at_; }
  T* end() { return at_ + size_; }
  const T* begin() const { return at_; }
  const T* end() const { return at_ + size_; }
  void swap(ZeroedArray& other) {
    std::swap(at_, other.at_);
    std::swap(size_, other.size_);
  }

 private:
  static bool is_small(size_t size) { return size * sizeof(T) < kHugePage; }
  static size_t bytes(size_t size) {
    return (size * sizeof(T) + kHugePage - 1) / kHugePage * kHugePage;
  }
  T* at_;
  size_t size_;
};

}  // namespace lockstep
