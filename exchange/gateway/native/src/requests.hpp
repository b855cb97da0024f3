// Messages of an order session into command records of the log.
//
// Three outcomes of a command: a record; "odd", a command whose fields are at fault, for the caller
// to explain; "refused", bytes that this reader does not take at all: the whole message is then
// read by the generated classes.
#pragma once

#include "names.hpp"
#include "records.gen.hpp"
#include "wire.hpp"

namespace lockstep {

constexpr uint8_t kRecordVersion = 1;
constexpr size_t kCommandRoom = 512;  // the largest record of an order command is far below
constexpr size_t kIdMax = 36;

enum class Taken { record, odd, refused };

struct Odd {
  uint32_t position;
  std::string_view bytes;
};

struct Request {
  bool has_logon = false;
  bool cancel_on_disconnect = false;
  std::vector<uint64_t> request_nos;
  uint32_t record_count = 0;
  std::vector<Odd> odd;
  std::vector<uint32_t> mass_cancels;
};

// Fields as the wire has them, before any check.
struct WireTime {
  bool given = false;
  int64_t seconds = 0;
  int32_t nanos = 0;
};

struct WireTerms {
  bool given = false;
  bool peg_offset_given = false;
  int64_t stop_price = 0, trail = 0, peg_offset = 0, peg_limit = 0, display_qty = 0, min_qty = 0;
  int32_t trail_unit = 0, peg = 0;
  uint32_t stp_group = 0;
  std::string_view oco_cl_ord_id;
};

struct WireOrder {
  std::string_view cl_ord_id, symbol, account;
  int32_t side = 0, ord_type = 0, time_in_force = 0, stp_mode = 0, book = 0;
  int64_t order_qty = 0, price = 0;
  uint32_t flags = 0;
  WireTime expire;
  WireTerms terms;
};

struct WireChange {
  std::string_view cl_ord_id, orig_cl_ord_id;
  uint64_t order_id = 0;
  int64_t order_qty = 0, price = 0;
  WireTerms terms;
};

struct WireMassCancel {
  std::string_view cl_ord_id, symbol, account;
  int32_t side = 0;
};

class RequestReader {
 public:
  RequestReader(const Names& names, uint32_t member_id, uint32_t session_id, Out& body)
      : names_(names),
        accounts_(names.accounts_of(member_id)),
        member_id_(member_id),
        session_id_(session_id),
        body_(body) {}

  // False: read it by other means.
  bool read(std::string_view raw, Request& to) {
    wire::Reader in(raw);
    uint32_t key = 0;
    std::string_view content;
    while (!in.at_end()) {
      if (!in.key(key)) return false;
      if (key == wire::tag(2, wire::kBytes)) {
        if (!in.bytes(content) || !command(content, to)) return false;
      } else if (key == wire::tag(1, wire::kBytes)) {
        if (!in.bytes(content) || !logon(content, to)) return false;
      } else if (!in.skip(key)) {
        return false;
      }
    }
    return true;
  }

 private:
  template <class T>
  static bool number(wire::Reader& in, T& to) {
    uint64_t wide = 0;
    if (!in.varint(wide)) return false;
    to = static_cast<T>(wide);
    return true;
  }

  static bool logon(std::string_view raw, Request& to) {
    wire::Reader in(raw);
    uint32_t key = 0;
    uint64_t flag = 0;
    to.has_logon = true;
    while (!in.at_end()) {
      if (!in.key(key)) return false;
      if (key == wire::tag(1, wire::kVarint)) {
        if (!in.varint(flag)) return false;
        to.cancel_on_disconnect = flag != 0;
      } else if (!in.skip(key)) {
        return false;
      }
    }
    return true;
  }

  bool command(std::string_view raw, Request& to) {
    wire::Reader in(raw);
    uint32_t key = 0, kind = 0;
    uint64_t request_no = 0;
    std::string_view content;
    while (!in.at_end()) {
      if (!in.key(key)) return false;
      if (key == wire::tag(1, wire::kVarint)) {
        if (!in.varint(request_no)) return false;
      } else if ((key & 7) == wire::kBytes && key >> 3 >= 2 && key >> 3 <= 5) {
        if (kind || !in.bytes(content)) return false;  // a second one merges or replaces
        kind = key >> 3;
      } else if (!in.skip(key)) {
        return false;
      }
    }
    auto position = static_cast<uint32_t>(to.request_nos.size());
    Taken taken = kind == 2   ? new_order(content)
                  : kind == 3 ? cancel_order(content)
                  : kind == 4 ? replace_order(content)
                  : kind == 5 ? mass_cancel(content)
                              : Taken::odd;
    if (taken == Taken::refused) return false;
    to.request_nos.push_back(request_no);
    if (taken == Taken::odd) {
      to.odd.push_back({position, raw});
    } else {
      ++to.record_count;
      if (kind == 5) to.mass_cancels.push_back(position);
    }
    return true;
  }

  static bool read_time(std::string_view raw, WireTime& to) {
    wire::Reader in(raw);
    uint32_t key = 0;
    to.given = true;
    while (!in.at_end()) {
      if (!in.key(key)) return false;
      bool fine = key == wire::tag(1, wire::kVarint)   ? number(in, to.seconds)
                  : key == wire::tag(2, wire::kVarint) ? number(in, to.nanos)
                                                       : in.skip(key);
      if (!fine) return false;
    }
    return true;
  }

  static bool read_order_terms(std::string_view raw, WireTerms& to) {
    wire::Reader in(raw);
    uint32_t key = 0;
    to.given = true;
    while (!in.at_end()) {
      if (!in.key(key)) return false;
      bool fine = false;
      switch (key) {
        case wire::tag(1, wire::kVarint): fine = number(in, to.stop_price); break;
        case wire::tag(2, wire::kVarint): fine = number(in, to.trail); break;
        case wire::tag(3, wire::kVarint): fine = number(in, to.trail_unit); break;
        case wire::tag(4, wire::kVarint): fine = number(in, to.peg); break;
        case wire::tag(5, wire::kVarint): fine = number(in, to.peg_offset); break;
        case wire::tag(6, wire::kVarint): fine = number(in, to.peg_limit); break;
        case wire::tag(7, wire::kVarint): fine = number(in, to.display_qty); break;
        case wire::tag(8, wire::kVarint): fine = number(in, to.min_qty); break;
        case wire::tag(9, wire::kVarint): fine = number(in, to.stp_group); break;
        case wire::tag(10, wire::kBytes): fine = in.text(to.oco_cl_ord_id); break;
        default: fine = in.skip(key);
      }
      if (!fine) return false;
    }
    return true;
  }

  static bool read_changed_terms(std::string_view raw, WireTerms& to) {
    wire::Reader in(raw);
    uint32_t key = 0;
    to.given = true;
    while (!in.at_end()) {
      if (!in.key(key)) return false;
      bool fine = false;
      switch (key) {
        case wire::tag(1, wire::kVarint): fine = number(in, to.stop_price); break;
        case wire::tag(2, wire::kVarint): fine = number(in, to.trail); break;
        case wire::tag(3, wire::kVarint):
          fine = number(in, to.peg_offset);
          to.peg_offset_given = true;
          break;
        case wire::tag(4, wire::kVarint): fine = number(in, to.peg_limit); break;
        case wire::tag(5, wire::kVarint): fine = number(in, to.display_qty); break;
        default: fine = in.skip(key);
      }
      if (!fine) return false;
    }
    return true;
  }

  static bool read_order(std::string_view raw, WireOrder& to) {
    wire::Reader in(raw);
    uint32_t key = 0;
    std::string_view content;
    while (!in.at_end()) {
      if (!in.key(key)) return false;
      bool fine = false;
      switch (key) {
        case wire::tag(1, wire::kBytes): fine = in.text(to.cl_ord_id); break;
        case wire::tag(2, wire::kBytes): fine = in.text(to.symbol); break;
        case wire::tag(3, wire::kVarint): fine = number(in, to.side); break;
        case wire::tag(4, wire::kVarint): fine = number(in, to.ord_type); break;
        case wire::tag(5, wire::kVarint): fine = number(in, to.time_in_force); break;
        case wire::tag(6, wire::kVarint): fine = number(in, to.order_qty); break;
        case wire::tag(7, wire::kVarint): fine = number(in, to.price); break;
        case wire::tag(8, wire::kBytes): fine = in.text(to.account); break;
        case wire::tag(9, wire::kVarint): fine = number(in, to.stp_mode); break;
        case wire::tag(10, wire::kVarint): fine = number(in, to.flags); break;
        case wire::tag(11, wire::kBytes):
          fine = in.bytes(content) && read_time(content, to.expire);
          break;
        case wire::tag(12, wire::kBytes):
          fine = in.bytes(content) && read_order_terms(content, to.terms);
          break;
        case wire::tag(13, wire::kVarint): fine = number(in, to.book); break;
        default: fine = in.skip(key);
      }
      if (!fine) return false;
    }
    return true;
  }

  // CancelOrder and ReplaceOrder have their first three fields in common.
  static bool read_change(std::string_view raw, WireChange& to, bool is_replace) {
    wire::Reader in(raw);
    uint32_t key = 0;
    std::string_view content;
    while (!in.at_end()) {
      if (!in.key(key)) return false;
      bool fine = false;
      if (key == wire::tag(1, wire::kBytes)) {
        fine = in.text(to.cl_ord_id);
      } else if (key == wire::tag(2, wire::kBytes)) {
        fine = in.text(to.orig_cl_ord_id);
      } else if (key == wire::tag(3, wire::kVarint)) {
        fine = in.varint(to.order_id);
      } else if (is_replace && key == wire::tag(4, wire::kVarint)) {
        fine = number(in, to.order_qty);
      } else if (is_replace && key == wire::tag(5, wire::kVarint)) {
        fine = number(in, to.price);
      } else if (is_replace && key == wire::tag(6, wire::kBytes)) {
        fine = in.bytes(content) && read_changed_terms(content, to.terms);
      } else {
        fine = in.skip(key);
      }
      if (!fine) return false;
    }
    return true;
  }

  static bool read_mass_cancel(std::string_view raw, WireMassCancel& to) {
    wire::Reader in(raw);
    uint32_t key = 0;
    while (!in.at_end()) {
      if (!in.key(key)) return false;
      bool fine = key == wire::tag(1, wire::kBytes)    ? in.text(to.cl_ord_id)
                  : key == wire::tag(2, wire::kBytes)  ? in.text(to.symbol)
                  : key == wire::tag(3, wire::kBytes)  ? in.text(to.account)
                  : key == wire::tag(4, wire::kVarint) ? number(in, to.side)
                                                       : in.skip(key);
      if (!fine) return false;
    }
    return true;
  }

  Taken new_order(std::string_view raw) {
    WireOrder w;
    if (!read_order(raw, w)) return Taken::refused;
    bool dark_flag = w.flags & OrderFlag::DARK_BOOK_;
    bool fine = is_id(w.cl_ord_id) && is_Side(w.side) && is_OrdType(w.ord_type) &&
                (!w.time_in_force || is_TimeInForce(w.time_in_force)) &&
                (!w.stp_mode || is_StpMode(w.stp_mode)) && w.order_qty >= 0 && w.price >= 0 &&
                w.flags <= 0xFFFF && w.book >= 0 && w.book <= kDark &&
                !(w.book == kLit && dark_flag);
    NewOrderWithTerms r;
    if (!fine || !expiry(w.expire, r.order.expire_ts_ns) || !order_terms(w.terms, r.terms))
      return Taken::odd;
    r.order.member_id = member_id_;
    r.order.account_id = accounts_.id(w.account);
    r.order.instrument_id = instrument_id(w.symbol);
    r.order.side = static_cast<uint8_t>(w.side);
    r.order.ord_type = static_cast<uint8_t>(w.ord_type);
    r.order.time_in_force =
        static_cast<uint8_t>(w.time_in_force ? w.time_in_force : TimeInForce::DAY_);
    r.order.stp = static_cast<uint8_t>(w.stp_mode);
    r.order.flags =
        static_cast<uint16_t>(w.flags | (w.book == kDark ? OrderFlag::DARK_BOOK_ : 0));
    r.order.order_qty = w.order_qty;
    r.order.price = w.price;
    r.order.cl_ord_id = w.cl_ord_id;
    if (r.terms == OrderTerms{}) {
      record(CommandKind::NEW_ORDER_, r.order);
    } else {
      record(CommandKind::NEW_ORDER_WITH_TERMS_, r);
    }
    return Taken::record;
  }

  Taken cancel_order(std::string_view raw) {
    WireChange w;
    if (!read_change(raw, w, false)) return Taken::refused;
    if (!names_an_order(w)) return Taken::odd;
    record(CommandKind::CANCEL_ORDER_,
           CancelOrder{member_id_, w.order_id, w.cl_ord_id, w.orig_cl_ord_id});
    return Taken::record;
  }

  Taken replace_order(std::string_view raw) {
    WireChange w;
    if (!read_change(raw, w, true)) return Taken::refused;
    const WireTerms& t = w.terms;
    if (!names_an_order(w) || w.order_qty < 0 || w.price < 0 || t.stop_price < 0 || t.trail < 0 ||
        t.peg_limit < 0 || t.display_qty < 0)
      return Taken::odd;
    ReplaceOrderWithTerms r{
        {member_id_, w.order_id, w.order_qty, w.price, w.cl_ord_id, w.orig_cl_ord_id},
        {t.stop_price, t.trail, t.peg_offset_given, t.peg_offset, t.peg_limit, t.display_qty}};
    if (r.terms == ChangedTerms{}) {
      record(CommandKind::REPLACE_ORDER_, r.replace);
    } else {
      record(CommandKind::REPLACE_ORDER_WITH_TERMS_, r);
    }
    return Taken::record;
  }

  Taken mass_cancel(std::string_view raw) {
    WireMassCancel w;
    if (!read_mass_cancel(raw, w)) return Taken::refused;
    if (!is_id(w.cl_ord_id) || (w.side && !is_Side(w.side))) return Taken::odd;
    MassCancel r{member_id_, 0, 0, static_cast<uint8_t>(w.side), w.cl_ord_id};
    if (!w.account.empty()) {
      r.account_id = accounts_.id(w.account);
      if (!r.account_id) r.account_id = kUnknownId;
    }
    if (!w.symbol.empty()) {
      r.instrument_id = instrument_id(w.symbol);
      if (!r.instrument_id) r.instrument_id = kUnknownId;
    }
    record(CommandKind::MASS_CANCEL_, r);
    return Taken::record;
  }

  static bool is_id(std::string_view text) {
    if (text.size() > kIdMax) return false;
    bool printable = true;
    for (unsigned char c : text) printable &= c >= 0x20 && c < 0x7F;
    return printable;
  }
  static bool names_an_order(const WireChange& w) {
    return (w.order_id || !w.orig_cl_ord_id.empty()) && is_id(w.cl_ord_id) &&
           is_id(w.orig_cl_ord_id);
  }
  static bool expiry(const WireTime& w, uint64_t& to) {
    if (!w.given) return true;
    i128 total = static_cast<i128>(w.seconds) * 1'000'000'000 + w.nanos;
    if (w.nanos < 0 || w.nanos >= 1'000'000'000 || total <= 0 || total > INT64_MAX) return false;
    to = static_cast<uint64_t>(total);
    return true;
  }
  static bool order_terms(const WireTerms& w, OrderTerms& to) {
    if (!w.given) return true;
    if (w.stop_price < 0 || w.trail < 0 || w.peg_limit < 0 || w.display_qty < 0 || w.min_qty < 0 ||
        (w.trail_unit && !is_TrailUnit(w.trail_unit)) || (w.peg && !is_PegType(w.peg)) ||
        !is_id(w.oco_cl_ord_id))
      return false;
    to = {w.stop_price,
          w.trail,
          static_cast<uint8_t>(w.trail_unit),
          static_cast<uint8_t>(w.peg),
          w.peg_offset,
          w.peg_limit,
          w.display_qty,
          w.min_qty,
          w.stp_group,
          w.oco_cl_ord_id};
    return true;
  }
  // Orders of one message are often of one instrument.
  uint32_t instrument_id(std::string_view symbol) {
    if (symbol != last_symbol_) {
      last_symbol_ = symbol;
      last_instrument_id_ = names_.instrument_id(symbol);
    }
    return last_instrument_id_;
  }

  template <class T>
  void record(int kind, const T& content) {
    body_.room(kCommandRoom);
    uint8_t* start = body_.at();
    Pen pen{start + 2};
    pen.u8(static_cast<uint8_t>(kind));
    pen.u8(kRecordVersion);
    pen.u32(session_id_);
    put(pen, content);
    auto length = static_cast<uint16_t>(pen.at - start);
    std::memcpy(start, &length, 2);
    body_.to(pen.at);
  }

  static constexpr int32_t kLit = 1, kDark = 2;
  static constexpr uint32_t kUnknownId = 0xFFFFFFFF;

  const Names& names_;
  const Accounts& accounts_;
  uint32_t member_id_;
  uint32_t session_id_;
  Out& body_;
  std::string_view last_symbol_;
  uint32_t last_instrument_id_ = 0;
};

}  // namespace lockstep
