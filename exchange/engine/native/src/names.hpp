// The names that members give: used cl_ord_ids of the day and what came of each (R10.1).
#pragma once

#include <algorithm>

#include "pool.hpp"
#include "records.gen.hpp"

namespace lockstep {

// A member's name for a command, with the hash of both.
struct NameKey {
  std::string_view text;
  uint32_t member_id = 0;
  uint32_t hash = 0;

  NameKey() = default;
  // `known` is the hash where somebody made it already, else 0.
  NameKey(uint32_t member, std::string_view name, uint32_t known = 0)
      : text(name), member_id(member), hash(known ? known : hash_of(member, name)) {}

 private:
  static uint64_t fold(uint64_t a, uint64_t b) {
    u128 m = static_cast<u128>(a) * b;
    return static_cast<uint64_t>(m) ^ static_cast<uint64_t>(m >> 64);
  }
  static uint64_t word(const char* p) {
    uint64_t v;
    std::memcpy(&v, p, 8);
    return v;
  }
  // Up to 8 bytes at the end of a text.
  static uint64_t tail(const char* p, size_t n) {
    if (n >= 8) return word(p + n - 8);
    if (n >= 4) {
      uint32_t first, last;
      std::memcpy(&first, p, 4);
      std::memcpy(&last, p + n - 4, 4);
      return first | static_cast<uint64_t>(last) << 32;
    }
    if (!n) return 0;
    auto byte = [p](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(p[i])); };
    return byte(0) | byte(n >> 1) << 8 | byte(n - 1) << 16;
  }
  static uint32_t hash_of(uint32_t member, std::string_view name) {
    const char* p = name.data();
    size_t n = name.size();
    uint64_t h = member * 0x9E3779B97F4A7C15ull + n;
    for (size_t at = 0; at + 8 < n; at += 8) h = fold(h ^ word(p + at), 0xC2B2AE3D27D4EB4Full);
    h = fold(h ^ tail(p, n), 0x165667B19E3779F9ull);
    return static_cast<uint32_t>(h ^ (h >> 32));
  }
};

// What few memories hold: the order that was refused, and the name that a request referred to.
struct Aside {
  OrderState refused;
  bool is_refused = false;
  uint8_t orig_size = 0;
  char orig[36];
};

// A used cl_ord_id and what came of it; an order's name is one of these.
struct Remembered {
  uint64_t fingerprint_low = 0, fingerprint_high = 0;
  uint64_t order_id = 0;
  uint64_t ts_ns = 0;
  Aside* aside = nullptr;
  uint32_t member_id = 0;
  uint32_t number = 0;  // in its pool, from 1
  uint16_t reason = 0;
  uint8_t outcome = 0;
  uint8_t size = 0;
  char text[36];

  std::string_view name() const { return {text, size}; }
  std::string_view orig() const {
    return aside ? std::string_view(aside->orig, aside->orig_size) : std::string_view();
  }
  const OrderState* refused() const { return aside && aside->is_refused ? &aside->refused : nullptr; }
  void set_fingerprint(u128 v) {
    fingerprint_low = static_cast<uint64_t>(v);
    fingerprint_high = static_cast<uint64_t>(v >> 64);
  }
  u128 fingerprint() const { return static_cast<u128>(fingerprint_high) << 64 | fingerprint_low; }
};

// Memories by name: an open-addressing table of hashes and numbers, so that a search reads one
// memory at the most.
class Names {
 public:
  void prefetch(uint32_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
  Remembered* find(const NameKey& key) const {
    for (size_t i = key.hash & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (!slot.number) return nullptr;
      if (slot.hash != key.hash) continue;
      Remembered* found = pool_.at(slot.number - 1);
      if (found->member_id == key.member_id && found->name() == key.text) return found;
    }
  }
  Remembered* find(uint32_t member_id, std::string_view name) const {
    return find(NameKey(member_id, name));
  }
  // A memory under a name; `put` makes it one that can be found.
  Remembered* make(uint32_t member_id, std::string_view name) {
    Remembered* r = pool_.take();
    r->number = pool_.size();
    r->member_id = member_id;
    r->size = static_cast<uint8_t>(name.size());
    std::memcpy(r->text, name.data(), std::min(name.size(), sizeof r->text));
    return r;
  }
  void put(Remembered* r, uint32_t hash) {
    if ((count_ + 1) * 8 > slots_.size() * 5) grow();
    ++count_;
    place({hash, r->number});
  }
  void put(Remembered* r) { put(r, NameKey(r->member_id, r->name()).hash); }
  // The same memory in another table, which it can be found in.
  Remembered* copy_to(Names& to, const Remembered& r) const {
    Remembered* fresh = to.make(r.member_id, r.name());
    uint32_t number = fresh->number;
    *fresh = r;
    fresh->number = number;
    fresh->aside = nullptr;
    if (r.aside) to.keep_aside(fresh, r.refused(), r.orig());
    to.put(fresh);
    return fresh;
  }
  void keep_aside(Remembered* r, const OrderState* refused, std::string_view orig) {
    r->aside = asides_.take();
    Aside& a = *r->aside;
    a.orig_size = static_cast<uint8_t>(orig.size());
    std::memcpy(a.orig, orig.data(), orig.size());
    a.is_refused = refused != nullptr;
    if (!refused) return;
    a.refused = *refused;
    a.refused.cl_ord_id = r->name();
  }
  size_t size() const { return count_; }
  template <class F>
  void each(F&& f) const {
    for (auto& slot : slots_)
      if (slot.number) f(pool_.at(slot.number - 1));
  }

 private:
  struct Slot {
    uint32_t hash;
    uint32_t number;  // 0 = free
  };
  void place(const Slot& slot) {
    size_t i = slot.hash & mask_;
    while (slots_[i].number) i = (i + 1) & mask_;
    slots_[i] = slot;
  }
  void grow() {
    ZeroedArray<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (auto& slot : old)
      if (slot.number) place(slot);
  }

  Pool<Remembered> pool_;
  Pool<Aside> asides_;
  ZeroedArray<Slot> slots_{1024};
  size_t mask_ = 1023, count_ = 0;
};

}  // namespace lockstep
