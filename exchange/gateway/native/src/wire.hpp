// The protobuf wire format: a strict reader and a writer.
//
// The reader takes less than the format allows (no groups, no overlong numbers): what it refuses is
// read again by the generated classes, whose word counts.
#pragma once

#include "bytes.hpp"

namespace lockstep::wire {

enum : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

constexpr uint32_t tag(uint32_t field, uint32_t type) { return field << 3 | type; }

class Reader {
 public:
  explicit Reader(std::string_view from)
      : at_(reinterpret_cast<const uint8_t*>(from.data())), end_(at_ + from.size()) {}

  bool at_end() const { return at_ == end_; }

  bool varint(uint64_t& value) {
    if (at_ != end_ && *at_ < 0x80) {
      value = *at_++;
      return true;
    }
    return long_varint(value);
  }
  // Field number and wire type together, as they stand in the bytes.
  bool key(uint32_t& value) {
    uint64_t wide = 0;
    const uint8_t* from = at_;
    if (!varint(wide) || wide > 0xFFFFFFFFull || at_ - from > 5) return false;
    value = static_cast<uint32_t>(wide);
    return value >> 3 != 0;
  }
  bool bytes(std::string_view& value) {
    uint64_t size = 0;
    const uint8_t* from = at_;
    if (!varint(size) || at_ - from > 5 || size > static_cast<size_t>(end_ - at_)) return false;
    value = {reinterpret_cast<const char*>(at_), static_cast<size_t>(size)};
    at_ += size;
    return true;
  }
  // A string field. Only ASCII is taken here: other text is either not UTF-8 or rare.
  bool text(std::string_view& value) { return bytes(value) && is_ascii(value); }

  // An unknown field, or a known one of another wire type, which protobuf takes as unknown.
  bool skip(uint32_t key) {
    uint64_t number = 0;
    std::string_view content;
    switch (key & 7) {
      case kVarint:
        return varint(number);
      case kFixed64:
        return advance(8);
      case kBytes:
        return bytes(content);
      case kFixed32:
        return advance(4);
      default:
        return false;
    }
  }

 private:
  bool advance(size_t n) {
    if (static_cast<size_t>(end_ - at_) < n) return false;
    at_ += n;
    return true;
  }
  bool long_varint(uint64_t& value) {
    uint64_t sum = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at_ == end_) return false;
      uint64_t byte = *at_++;
      if (shift == 63 && byte > 1) return false;
      sum |= (byte & 0x7F) << shift;
      if (byte < 0x80) {
        value = sum;
        return true;
      }
    }
    return false;
  }
  static bool is_ascii(std::string_view text) {
    const char* at = text.data();
    size_t left = text.size();
    uint64_t seen = 0;
    for (; left >= 8; left -= 8, at += 8) {
      uint64_t word;
      std::memcpy(&word, at, 8);
      seen |= word;
    }
    for (; left; --left, ++at) seen |= static_cast<uint8_t>(*at);
    return !(seen & 0x8080808080808080ull);
  }

  const uint8_t* at_;
  const uint8_t* end_;
};

// Writes fields in the order in which it is called; zero and "" are left out (proto3). It writes
// where it is told to begin: the caller has made room. A value of its own, so that the place to
// write at stays in a register.
class Pen {
 public:
  explicit Pen(uint8_t* at) : at_(at) {}

  uint8_t* at() const { return at_; }

  void varint(uint64_t value) {
    while (value >= 0x80) {
      *at_++ = static_cast<uint8_t>(value | 0x80);
      value >>= 7;
    }
    *at_++ = static_cast<uint8_t>(value);
  }
  template <uint32_t field>
  void number(uint64_t value) {
    if (!value) return;
    key<tag(field, kVarint)>();
    varint(value);
  }
  template <uint32_t field>
  void number(int64_t value) {
    number<field>(static_cast<uint64_t>(value));
  }
  template <uint32_t field>
  void text(std::string_view value) {
    if (value.empty()) return;
    key<tag(field, kBytes)>();
    varint(value.size());
    std::memcpy(at_, value.data(), value.size());
    at_ += value.size();
  }
  // A timestamp is written even where it is 0: its presence says something.
  template <uint32_t field>
  void time(uint64_t ns) {
    uint8_t* mark = begin_message<field>();
    number<1>(ns / 1'000'000'000);
    number<2>(ns % 1'000'000'000);
    end_message(mark);
  }
  template <uint32_t field>
  void copy(std::string_view bytes) {
    key<tag(field, kBytes)>();
    varint(bytes.size());
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  // Begins a message of which one byte holds the length, as most are small.
  template <uint32_t field>
  uint8_t* begin_message() {
    key<tag(field, kBytes)>();
    *at_++ = 0;
    return at_;
  }
  // Ends it; what is longer than a byte can tell is moved up once. Its size.
  size_t end_message(uint8_t* mark) {
    auto size = static_cast<size_t>(at_ - mark);
    if (size < 0x80) {
      mark[-1] = static_cast<uint8_t>(size);
      return size;
    }
    size_t more = size < 1 << 14 ? 1 : size < 1 << 21 ? 2 : size < 1 << 28 ? 3 : 4;
    std::memmove(mark + more, mark, size);
    at_ = mark - 1;
    varint(size);
    at_ += size;
    return size;
  }

 private:
  template <uint32_t value>
  void key() {
    if constexpr (value < 0x80) {
      *at_++ = value;
    } else {
      static_assert(value < 1 << 14);
      at_[0] = static_cast<uint8_t>(value | 0x80);
      at_[1] = static_cast<uint8_t>(value >> 7);
      at_ += 2;
    }
  }

  uint8_t* at_;
};

constexpr size_t kLengthRoom = 8;  // what `end_message` may add

}  // namespace lockstep::wire
