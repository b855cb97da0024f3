// The part of XXH3 for inputs of more than 240 bytes: eight sums that take in stripes of 64 bytes.
//
// Made for registers of one, two and four words; which is used is decided when the module is loaded.
// Every width gives the same sums. Eight words a register were measured to be no faster than four.
#pragma once

#include <cstddef>

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

inline uint64_t r64(const uint8_t* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}

inline constexpr size_t kStripe = 64, kBlock = 1024;
inline constexpr const uint8_t *kScrambling = kSecret + 128, *kOfLastStripe = kSecret + 128 - 7;
inline constexpr uint64_t kStart[8] = {kP32_3, kP64_1, kP64_2, kP64_3,
                                       kP64_4, kP32_2, kP64_5, kP32_1};

using HashLong = void (*)(uint64_t* sums, const uint8_t* in, size_t len);

// The walk over an input: 16 stripes and a scrambling a block, and the last 64 bytes once more.
#define LOCKSTEP_HASH_LONG(name, Sums, target)                                            \
  target inline void name(uint64_t* sums, const uint8_t* in, size_t len) {                \
    Sums s;                                                                               \
    s.start();                                                                            \
    const uint8_t *at = in, *end = in + len - 1;                                          \
    for (; static_cast<size_t>(end - at) >= kBlock; at += kBlock) {                       \
      for (size_t i = 0; i < 16; ++i) s.take(at + kStripe * i, kSecret + 8 * i);          \
      s.scramble();                                                                       \
    }                                                                                     \
    for (size_t i = 0; static_cast<size_t>(end - at) >= kStripe; at += kStripe, i += 8)   \
      s.take(at, kSecret + i);                                                            \
    s.take(in + len - kStripe, kOfLastStripe);                                            \
    s.store(sums);                                                                        \
  }

// A word at a time, on any processor.
struct Ones {
  uint64_t sum[8];

  void start() { std::memcpy(sum, kStart, sizeof sum); }
  void store(uint64_t* to) const { std::memcpy(to, sum, sizeof sum); }
  void take(const uint8_t* in, const uint8_t* secret) {
    for (int i = 0; i < 8; ++i) {
      uint64_t value = r64(in + 8 * i);
      uint64_t key = value ^ r64(secret + 8 * i);
      sum[i ^ 1] += value;
      sum[i] += static_cast<uint64_t>(static_cast<uint32_t>(key)) * (key >> 32);
    }
  }
  void scramble() {
    for (int i = 0; i < 8; ++i)
      sum[i] = (sum[i] ^ (sum[i] >> 47) ^ r64(kScrambling + 8 * i)) * kP32_1;
  }
};
LOCKSTEP_HASH_LONG(hash_by_ones, Ones, )

#if defined(__x86_64__)
// Every x86-64 has registers of two words.
struct Pairs {
  __m128i sum[4];

  static __m128i load(const void* from) {
    return _mm_loadu_si128(static_cast<const __m128i*>(from));
  }
  void start() {
    for (int i = 0; i < 4; ++i) sum[i] = load(kStart + 2 * i);
  }
  void store(uint64_t* to) const {
    for (int i = 0; i < 4; ++i) _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * i), sum[i]);
  }
  void take(const uint8_t* in, const uint8_t* secret) {
    for (int i = 0; i < 4; ++i) {
      __m128i value = load(in + 16 * i);
      __m128i key = _mm_xor_si128(value, load(secret + 16 * i));
      __m128i product = _mm_mul_epu32(key, _mm_srli_epi64(key, 32));
      __m128i swapped = _mm_shuffle_epi32(value, 0x4e);
      sum[i] = _mm_add_epi64(sum[i], _mm_add_epi64(swapped, product));
    }
  }
  void scramble() {
    const __m128i prime = _mm_set1_epi32(static_cast<int>(kP32_1));
    for (int i = 0; i < 4; ++i) {
      __m128i mixed = _mm_xor_si128(sum[i], _mm_srli_epi64(sum[i], 47));
      mixed = _mm_xor_si128(mixed, load(kScrambling + 16 * i));
      __m128i high = _mm_mul_epu32(_mm_srli_epi64(mixed, 32), prime);
      sum[i] = _mm_add_epi64(_mm_mul_epu32(mixed, prime), _mm_slli_epi64(high, 32));
    }
  }
};
LOCKSTEP_HASH_LONG(hash_by_pairs, Pairs, )

#define LOCKSTEP_AVX2 __attribute__((target("avx2")))
struct Fours {
  __m256i sum[2];

  LOCKSTEP_AVX2 static __m256i load(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
  }
  LOCKSTEP_AVX2 void start() {
    sum[0] = load(kStart);
    sum[1] = load(kStart + 4);
  }
  LOCKSTEP_AVX2 void store(uint64_t* to) const {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), sum[0]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 4), sum[1]);
  }
  LOCKSTEP_AVX2 void take(const uint8_t* in, const uint8_t* secret) {
    for (int i = 0; i < 2; ++i) {
      __m256i value = load(in + 32 * i);
      __m256i key = _mm256_xor_si256(value, load(secret + 32 * i));
      __m256i product = _mm256_mul_epu32(key, _mm256_srli_epi64(key, 32));
      __m256i swapped = _mm256_shuffle_epi32(value, 0x4e);
      sum[i] = _mm256_add_epi64(sum[i], _mm256_add_epi64(swapped, product));
    }
  }
  LOCKSTEP_AVX2 void scramble() {
    const __m256i prime = _mm256_set1_epi32(static_cast<int>(kP32_1));
    for (int i = 0; i < 2; ++i) {
      __m256i mixed = _mm256_xor_si256(sum[i], _mm256_srli_epi64(sum[i], 47));
      mixed = _mm256_xor_si256(mixed, load(kScrambling + 32 * i));
      __m256i high = _mm256_mul_epu32(_mm256_srli_epi64(mixed, 32), prime);
      sum[i] = _mm256_add_epi64(_mm256_mul_epu32(mixed, prime), _mm256_slli_epi64(high, 32));
    }
  }
};
LOCKSTEP_HASH_LONG(hash_by_fours, Fours, LOCKSTEP_AVX2)
#endif

// The walk for registers of so many words; nullptr where the processor has none.
inline HashLong hash_long_of(int words) {
  if (words == 1) return hash_by_ones;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (words == 2) return hash_by_pairs;
  if (words == 4 && __builtin_cpu_supports("avx2")) return hash_by_fours;
#endif
  return nullptr;
}
inline HashLong widest() {
  for (int words : {4, 2})
    if (HashLong found = hash_long_of(words)) return found;
  return hash_by_ones;
}
inline const HashLong hash_long = widest();

}  // namespace lockstep::xxh3
