// XXH3, 64 and 128 bits, seed 0: the digests and fingerprints of the log format.
//
// Written from the published description of the algorithm. Long inputs go through `hash_long`, as
// widely as the processor can (xxh3_long.hpp). A test compares every width with the xxhash package,
// for all lengths up to 2 KiB and random longer ones.
#pragma once

#include <stdexcept>

#include "xxh3_long.hpp"

namespace lockstep::xxh3 {

struct Hash128 {
  uint64_t low, high;
};

inline uint32_t r32(const uint8_t* p) {
  uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}
inline uint64_t avalanche64(uint64_t h) {
  h ^= h >> 33;
  h *= kP64_2;
  h ^= h >> 29;
  h *= kP64_3;
  return h ^ (h >> 32);
}
inline uint64_t avalanche(uint64_t h) {
  h ^= h >> 37;
  h *= kMx1;
  return h ^ (h >> 32);
}
inline uint64_t fold(uint64_t a, uint64_t b) {
  u128 m = static_cast<u128>(a) * b;
  return static_cast<uint64_t>(m) ^ static_cast<uint64_t>(m >> 64);
}
inline uint64_t mix16(const uint8_t* in, const uint8_t* secret) {
  return fold(r64(in) ^ r64(secret), r64(in + 8) ^ r64(secret + 8));
}
// Where an input of 17 to 240 bytes is read: it lies in one piece, or its first byte lies apart.
struct Whole {
  const uint8_t* in;
  uint64_t at(size_t offset) const { return r64(in + offset); }
};
struct Led {
  uint8_t first;
  const uint8_t* rest;
  uint64_t at(size_t offset) const {
    return offset ? r64(rest + offset - 1) : (r64(rest) << 8) | first;
  }
};
// Takes in the 16 bytes at `a` and those at `b`.
template <class Input>
void mix32(Hash128& acc, const Input& in, size_t a, size_t b, const uint8_t* secret) {
  uint64_t a0 = in.at(a), a8 = in.at(a + 8), b0 = in.at(b), b8 = in.at(b + 8);
  acc.low += fold(a0 ^ r64(secret), a8 ^ r64(secret + 8));
  acc.low ^= b0 + b8;
  acc.high += fold(b0 ^ r64(secret + 16), b8 ^ r64(secret + 24));
  acc.high ^= a0 + a8;
}
inline Hash128 finish_mid(const Hash128& acc, size_t len) {
  uint64_t low = acc.low + acc.high;
  uint64_t high = acc.low * kP64_1 + acc.high * kP64_4 + len * kP64_2;
  return {avalanche(low), 0 - avalanche(high)};
}

inline uint64_t merge(const uint64_t* acc, const uint8_t* secret, uint64_t start) {
  uint64_t r = start;
  for (int i = 0; i < 4; ++i)
    r += fold(acc[2 * i] ^ r64(secret + 16 * i), acc[2 * i + 1] ^ r64(secret + 16 * i + 8));
  return avalanche(r);
}

inline Hash128 small(const uint8_t* in, size_t len) {
  if (len > 8) {
    uint64_t flip_low = r64(kSecret + 32) ^ r64(kSecret + 40);
    uint64_t flip_high = r64(kSecret + 48) ^ r64(kSecret + 56);
    uint64_t low = r64(in), high = r64(in + len - 8);
    u128 m = static_cast<u128>(low ^ high ^ flip_low) * kP64_1;
    uint64_t m_low = static_cast<uint64_t>(m) + (static_cast<uint64_t>(len - 1) << 54);
    uint64_t m_high = static_cast<uint64_t>(m >> 64);
    high ^= flip_high;
    m_high += high + static_cast<uint64_t>(static_cast<uint32_t>(high)) * (kP32_2 - 1);
    m_low ^= __builtin_bswap64(m_high);
    u128 h = static_cast<u128>(m_low) * kP64_2;
    uint64_t h_high = static_cast<uint64_t>(h >> 64) + m_high * kP64_2;
    return {avalanche(static_cast<uint64_t>(h)), avalanche(h_high)};
  }
  if (len >= 4) {
    uint64_t value = r32(in) + (static_cast<uint64_t>(r32(in + len - 4)) << 32);
    uint64_t keyed = value ^ (r64(kSecret + 16) ^ r64(kSecret + 24));
    u128 m = static_cast<u128>(keyed) * (kP64_1 + (len << 2));
    uint64_t low = static_cast<uint64_t>(m), high = static_cast<uint64_t>(m >> 64);
    high += low << 1;
    low ^= high >> 3;
    low ^= low >> 35;
    low *= kMx2;
    low ^= low >> 28;
    return {low, avalanche(high)};
  }
  if (len) {
    uint32_t low = (static_cast<uint32_t>(in[0]) << 16) |
                   (static_cast<uint32_t>(in[len >> 1]) << 24) | in[len - 1] |
                   (static_cast<uint32_t>(len) << 8);
    uint32_t swapped = __builtin_bswap32(low);
    uint32_t high = (swapped << 13) | (swapped >> 19);
    return {avalanche64(low ^ static_cast<uint64_t>(r32(kSecret) ^ r32(kSecret + 4))),
            avalanche64(high ^ static_cast<uint64_t>(r32(kSecret + 8) ^ r32(kSecret + 12)))};
  }
  return {avalanche64(r64(kSecret + 64) ^ r64(kSecret + 72)),
          avalanche64(r64(kSecret + 80) ^ r64(kSecret + 88))};
}

// 17 to 240 bytes.
template <class Input>
Hash128 middling(const Input& in, size_t len) {
  Hash128 acc{len * kP64_1, 0};
  if (len <= 128) {
    if (len > 32) {
      if (len > 64) {
        if (len > 96) mix32(acc, in, 48, len - 64, kSecret + 96);
        mix32(acc, in, 32, len - 48, kSecret + 64);
      }
      mix32(acc, in, 16, len - 32, kSecret + 32);
    }
    mix32(acc, in, 0, len - 16, kSecret);
    return finish_mid(acc, len);
  }
  for (size_t i = 0; i < 128; i += 32) mix32(acc, in, i, i + 16, kSecret + i);
  acc = {avalanche(acc.low), avalanche(acc.high)};
  for (size_t i = 128; i + 32 <= len; i += 32) mix32(acc, in, i, i + 16, kSecret + 3 + i - 128);
  mix32(acc, in, len - 16, len - 32, kSecret + 103);
  return finish_mid(acc, len);
}

inline Hash128 hash128(const uint8_t* in, size_t len, HashLong walk = hash_long) {
  if (len <= 16) return small(in, len);
  if (len <= 240) return middling(Whole{in}, len);
  uint64_t acc[8];
  walk(acc, in, len);
  return {merge(acc, kSecret + 11, len * kP64_1),
          merge(acc, kSecret + 192 - 64 - 11, ~(len * kP64_2))};
}

// The hash of `first` and the `len` bytes after it, which lie elsewhere; less than 64 KiB in all.
[[gnu::noinline]] inline Hash128 hash_copied(uint8_t first, const uint8_t* rest, size_t len) {
  uint8_t whole[1 << 16];
  if (len >= sizeof whole) throw std::length_error("more than 64 KiB to hash");
  whole[0] = first;
  if (len) std::memcpy(whole + 1, rest, len);
  return hash128(whole, len + 1);
}
inline Hash128 hash128(uint8_t first, const uint8_t* rest, size_t len) {
  if (len >= 16 && len < 240) return middling(Led{first, rest}, len + 1);
  return hash_copied(first, rest, len);
}

// For 17 bytes and more: an entry of the log is never shorter.
inline uint64_t hash64(const uint8_t* in, size_t len) {
  if (len <= 128) {
    uint64_t acc = len * kP64_1;
    for (size_t i = (len - 1) / 32 + 1; i-- > 0;) {
      acc += mix16(in + 16 * i, kSecret + 32 * i);
      acc += mix16(in + len - 16 * (i + 1), kSecret + 32 * i + 16);
    }
    return avalanche(acc);
  }
  if (len <= 240) {
    uint64_t acc = len * kP64_1;
    for (size_t i = 0; i < 8; ++i) acc += mix16(in + 16 * i, kSecret + 16 * i);
    uint64_t end = mix16(in + len - 16, kSecret + 136 - 17);
    acc = avalanche(acc);
    for (size_t i = 8; i < len / 16; ++i) acc += mix16(in + 16 * i, kSecret + 16 * (i - 8) + 3);
    return avalanche(acc + end);
  }
  uint64_t acc[8];
  hash_long(acc, in, len);
  return merge(acc, kSecret + 11, len * kP64_1);
}

inline u128 value_of(const Hash128& h) { return (static_cast<u128>(h.high) << 64) | h.low; }

// The 16 bytes of a digest: most significant first.
inline void digest_bytes(const Hash128& h, uint8_t* to) {
  uint64_t high = __builtin_bswap64(h.high), low = __builtin_bswap64(h.low);
  std::memcpy(to, &high, 8);
  std::memcpy(to + 8, &low, 8);
}

}  // namespace lockstep::xxh3
