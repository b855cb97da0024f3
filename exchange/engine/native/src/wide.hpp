// Wide integers: money needs more than 128 bits, and never wraps.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lockstep {

__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;
using Carry = unsigned char;

#if defined(__x86_64__)
// One word of a sum or difference: the carry stays in the processor's flag from word to word.
inline Carry add_word(Carry carry, uint64_t& to, uint64_t word) {
  unsigned long long sum;
  carry = _addcarry_u64(carry, to, word, &sum);
  to = sum;
  return carry;
}
inline Carry take_word(Carry borrow, uint64_t& from, uint64_t word) {
  unsigned long long rest;
  borrow = _subborrow_u64(borrow, from, word, &rest);
  from = rest;
  return borrow;
}
#else
inline Carry add_word(Carry carry, uint64_t& to, uint64_t word) {
  u128 sum = static_cast<u128>(to) + word + carry;
  to = static_cast<uint64_t>(sum);
  return static_cast<Carry>(sum >> 64);
}
inline Carry take_word(Carry borrow, uint64_t& from, uint64_t word) {
  u128 rest = static_cast<u128>(from) - word - borrow;
  from = static_cast<uint64_t>(rest);
  return static_cast<Carry>(rest >> 64 != 0);
}
#endif

// A signed 256-bit integer in two's complement, least significant word first.
struct Int256 {
  uint64_t w[4] = {0, 0, 0, 0};

  constexpr Int256() = default;
  constexpr Int256(int v) : Int256(static_cast<i128>(v)) {}
  constexpr Int256(int64_t v) : Int256(static_cast<i128>(v)) {}
  constexpr Int256(uint64_t v) : w{v, 0, 0, 0} {}
  constexpr Int256(i128 v) {
    w[0] = static_cast<uint64_t>(v);
    w[1] = static_cast<uint64_t>(v >> 64);
    w[2] = w[3] = v < 0 ? ~0ull : 0;
  }
  constexpr Int256(u128 v) : w{static_cast<uint64_t>(v), static_cast<uint64_t>(v >> 64), 0, 0} {}

  constexpr bool negative() const { return w[3] >> 63; }
  constexpr bool zero() const { return !(w[0] | w[1] | w[2] | w[3]); }
  constexpr explicit operator bool() const { return !zero(); }

  constexpr bool operator==(const Int256&) const = default;
  constexpr std::strong_ordering operator<=>(const Int256& o) const {
    if (negative() != o.negative())
      return negative() ? std::strong_ordering::less : std::strong_ordering::greater;
    for (int i = 3; i >= 0; --i)
      if (w[i] != o.w[i])
        return w[i] < o.w[i] ? std::strong_ordering::less : std::strong_ordering::greater;
    return std::strong_ordering::equal;
  }

  Int256& operator+=(const Int256& o) {
    Carry carry = add_word(0, w[0], o.w[0]);
    carry = add_word(carry, w[1], o.w[1]);
    carry = add_word(carry, w[2], o.w[2]);
    add_word(carry, w[3], o.w[3]);
    return *this;
  }
  Int256& operator-=(const Int256& o) {
    Carry borrow = take_word(0, w[0], o.w[0]);
    borrow = take_word(borrow, w[1], o.w[1]);
    borrow = take_word(borrow, w[2], o.w[2]);
    take_word(borrow, w[3], o.w[3]);
    return *this;
  }
  Int256 operator-() const {
    Int256 r;
    return r -= *this;
  }
  friend Int256 operator+(Int256 a, const Int256& b) { return a += b; }
  friend Int256 operator-(Int256 a, const Int256& b) { return a -= b; }
  friend constexpr Int256 operator*(const Int256& a, const Int256& b) {
    Int256 r;
    for (int i = 0; i < 4; ++i) {
      u128 carry = 0;
      for (int j = 0; i + j < 4; ++j) {
        carry += static_cast<u128>(a.w[i]) * b.w[j] + r.w[i + j];
        r.w[i + j] = static_cast<uint64_t>(carry);
        carry >>= 64;
      }
    }
    return r;
  }
};

// The product of a 128-bit and a 64-bit number: what most sums of money are made of.
inline Int256 product(i128 a, uint64_t b) {
  u128 low = static_cast<u128>(static_cast<uint64_t>(a)) * b;
  u128 high = static_cast<u128>(static_cast<uint64_t>(a >> 64)) * b + (low >> 64);
  Int256 r;
  r.w[0] = static_cast<uint64_t>(low);
  r.w[1] = static_cast<uint64_t>(high);
  r.w[2] = static_cast<uint64_t>(high >> 64);
  take_word(take_word(0, r.w[2], a < 0 ? b : 0), r.w[3], 0);  // a < 0 was read as a + 2^128
  return r;
}

inline Int256 abs(const Int256& v) { return v.negative() ? -v : v; }
inline const Int256& max(const Int256& a, const Int256& b) { return a < b ? b : a; }
inline const Int256& min(const Int256& a, const Int256& b) { return b < a ? b : a; }

// One word of a long division: the quotient of `rest` 2^64 + `word`, leaving the rest; `rest` < `d`.
inline uint64_t divide_word(uint64_t& rest, uint64_t word, uint64_t d) {
  if (!rest && word < d) {
    rest = word;
    return 0;
  }
#if defined(__x86_64__)
  uint64_t q;
  asm("divq %4" : "=a"(q), "=d"(rest) : "0"(word), "1"(rest), "r"(d) : "cc");
  return q;
#else
  u128 whole = (static_cast<u128>(rest) << 64) | word;
  rest = static_cast<uint64_t>(whole % d);
  return static_cast<uint64_t>(whole / d);
#endif
}

// Quotient rounded towards minus infinity; `d` > 0.
inline Int256 floor_div(const Int256& value, u128 d) {
  Int256 n = abs(value);
  Int256 q;
  bool is_exact;
  if (d >> 64 == 0) {
    uint64_t rest = 0;
    for (int i = 3; i >= 0; --i) q.w[i] = divide_word(rest, n.w[i], static_cast<uint64_t>(d));
    is_exact = !rest;
  } else {
    u128 rest = 0;
    for (int bit = 255; bit >= 0; --bit) {
      bool out = rest >> 127;
      rest = (rest << 1) | ((n.w[bit >> 6] >> (bit & 63)) & 1);
      if (out || rest >= d) {
        rest -= d;
        q.w[bit >> 6] |= 1ull << (bit & 63);
      }
    }
    is_exact = !rest;
  }
  if (!value.negative()) return q;
  return is_exact ? -q : -q - Int256(1);
}

// `value` in the proportion `part` to `whole`, rounded towards minus infinity; `part` <= `whole`.
inline Int256 in_proportion(const Int256& value, uint64_t part, u128 whole) {
  Int256 n = abs(value);
  if (whole >> 64 || n.w[2] | n.w[3]) return floor_div(value * Int256(part), whole);
  auto d = static_cast<uint64_t>(whole);
  u128 low = static_cast<u128>(n.w[0]) * part;
  u128 high = static_cast<u128>(n.w[1]) * part + (low >> 64);
  auto rest = static_cast<uint64_t>(high >> 64);  // below `part`, so the quotient has two words
  Int256 q;
  q.w[1] = divide_word(rest, static_cast<uint64_t>(high), d);
  q.w[0] = divide_word(rest, static_cast<uint64_t>(low), d);
  if (!value.negative()) return q;
  return rest ? -q - Int256(1) : -q;
}

// The same for 128-bit numbers.
constexpr i128 floor_div(i128 n, i128 d) {
  i128 q = n / d;
  return q - ((n % d != 0) && ((n < 0) != (d < 0)));
}
constexpr i128 ceil_div(i128 n, i128 d) { return -floor_div(-n, d); }

}  // namespace lockstep
