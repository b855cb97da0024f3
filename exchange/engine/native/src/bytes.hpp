// Reading and writing the byte layouts of the model: little-endian, unaligned, strict.
#pragma once

#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "wide.hpp"

namespace lockstep {

constexpr int kListMax = 3000;

// A growing buffer. `room` must be asked for before writing; a record never exceeds kRecordMax.
class Out {
 public:
  static constexpr size_t kRecordMax = 1 << 16;

  Out() = default;
  // In memory of somebody else, where it cannot grow.
  Out(uint8_t* memory, size_t size)
      : begin_(memory), at_(memory), end_(memory + size), is_ours_(false) {}
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  ~Out() {
    if (is_ours_) std::free(begin_);
  }

  void clear() { at_ = begin_; }
  // Empty, and without the memory that it grew to.
  void free() {
    if (is_ours_) std::free(begin_);
    begin_ = at_ = end_ = nullptr;
    is_ours_ = true;
  }
  void room(size_t n) {
    if (static_cast<size_t>(end_ - at_) < n) grow(n);
  }
  size_t size() const { return static_cast<size_t>(at_ - begin_); }
  uint8_t* data() { return begin_; }
  const uint8_t* data() const { return begin_; }
  uint8_t* at() { return at_; }
  void skip(size_t n) { at_ += n; }

  void to(uint8_t* at) { at_ = at; }

  void u64(uint64_t v) { raw(&v, 8); }
  void raw(const void* from, size_t n) {
    if (n) std::memcpy(at_, from, n);
    at_ += n;
  }

 private:
  void grow(size_t n) {
    if (!is_ours_) throw std::bad_alloc();
    size_t used = size();
    size_t want = (used + n) * 2;
    auto* fresh = static_cast<uint8_t*>(std::realloc(begin_, want));
    if (!fresh) throw std::bad_alloc();
    begin_ = fresh;
    at_ = fresh + used;
    end_ = fresh + want;
  }

  uint8_t* begin_ = nullptr;
  uint8_t* at_ = nullptr;
  uint8_t* end_ = nullptr;
  bool is_ours_ = true;
};

// Writes where there is room. A local of the writer, so that its place stays in a register: bytes
// that are written may alias anything else.
struct Pen {
  uint8_t* at;

  void u8(uint8_t v) { *at++ = v; }
  void u16(uint16_t v) { raw(&v, 2); }
  void u32(uint32_t v) { raw(&v, 4); }
  void u64(uint64_t v) { raw(&v, 8); }
  void i64(int64_t v) { raw(&v, 8); }
  void u128(lockstep::u128 v) { raw(&v, 16); }
  void i256(const Int256& v) { raw(v.w, 32); }
  // At most 255 bytes.
  void str(std::string_view v) {
    *at++ = static_cast<uint8_t>(v.size());
    const char* from = v.data();
    size_t n = v.size();
    uint8_t* to = at;
    at += n;
    for (; n >= 8; n -= 8, from += 8, to += 8) std::memcpy(to, from, 8);
    if (n & 4) {
      std::memcpy(to, from, 4);
      from += 4, to += 4;
    }
    if (n & 2) {
      std::memcpy(to, from, 2);
      from += 2, to += 2;
    }
    if (n & 1) *to = static_cast<uint8_t>(*from);
  }
  void raw(const void* from, size_t n) {
    std::memcpy(at, from, n);
    at += n;
  }
};

// Writes a record where `out` has room for it.
template <class Record>
inline void put(Out& out, const Record& r) {
  Pen pen{out.at()};
  put(pen, r);
  out.to(pen.at);
}

template <class T>
inline T load(const uint8_t* at) {
  T v;
  std::memcpy(&v, at, sizeof v);
  return v;
}
template <>
inline Int256 load<Int256>(const uint8_t* at) {
  Int256 v;
  std::memcpy(v.w, at, sizeof v.w);
  return v;
}

// Whether all bytes are printable ASCII: 0x20 to 0x7e.
inline bool is_printable(const char* p, size_t n) {
  constexpr uint64_t ones = 0x0101010101010101ull, tops = ones << 7;
  auto odd = [](uint64_t w) { return ((w - 0x20 * ones) | (w + ones) | w) & tops; };
  uint64_t w;
  if (n >= 8) {
    std::memcpy(&w, p + n - 8, 8);
    uint64_t found = odd(w);
    for (size_t at = 0; at + 8 < n; at += 8) {
      std::memcpy(&w, p + at, 8);
      found |= odd(w);
    }
    return !found;
  }
  if (n >= 4) {
    uint32_t first, last;
    std::memcpy(&first, p, 4);
    std::memcpy(&last, p + n - 4, 4);
    return !odd(first | static_cast<uint64_t>(last) << 32);
  }
  w = 0x20 * ones;
  for (size_t i = 0; i < n; ++i) w = (w << 8) | static_cast<unsigned char>(p[i]);
  return !odd(w);
}

// A strict reader; what is wrong stands in `error`, in the words of the Python codec.
class In {
 public:
  In(const uint8_t* at, const uint8_t* end) : at_(at), end_(end) {}

  std::string error;

  const uint8_t* at() const { return at_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  bool need(size_t n, const char* record) {
    if (left() >= n) [[likely]] return true;
    return fail(std::string(record) + ": " + std::to_string(left()) + " bytes are too few");
  }
  bool at_end(const char* record) {
    if (at_ == end_) [[likely]] return true;
    return fail(std::string(record) + ": " + std::to_string(left()) + " bytes left over");
  }
  bool unknown_command(int kind, int version) {
    error = "unknown command kind " + std::to_string(kind) + " version " + std::to_string(version);
    return false;
  }
  int count(const char* record) {
    if (left() < 2) {
      error = std::string("list of ") + record + ": missing";
      return -1;
    }
    int n = u16();
    if (n <= kListMax) return n;
    error = "list of " + std::to_string(n) + " records, at most " + std::to_string(kListMax) +
            " fit";
    return -1;
  }
  bool str(std::string_view& to, size_t longest, bool ascii_only, const char* field) {
    if (at_ < end_) [[likely]] {
      size_t n = *at_;
      auto* text = reinterpret_cast<const char*>(at_ + 1);
      if (n < left() && n <= longest && is_printable(text, n)) [[likely]] {
        to = {text, n};
        at_ += n + 1;
        return true;
      }
    }
    return odd_str(to, longest, ascii_only, field);
  }

  uint16_t u16() { return take<uint16_t>(); }
  uint64_t u64() { return take<uint64_t>(); }
  void skip(size_t n) { at_ += n; }

 private:
  template <class T>
  T take() {
    T v = load<T>(at_);
    at_ += sizeof v;
    return v;
  }
  [[gnu::cold, gnu::noinline]] bool fail(std::string why) {
    error = std::move(why);
    return false;
  }
  [[gnu::cold, gnu::noinline]] bool odd_str(std::string_view& to, size_t longest, bool ascii_only,
                                            const char* field) {
    if (at_ >= end_) return fail(std::string(field) + ": missing");
    size_t n = *at_;
    if (left() < n + 1 || n > longest)
      return fail(std::string(field) + ": a length of " + std::to_string(n) +
                  " bytes does not fit");
    to = {reinterpret_cast<const char*>(at_ + 1), n};
    at_ += n + 1;
    if (!is_utf8(to)) return fail(std::string(field) + ": not UTF-8");
    return !ascii_only || fail(std::string(field) + ": not printable ASCII");
  }
  static bool is_utf8(std::string_view text) {
    auto* p = reinterpret_cast<const unsigned char*>(text.data());
    auto* end = p + text.size();
    while (p < end) {
      unsigned char c = *p;
      int more = c < 0x80 ? 0 : c >= 0xc2 && c <= 0xdf ? 1 : (c & 0xf0) == 0xe0 ? 2
                 : c >= 0xf0 && c <= 0xf4               ? 3
                                                        : -1;
      if (more < 0 || end - p <= more) return false;
      for (int i = 1; i <= more; ++i)
        if ((p[i] & 0xc0) != 0x80) return false;
      if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) ||
          (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
        return false;
      p += more + 1;
    }
    return true;
  }

  const uint8_t* at_;
  const uint8_t* end_;
};

}  // namespace lockstep
