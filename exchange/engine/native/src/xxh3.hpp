// XXH3, 64 and 128 bits, seed 0: the digests and fingerprints of the log format.
//
// Written from the published description of the algorithm; a test compares it with the xxhash
// package for all lengths up to 2 KiB and random longer ones.
#pragma once

#include <cstddef>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "wide.hpp"

namespace lockstep::xxh3 {

inline constexpr uint8_t kSecret[192] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};
inline constexpr uint32_t kP32_1 = 0x9E3779B1u, kP32_2 = 0x85EBCA77u, kP32_3 = 0xC2B2AE3Du;
inline constexpr uint64_t kP64_1 = 0x9E3779B185EBCA87ull, kP64_2 = 0xC2B2AE3D27D4EB4Full,
                          kP64_3 = 0x165667B19E3779F9ull, kP64_4 = 0x85EBCA77C2B2AE63ull,
                          kP64_5 = 0x27D4EB2F165667C5ull;
inline constexpr uint64_t kMx1 = 0x165667919E3779F9ull, kMx2 = 0x9FB21C651E98DF25ull;

struct Hash128 {
  uint64_t low, high;
};

inline uint64_t r64(const uint8_t* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}
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
inline void mix32(Hash128& acc, const uint8_t* a, const uint8_t* b, const uint8_t* secret) {
  acc.low += mix16(a, secret);
  acc.low ^= r64(b) + r64(b + 8);
  acc.high += mix16(b, secret + 16);
  acc.high ^= r64(a) + r64(a + 8);
}
inline Hash128 finish_mid(const Hash128& acc, size_t len) {
  uint64_t low = acc.low + acc.high;
  uint64_t high = acc.low * kP64_1 + acc.high * kP64_4 + len * kP64_2;
  return {avalanche(low), 0 - avalanche(high)};
}

#if defined(__SSE2__)
inline void accumulate(uint64_t* acc, const uint8_t* in, const uint8_t* secret) {
  auto* to = reinterpret_cast<__m128i*>(acc);
  for (int i = 0; i < 4; ++i) {
    __m128i value = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in) + i);
    __m128i key = _mm_xor_si128(
        value, _mm_loadu_si128(reinterpret_cast<const __m128i*>(secret) + i));
    __m128i high = _mm_shuffle_epi32(key, _MM_SHUFFLE(0, 3, 0, 1));
    __m128i swapped = _mm_shuffle_epi32(value, _MM_SHUFFLE(1, 0, 3, 2));
    __m128i sum = _mm_add_epi64(_mm_loadu_si128(to + i), swapped);
    _mm_storeu_si128(to + i, _mm_add_epi64(sum, _mm_mul_epu32(key, high)));
  }
}
#else
inline void accumulate(uint64_t* acc, const uint8_t* in, const uint8_t* secret) {
  for (int i = 0; i < 8; ++i) {
    uint64_t value = r64(in + 8 * i);
    uint64_t key = value ^ r64(secret + 8 * i);
    acc[i ^ 1] += value;
    acc[i] += static_cast<uint64_t>(static_cast<uint32_t>(key)) * (key >> 32);
  }
}
#endif
inline void hash_long(uint64_t* acc, const uint8_t* in, size_t len) {
  const uint64_t start[8] = {kP32_3, kP64_1, kP64_2, kP64_3, kP64_4, kP32_2, kP64_5, kP32_1};
  std::memcpy(acc, start, sizeof start);
  size_t blocks = (len - 1) / 1024;
  for (size_t n = 0; n < blocks; ++n) {
    for (int i = 0; i < 16; ++i) accumulate(acc, in + n * 1024 + 64 * i, kSecret + 8 * i);
    for (int i = 0; i < 8; ++i) {
      uint64_t a = acc[i];
      a ^= a >> 47;
      a ^= r64(kSecret + 128 + 8 * i);
      acc[i] = a * kP32_1;
    }
  }
  size_t stripes = ((len - 1) - 1024 * blocks) / 64;
  for (size_t i = 0; i < stripes; ++i)
    accumulate(acc, in + blocks * 1024 + 64 * i, kSecret + 8 * i);
  accumulate(acc, in + len - 64, kSecret + 128 - 7);
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

inline Hash128 hash128(const uint8_t* in, size_t len) {
  if (len <= 16) return small(in, len);
  if (len <= 128) {
    Hash128 acc{len * kP64_1, 0};
    if (len > 32) {
      if (len > 64) {
        if (len > 96) mix32(acc, in + 48, in + len - 64, kSecret + 96);
        mix32(acc, in + 32, in + len - 48, kSecret + 64);
      }
      mix32(acc, in + 16, in + len - 32, kSecret + 32);
    }
    mix32(acc, in, in + len - 16, kSecret);
    return finish_mid(acc, len);
  }
  if (len <= 240) {
    Hash128 acc{len * kP64_1, 0};
    for (size_t i = 32; i < 160; i += 32) mix32(acc, in + i - 32, in + i - 16, kSecret + i - 32);
    acc = {avalanche(acc.low), avalanche(acc.high)};
    for (size_t i = 160; i <= len; i += 32)
      mix32(acc, in + i - 32, in + i - 16, kSecret + 3 + i - 160);
    mix32(acc, in + len - 16, in + len - 32, kSecret + 103);
    return finish_mid(acc, len);
  }
  uint64_t acc[8];
  hash_long(acc, in, len);
  return {merge(acc, kSecret + 11, len * kP64_1),
          merge(acc, kSecret + 192 - 64 - 11, ~(len * kP64_2))};
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
