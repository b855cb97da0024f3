// CRC32C (Castagnoli): by the processor's instruction where it has one, else by tables.
//
// The instruction takes eight bytes and answers three cycles later, so three stretches are counted
// side by side; the value after the first two is carried over the next by a table (it is linear).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace lockstep::crc32c {

constexpr std::array<std::array<uint32_t, 256>, 8> make_tables() {
  std::array<std::array<uint32_t, 256>, 8> t{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int k = 0; k < 8; ++k) c = c & 1 ? (c >> 1) ^ 0x82F63B78u : c >> 1;
    t[0][i] = c;
  }
  for (size_t n = 1; n < 8; ++n)
    for (size_t i = 0; i < 256; ++i) t[n][i] = (t[n - 1][i] >> 8) ^ t[0][t[n - 1][i] & 0xff];
  return t;
}
inline constexpr auto kTables = make_tables();

inline uint32_t by_table(const uint8_t* p, size_t n) {
  uint32_t c = ~0u;
  while (n >= 8) {
    uint64_t v;
    std::memcpy(&v, p, 8);
    v ^= c;
    c = 0;
    for (size_t i = 0; i < 8; ++i) c ^= kTables[7 - i][(v >> (8 * i)) & 0xff];
    p += 8;
    n -= 8;
  }
  while (n--) c = (c >> 8) ^ kTables[0][(c ^ *p++) & 0xff];
  return ~c;
}

// What becomes of a value when `n` zero bytes follow: one table for each of its four bytes.
constexpr std::array<std::array<uint32_t, 256>, 4> make_carry(size_t n) {
  std::array<uint32_t, 32> of_bit{};
  for (size_t bit = 0; bit < 32; ++bit) {
    uint32_t c = 1u << bit;
    for (size_t i = 0; i < n; ++i) c = (c >> 8) ^ kTables[0][c & 0xff];
    of_bit[bit] = c;
  }
  std::array<std::array<uint32_t, 256>, 4> t{};
  for (size_t at = 0; at < 4; ++at)
    for (size_t byte = 0; byte < 256; ++byte)
      for (size_t bit = 0; bit < 8; ++bit)
        if (byte >> bit & 1) t[at][byte] ^= of_bit[8 * at + bit];
  return t;
}
inline constexpr size_t kStretch = 256;
inline constexpr auto kCarry = make_carry(kStretch);

inline uint32_t carry(uint32_t c) {
  return kCarry[0][c & 0xff] ^ kCarry[1][c >> 8 & 0xff] ^ kCarry[2][c >> 16 & 0xff] ^
         kCarry[3][c >> 24];
}

inline uint64_t word(const uint8_t* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) inline uint32_t by_instruction(const uint8_t* p, size_t n) {
  uint64_t c = ~0u;
  for (; n >= 3 * kStretch; n -= 3 * kStretch, p += 3 * kStretch) {
    uint64_t second = 0, third = 0;
    for (size_t i = 0; i < kStretch; i += 8) {
      c = _mm_crc32_u64(c, word(p + i));
      second = _mm_crc32_u64(second, word(p + kStretch + i));
      third = _mm_crc32_u64(third, word(p + 2 * kStretch + i));
    }
    second ^= carry(static_cast<uint32_t>(c));
    c = third ^ carry(static_cast<uint32_t>(second));
  }
  for (; n >= 8; n -= 8, p += 8) c = _mm_crc32_u64(c, word(p));
  auto c32 = static_cast<uint32_t>(c);
  while (n--) c32 = _mm_crc32_u8(c32, *p++);
  return ~c32;
}
#endif

inline uint32_t value(const uint8_t* p, size_t n) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return by_instruction(p, n);
#endif
  return by_table(p, n);
}

}  // namespace lockstep::crc32c
