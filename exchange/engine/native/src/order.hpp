// The order as the engine keeps it: one object from acceptance to the end of the day.
//
// Invariant (R11.2): order_qty == cum_qty + leaves_qty while it is live, and leaves_qty == 0
// exactly when it is not. Whoever changes an order keeps queues and indexes in step (state.hpp).
#pragma once

#include <stdexcept>

#include "names.hpp"

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
// A plain command hands over kNoTerms itself.
inline bool has_terms(const OrderTerms& t) { return &t != &kNoTerms && t != kNoTerms; }

struct Level;
struct Line;

// In the order of use, four cache lines: what events tell, what is reserved, its neighbours, the
// rest.
struct alignas(64) Order {
  uint64_t order_id = 0;
  int64_t order_qty = 0, cum_qty = 0, leaves_qty = 0, price = 0;
  const Remembered* name = nullptr;
  u128 cum_notional = 0;

  uint32_t member_id = 0, account_id = 0, instrument_id = 0, session_id = 0;
  uint16_t flags = 0;
  uint8_t side = 0, ord_type = 0, time_in_force = 0, stp = 0, ord_status = 0;
  bool is_resting : 1 = false, is_waiting : 1 = false, is_parked : 1 = false, is_open : 1 = false;
  uint64_t expire_ts_ns = 0, last_ts_ns = 0;
  int64_t held_qty = 0, held_price = 0;  // what is reserved for it now
  KeptTerms* kept = nullptr;

  Order *prev = nullptr, *next = nullptr;  // its queue
  Order *prev_account = nullptr, *next_account = nullptr;
  Order *prev_instrument = nullptr, *next_instrument = nullptr;
  Order *prev_session = nullptr, *next_session = nullptr;

  Level* level = nullptr;
  Line* line = nullptr;     // of its account in its instrument, once anything was reserved
  uint64_t entry_ts_ns = 0;
  int64_t shown_qty = 0;    // what is left of an iceberg's tranche
  uint64_t linked_id = 0;   // the live order of the same OCO
  int64_t worst_price = 0;  // what it is reserved at without a price
  int64_t cap_price = 0;    // how far it may execute without a price, 0 = any
  uint64_t place = 0;       // in the dark book, over both sides; 0 = none

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

static_assert(sizeof(Order) == 256);

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

// Objects by an id that counts up: pages of pointers, found by shift and mask.
template <class T>
class IdMap {
 public:
  T* find(uint64_t id) const {
    const Page* page = page_of(id);
    return page ? page->at[id & kMask] : nullptr;
  }
  void prefetch(uint64_t id) const {
    if (const Page* page = page_of(id)) __builtin_prefetch(&page->at[id & kMask]);
  }
  void put(uint64_t id, T* value) {
    uint64_t no = id >> kShift;
    if (table_.empty()) first_ = no;
    uint64_t apart = no < first_ ? first_ - no : no - first_;
    if (apart > kPagesMax) throw Invariant("order ids lie too far apart");
    if (no < first_) {
      table_.insert(table_.begin(), apart, nullptr);
      first_ = no;
    } else if (apart >= table_.size()) {
      table_.resize(apart + 1);
    }
    Page*& page = table_[no - first_];
    if (!page) page = pages_.take();
    page->at[id & kMask] = value;
  }
  void clear() {
    for (Page* page : table_)
      if (page) pages_.give(page);
    table_.clear();
  }
  // By id.
  template <class F>
  void each(F&& f) const {
    for (auto* page : table_)
      if (page)
        for (T* value : page->at)
          if (value) f(value);
  }

 private:
  static constexpr int kShift = 12;
  static constexpr uint64_t kMask = (1 << kShift) - 1;
  static constexpr uint64_t kPagesMax = 1 << 24;
  struct Page {
    T* at[1 << kShift] = {};
  };
  const Page* page_of(uint64_t id) const {
    uint64_t no = (id >> kShift) - first_;
    return no < table_.size() ? table_[no] : nullptr;
  }

  Pool<Page> pages_;
  std::vector<Page*> table_;
  uint64_t first_ = 0;
};

}  // namespace lockstep
