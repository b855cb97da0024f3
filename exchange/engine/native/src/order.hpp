// The order as the engine keeps it: one object from acceptance to the end of the day.
//
// Invariant (R11.2): order_qty == cum_qty + leaves_qty while it is live, and leaves_qty == 0
// exactly when it is not. Whoever changes an order keeps queues and indexes in step (state.hpp).
#pragma once

#include <sys/mman.h>

#include <array>
#include <deque>
#include <memory>
#include <stdexcept>

#include "records.gen.hpp"

namespace lockstep {

// Our own bug: the node stops on it (DESIGN section 7).
struct Invariant : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr int64_t kPriceMax = 9'000'000'000ll * 1'000'000'000ll;
inline constexpr int64_t kQtyMax = 1ll << 40;
inline constexpr uint64_t kTimestampMax = (1ull << 63) - 1;
inline constexpr uint64_t kTimerMax = ~0ull;
inline constexpr uint32_t kUnknownId = 0xFFFFFFFFu;
inline constexpr int kPostOnly = OrderFlag::POST_ONLY_ | OrderFlag::POST_ONLY_REPRICE_;

// Terms that an order keeps: the views in `terms` point into the object itself.
struct KeptTerms {
  OrderTerms terms;
  char oco[36];

  void set(const OrderTerms& from) {
    terms = from;
    from.oco_cl_ord_id.copy(oco, sizeof oco);
    terms.oco_cl_ord_id = {oco, from.oco_cl_ord_id.size()};
  }
};

inline const OrderTerms kNoTerms{};

// A used cl_ord_id and what came of it (R10.1); an order's name is one of these.
struct Remembered {
  u128 fingerprint = 0;
  uint64_t order_id = 0;
  uint64_t ts_ns = 0;
  OrderState* refused = nullptr;  // of a refused new order
  std::string orig;
  uint32_t member_id = 0;
  uint16_t reason = 0;
  uint8_t outcome = 0;
  uint8_t size = 0;
  char text[36];

  std::string_view name() const { return {text, size}; }
};

struct Level;

struct Order {
  uint64_t order_id = 0;
  int64_t order_qty = 0, cum_qty = 0, leaves_qty = 0, price = 0;
  u128 cum_notional = 0;
  uint64_t entry_ts_ns = 0, last_ts_ns = 0, expire_ts_ns = 0;
  int64_t held_qty = 0, held_price = 0;  // what is reserved for it now
  uint32_t member_id = 0, account_id = 0, instrument_id = 0, session_id = 0;
  uint16_t flags = 0;
  uint8_t side = 0, ord_type = 0, time_in_force = 0, stp = 0, ord_status = 0;
  bool is_resting = false, is_waiting = false, is_parked = false, is_open = false;
  const Remembered* name = nullptr;
  KeptTerms* kept = nullptr;
  int64_t shown_qty = 0;       // what is left of an iceberg's tranche
  uint64_t linked_id = 0;      // the live order of the same OCO
  int64_t worst_price = 0;     // what it is reserved at without a price
  int64_t cap_price = 0;       // how far it may execute without a price, 0 = any
  uint64_t place = 0;          // in the dark book, over both sides; 0 = none
  Order *prev = nullptr, *next = nullptr;                // its queue
  Order *prev_account = nullptr, *next_account = nullptr;
  Order *prev_instrument = nullptr, *next_instrument = nullptr;
  Order *prev_session = nullptr, *next_session = nullptr;
  Level* level = nullptr;

  const OrderTerms& terms() const { return kept ? kept->terms : kNoTerms; }
  int64_t display_qty() const { return kept ? kept->terms.display_qty : 0; }
  bool is_buy() const { return side == Side::BUY_; }
  bool is_midpoint() const { return kept && kept->terms.peg == PegType::MIDPOINT_; }
  bool is_whole() const { return flags & OrderFlag::ALL_OR_NONE_; }
  // Not displayed (R3.3, R4.6): hidden, all-or-none or midpoint peg.
  bool is_dark() const {
    constexpr int dark = OrderFlag::HIDDEN_ | OrderFlag::ALL_OR_NONE_ | OrderFlag::DARK_BOOK_;
    return (flags & dark) || is_midpoint();
  }
  bool in_dark_book() const { return flags & OrderFlag::DARK_BOOK_; }
  // The price that its open quantity is reserved at (R8.11); a peg to buy gives nothing back.
  int64_t reserved_price() const {
    if (ord_type == OrdType::PEGGED_ && is_buy()) return price > worst_price ? price : worst_price;
    return price ? price : worst_price;
  }
  // Takes part in an uncross (R6.3).
  bool is_auctioned() const { return !is_whole() && !is_midpoint(); }
  // What an incoming order meets at once.
  int64_t meets_qty() const { return display_qty() ? shown_qty : leaves_qty; }
  // The worst price at which it executes now, 0 = any.
  int64_t limit() const { return price ? price : cap_price; }
  std::string_view cl_ord_id() const { return name->name(); }

  OrderState state() const {
    if (leaves_qty && order_qty != cum_qty + leaves_qty)
      throw Invariant("order_qty_is_cum_plus_leaves order_id=" + std::to_string(order_id));
    return {order_id,  member_id, account_id, instrument_id, session_id,   side,
            ord_type,  time_in_force, stp,    ord_status,    flags,        order_qty,
            cum_qty,   leaves_qty, price,     expire_ts_ns,  cum_notional, cl_ord_id()};
  }
  void fill(int64_t at, int64_t qty, uint64_t now_ns) {
    cum_qty += qty;
    cum_notional += static_cast<u128>(at) * static_cast<u128>(qty);
    leaves_qty -= qty;
    ord_status = leaves_qty ? OrdStatus::PARTIALLY_FILLED_ : OrdStatus::FILLED_;
    last_ts_ns = now_ns;
  }
};

// An intrusive queue, oldest first.
struct Queue {
  Order* head = nullptr;
  Order* tail = nullptr;
  uint32_t count = 0;

  void push(Order* o) {
    o->prev = tail;
    o->next = nullptr;
    (tail ? tail->next : head) = o;
    tail = o;
    ++count;
  }
  void remove(Order* o) {
    (o->prev ? o->prev->next : head) = o->next;
    (o->next ? o->next->prev : tail) = o->prev;
    o->prev = o->next = nullptr;
    --count;
  }
};

// Objects in slabs: stable addresses, no allocation each, few pages for the processor to know.
template <class T>
class Pool {
 public:
  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    for (size_t n = 0; n < slabs_.size(); ++n) {
      size_t made = n + 1 < slabs_.size() ? kSlab : used_;
      for (size_t i = 0; i < made; ++i) slabs_[n][i].~T();
      munmap(slabs_[n], kBytes);
    }
  }

  T* take() {
    if (!free_.empty()) {
      T* t = free_.back();
      free_.pop_back();
      *t = T();
      return t;
    }
    if (used_ == kSlab) {
      void* slab = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (slab == MAP_FAILED) throw std::bad_alloc();
      madvise(slab, kBytes, MADV_HUGEPAGE);  // a wish: it holds without
      slabs_.push_back(static_cast<T*>(slab));
      used_ = 0;
    }
    return new (slabs_.back() + used_++) T();
  }
  void give(T* t) { free_.push_back(t); }

 private:
  static constexpr size_t kBytes = 2 << 20;
  static constexpr size_t kSlab = kBytes / sizeof(T);
  std::vector<T*> slabs_;
  std::vector<T*> free_;
  size_t used_ = kSlab;
};

// Objects by an id that counts up: pages of pointers, found by shift and mask.
template <class T>
class IdMap {
 public:
  T* find(uint64_t id) const {
    uint64_t page = id >> kShift;
    if (page - first_ >= pages_.size()) return nullptr;
    const auto& found = pages_[page - first_];
    return found ? (*found)[id & kMask] : nullptr;
  }
  void put(uint64_t id, T* value) {
    uint64_t page = id >> kShift;
    if (pages_.empty()) first_ = page;
    uint64_t apart = page < first_ ? first_ - page : page - first_;
    if (apart > kPagesMax) throw Invariant("order ids lie too far apart");
    for (; page < first_; --first_) pages_.emplace_front();
    while (page - first_ >= pages_.size()) pages_.emplace_back();
    auto& found = pages_[page - first_];
    if (!found) found = std::make_unique<Page>();
    (*found)[id & kMask] = value;
  }
  void clear() { pages_.clear(); }
  // By id.
  template <class F>
  void each(F&& f) const {
    for (auto& page : pages_)
      if (page)
        for (T* value : *page)
          if (value) f(value);
  }

 private:
  static constexpr int kShift = 10;
  static constexpr uint64_t kMask = (1 << kShift) - 1;
  static constexpr uint64_t kPagesMax = 1 << 24;
  struct Page : std::array<T*, 1 << kShift> {
    Page() { this->fill(nullptr); }
  };
  std::deque<std::unique_ptr<Page>> pages_;
  uint64_t first_ = 0;
};

// Names by (member, text): an open-addressing table of pointers.
template <class T>
class NameMap {
 public:
  void prefetch(uint32_t member, std::string_view name) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash(member, name) & mask_]);
  }
  T* find(uint32_t member, std::string_view name) const {
    if (slots_.empty()) return nullptr;
    uint64_t h = hash(member, name);
    for (size_t i = h & mask_;; i = (i + 1) & mask_) {
      const Slot& s = slots_[i];
      if (!s.value) return nullptr;
      if (s.hash == h && s.value->member_id == member && s.value->name() == name) return s.value;
    }
  }
  void put(T* value) {
    if (slots_.empty() || (count_ + 1) * 2 > slots_.size()) grow();
    uint64_t h = hash(value->member_id, value->name());
    size_t i = h & mask_;
    while (slots_[i].value) i = (i + 1) & mask_;
    slots_[i] = {h, value};
    ++count_;
  }
  size_t size() const { return count_; }
  void clear() {
    slots_.clear();
    count_ = mask_ = 0;
  }
  template <class F>
  void each(F&& f) const {
    for (auto& s : slots_)
      if (s.value) f(s.value);
  }

 private:
  struct Slot {
    uint64_t hash = 0;
    T* value = nullptr;
  };
  static uint64_t hash(uint32_t member, std::string_view name) {
    uint64_t h = member * 0x9E3779B97F4A7C15ull ^ name.size();
    const char* p = name.data();
    size_t n = name.size();
    while (n >= 8) {
      uint64_t v;
      std::memcpy(&v, p, 8);
      h = (h ^ v) * 0xC2B2AE3D27D4EB4Full;
      h ^= h >> 29;
      p += 8;
      n -= 8;
    }
    uint64_t v = 0;
    if (n) std::memcpy(&v, p, n);
    h = (h ^ v) * 0x165667B19E3779F9ull;
    return h ^ (h >> 32);
  }
  void grow() {
    std::vector<Slot> old;
    old.swap(slots_);
    slots_.resize(old.empty() ? 1024 : old.size() * 2);
    mask_ = slots_.size() - 1;
    for (auto& s : old) {
      if (!s.value) continue;
      size_t i = s.hash & mask_;
      while (slots_[i].value) i = (i + 1) & mask_;
      slots_[i] = s;
    }
  }
  std::vector<Slot> slots_;
  size_t mask_ = 0, count_ = 0;
};

}  // namespace lockstep
