// Wide integers: money needs more than 128 bits, and never wraps.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>

namespace lockstep {

using i128 = __int128;
using u128 = unsigned __int128;

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

  constexpr Int256& operator+=(const Int256& o) {
    u128 carry = 0;
    for (int i = 0; i < 4; ++i) {
      carry += static_cast<u128>(w[i]) + o.w[i];
      w[i] = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
    return *this;
  }
  constexpr Int256 operator-() const {
    Int256 r;
    u128 carry = 1;
    for (int i = 0; i < 4; ++i) {
      carry += static_cast<uint64_t>(~w[i]);
      r.w[i] = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
    return r;
  }
  constexpr Int256& operator-=(const Int256& o) { return *this += -o; }
  friend constexpr Int256 operator+(Int256 a, const Int256& b) { return a += b; }
  friend constexpr Int256 operator-(Int256 a, const Int256& b) { return a -= b; }
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
  u128 m = a < 0 ? -static_cast<u128>(a) : static_cast<u128>(a);
  u128 low = static_cast<u128>(static_cast<uint64_t>(m)) * b;
  u128 high = (m >> 64) * b + (low >> 64);
  Int256 r;
  r.w[0] = static_cast<uint64_t>(low);
  r.w[1] = static_cast<uint64_t>(high);
  r.w[2] = static_cast<uint64_t>(high >> 64);
  return a < 0 ? -r : r;
}

inline Int256 abs(const Int256& v) { return v.negative() ? -v : v; }
inline const Int256& max(const Int256& a, const Int256& b) { return a < b ? b : a; }
inline const Int256& min(const Int256& a, const Int256& b) { return b < a ? b : a; }

// Quotient rounded towards minus infinity; `d` > 0.
inline Int256 floor_div(const Int256& value, u128 d) {
  Int256 n = abs(value);
  Int256 q;
  u128 rest = 0;
  if (d >> 64 == 0) {
    for (int i = 3; i >= 0; --i) {
      rest = (rest << 64) | n.w[i];
      q.w[i] = static_cast<uint64_t>(rest / d);
      rest %= d;
    }
  } else {
    for (int bit = 255; bit >= 0; --bit) {
      bool out = rest >> 127;
      rest = (rest << 1) | ((n.w[bit >> 6] >> (bit & 63)) & 1);
      if (out || rest >= d) {
        rest -= d;
        q.w[bit >> 6] |= 1ull << (bit & 63);
      }
    }
  }
  if (!value.negative()) return q;
  q = -q;
  return rest ? q - Int256(1) : q;
}

// The same for 128-bit numbers.
constexpr i128 floor_div(i128 n, i128 d) {
  i128 q = n / d;
  return q - ((n % d != 0) && ((n < 0) != (d < 0)));
}
constexpr i128 ceil_div(i128 n, i128 d) { return -floor_div(-n, d); }

}  // namespace lockstep
