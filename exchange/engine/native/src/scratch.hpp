// Memory that comes from the kernel and not from malloc: a child process that was forked off a
// process with threads must not wait for a lock that one of them held.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <vector>

namespace lockstep {

template <class T>
struct PageAllocator {
  using value_type = T;

  PageAllocator() = default;
  template <class U>
  PageAllocator(const PageAllocator<U>&) {}

  T* allocate(size_t n) {
    void* at = mmap(nullptr, n * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                    0);
    if (at == MAP_FAILED) throw std::bad_alloc();
    return static_cast<T*>(at);
  }
  void deallocate(T* at, size_t n) { munmap(at, n * sizeof(T)); }
  bool operator==(const PageAllocator&) const { return true; }
};

// For what is big, or made once: each growth is a system call.
template <class T>
using Scratch = std::vector<T, PageAllocator<T>>;

}  // namespace lockstep
