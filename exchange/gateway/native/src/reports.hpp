// Events into ExecutionReport and MassCancelReport, for one member.
//
// What a report says is told once, by exchange/gateway/reports.py; this writes the same bytes.
// Busts and corrections come from operators alone and never in an answer to a session: what is not
// known here makes the caller take the other codec.
#pragma once

#include "batch_index.hpp"
#include "names.hpp"
#include "wire.hpp"

namespace lockstep {

constexpr size_t kReportRoom = 4096;  // of a report with everything in it, and of a result's head

// The sentence for each reject reason.
class ReasonTexts {
 public:
  void set(uint32_t reason, std::string_view text) { texts_[reason] = text; }
  std::string_view of(uint32_t reason) {
    auto found = texts_.find(reason);
    if (found != texts_.end()) return found->second;
    return texts_[reason] = "refused with reason " + std::to_string(reason);
  }

 private:
  std::unordered_map<uint32_t, std::string> texts_;
};

// ExecType of the API (FIX 150).
enum class ExecType : uint8_t {
  fresh = 1, trade = 2, canceled = 3, replaced = 4, rejected = 5, expired = 6, restated = 8,
  triggered = 12, cancel_rejected = 13
};

struct ReportFields {
  ExecType exec_type{};
  std::string_view cl_ord_id, orig_cl_ord_id, text;
  int64_t last_qty = 0, last_px = 0, canceled_qty = 0, trigger_price = 0;
  uint64_t trade_id = 0;
  uint32_t liquidity = 0, reject_reason = 0, cancel_reason = 0;
  bool poss_dup = false;
  const OrderTerms* terms = nullptr;
};

struct MassReport {
  bool given = false;
  bool poss_dup = false;
  uint64_t exec_id = 0;
  std::string_view cl_ord_id, symbol, account, text;
  uint32_t side = 0, canceled_count = 0, reject_reason = 0;
};

class ReportWriter {
 public:
  ReportWriter(const Names& names, ReasonTexts& texts, uint32_t member_id, Out& out)
      : names_(names), texts_(texts), member_id_(member_id), out_(out) {}

  void stand_at(uint64_t log_index, uint64_t ts_ns) {
    log_index_ = log_index;
    wire::Pen pen(reinterpret_cast<uint8_t*>(now_));
    pen.number<1>(ts_ns / 1'000'000'000);
    pen.number<2>(ts_ns % 1'000'000'000);
    now_size_ = static_cast<size_t>(pen.at() - reinterpret_cast<uint8_t*>(now_));
  }

  // The member's reports of one event, each as field `field` of the message around it.
  // False: an event that is not told here, or bytes that are none.
  template <uint32_t field>
  bool reports(int kind, uint64_t seq, const uint8_t* begin, const uint8_t* end) {
    In in(begin, end);
    seq_ = seq;
    switch (kind) {
      case EventKind::ACCEPTED_: return told<field, Accepted>(in);
      case EventKind::REJECTED_: return told<field, Rejected>(in);
      case EventKind::TRADE_: return told<field, Trade>(in);
      case EventKind::CANCELED_: return told<field, Canceled>(in);
      case EventKind::REPLACED_: return told<field, Replaced>(in);
      case EventKind::EXPIRED_: return told<field, Expired>(in);
      case EventKind::RESTATED_: return told<field, Restated>(in);
      case EventKind::TRIGGERED_: return told<field, Triggered>(in);
      case EventKind::TERMS_CHANGED_: return told<field, TermsChanged>(in);
      case EventKind::CANCEL_REJECTED_: return told<field, CancelRejected>(in);
      case EventKind::REPEATED_: return told<field, Repeated>(in);
      case EventKind::TRADE_BUSTED_:
      case EventKind::TRADE_CORRECTED_: return false;
      default: return true;
    }
  }

  // The acknowledgement of a mass cancel, if this event is it; `refusals_too` where the caller
  // knows that a refusal answers one.
  bool mass_report(int kind, uint64_t seq, const uint8_t* begin, const uint8_t* end,
                   bool refusals_too, MassReport& to) {
    In in(begin, end);
    if (kind == EventKind::MASS_CANCELED_) {
      MassCanceled e;
      if (!read(in, e)) return false;
      if (e.member_id != member_id_) return true;
      to = {true,          false, seq, e.cl_ord_id, names_.symbol(e.instrument_id),
            names_.account_name(e.account_id), {}, e.side, e.canceled_count, 0};
    } else if (kind == EventKind::CANCEL_REJECTED_ && refusals_too) {
      CancelRejected e;
      if (!read(in, e)) return false;
      if (e.member_id == member_id_) refused(seq, e.cl_ord_id, e.reason, false, to);
    } else if (kind == EventKind::REPEATED_) {
      Repeated e;
      if (!read(in, e)) return false;
      if (e.order.member_id != member_id_) return true;
      if (e.outcome == EventKind::MASS_CANCELED_) {
        to = {true, true, seq, e.cl_ord_id, {}, {}, {}, 0, 0, 0};
      } else if (e.outcome == EventKind::CANCEL_REJECTED_ && refusals_too) {
        refused(seq, e.cl_ord_id, e.reason, true, to);
      }
    }
    return true;
  }

  template <uint32_t field>
  void write(const MassReport& r) {
    wire::Pen pen = begin();
    uint8_t* mark = pen.begin_message<field>();
    pen.number<1>(r.exec_id);
    pen.text<2>(r.cl_ord_id);
    pen.text<3>(r.symbol);
    pen.text<4>(r.account);
    pen.number<5>(uint64_t{r.side});
    pen.number<6>(uint64_t{r.canceled_count});
    pen.copy<7>({now_, now_size_});
    pen.number<8>(log_index_);
    pen.number<9>(uint64_t{r.poss_dup});
    pen.number<10>(uint64_t{r.reject_reason});
    pen.text<11>(r.text);
    pen.end_message(mark);
    end(pen);
  }

 private:
  wire::Pen begin() {
    out_.room(kReportRoom);
    return wire::Pen(out_.at());
  }
  void end(const wire::Pen& pen) { out_.skip(static_cast<size_t>(pen.at() - out_.at())); }

  template <class T>
  static bool read(In& in, T& event) {
    return get(in, event) && in.left() == 0;
  }
  void refused(uint64_t seq, std::string_view id, uint32_t reason, bool again, MassReport& to) {
    to = {true, again, seq, id, {}, {}, texts_.of(reason), 0, 0, reason};
  }

  template <uint32_t field, class T>
  bool told(In& in) {
    T event;
    if (!read(in, event)) return false;
    tell<field>(event);
    return true;
  }

  template <uint32_t field>
  void tell(const Accepted& e) {
    if (e.order.member_id != member_id_) return;
    write<field>(of(ExecType::fresh, e.order), e.order);
  }
  template <uint32_t field>
  void tell(const Rejected& e) {
    if (e.order.member_id != member_id_) return;
    ReportFields f = of(ExecType::rejected, e.order);
    f.reject_reason = e.reason;
    f.text = texts_.of(e.reason);
    write<field>(f, e.order);
  }
  template <uint32_t field>
  void tell(const Trade& e) {
    for (const OrderState* order : {&e.buy, &e.sell}) {
      if (order->member_id != member_id_) continue;
      ReportFields f = of(ExecType::trade, *order);
      f.last_qty = e.qty;
      f.last_px = e.price;
      f.trade_id = e.trade_id;
      int own = order == &e.buy ? Side::BUY_ : Side::SELL_;
      if (e.aggressor) f.liquidity = e.aggressor == own ? kTaker : kMaker;
      write<field>(f, *order);
    }
  }
  template <uint32_t field>
  void tell(const Canceled& e) {
    if (e.order.member_id != member_id_) return;
    ReportFields f = of(ExecType::canceled, e.order);
    f.cancel_reason = e.reason;
    f.canceled_qty = e.canceled_qty;
    if (!e.request_cl_ord_id.empty()) {
      f.orig_cl_ord_id = f.cl_ord_id;
      f.cl_ord_id = e.request_cl_ord_id;
    }
    write<field>(f, e.order);
  }
  template <uint32_t field>
  void tell(const Replaced& e) {
    if (e.order.member_id != member_id_) return;
    ReportFields f = of(ExecType::replaced, e.order);
    f.orig_cl_ord_id = e.orig_cl_ord_id;
    write<field>(f, e.order);
  }
  template <uint32_t field>
  void tell(const Expired& e) {
    if (e.order.member_id != member_id_) return;
    ReportFields f = of(ExecType::expired, e.order);
    f.cancel_reason = e.reason;
    f.canceled_qty = e.expired_qty;
    write<field>(f, e.order);
  }
  template <uint32_t field>
  void tell(const Restated& e) {
    if (e.order.member_id != member_id_) return;
    ReportFields f = of(ExecType::restated, e.order);
    f.cancel_reason = e.reason;
    write<field>(f, e.order);
  }
  template <uint32_t field>
  void tell(const Triggered& e) {
    if (e.order.member_id != member_id_) return;
    ReportFields f = of(ExecType::triggered, e.order);
    f.trigger_price = e.trigger_price;
    write<field>(f, e.order);
  }
  template <uint32_t field>
  void tell(const TermsChanged& e) {
    if (e.order.member_id != member_id_) return;
    ReportFields f = of(ExecType::restated, e.order);
    f.terms = &e.terms;
    write<field>(f, e.order);
  }
  template <uint32_t field>
  void tell(const CancelRejected& e) {
    if (e.member_id != member_id_) return;
    wire::Pen pen = begin();
    uint8_t* mark = pen.begin_message<field>();
    pen.number<1>(seq_);
    pen.number<2>(e.order_id);
    pen.text<3>(e.cl_ord_id);
    pen.text<4>(e.orig_cl_ord_id);
    pen.number<5>(static_cast<uint64_t>(ExecType::cancel_rejected));
    pen.number<6>(uint64_t{e.ord_status});
    pen.text<7>(names_.symbol(e.instrument_id));
    pen.number<22>(uint64_t{e.reason});
    pen.text<23>(texts_.of(e.reason));
    pen.copy<26>({now_, now_size_});
    pen.number<27>(log_index_);
    pen.number<30>(uint64_t{e.is_replace != 0});
    pen.end_message(mark);
    end(pen);
  }
  template <uint32_t field>
  void tell(const Repeated& e) {
    if (e.order.member_id != member_id_) return;
    ReportFields f;
    switch (e.outcome) {
      case EventKind::ACCEPTED_: f = of(ExecType::fresh, e.order); break;
      case EventKind::REJECTED_: f = of(ExecType::rejected, e.order); break;
      case EventKind::CANCELED_: f = of(ExecType::canceled, e.order); break;
      case EventKind::REPLACED_: f = of(ExecType::replaced, e.order); break;
      case EventKind::EXPIRED_: f = of(ExecType::expired, e.order); break;
      case EventKind::CANCEL_REJECTED_: f = of(ExecType::cancel_rejected, e.order); break;
      default: return;
    }
    f.cl_ord_id = e.cl_ord_id;
    f.orig_cl_ord_id = e.orig_cl_ord_id;
    f.poss_dup = true;
    if (f.exec_type == ExecType::rejected || f.exec_type == ExecType::cancel_rejected) {
      f.reject_reason = e.reason;
      f.text = texts_.of(e.reason);
    } else {
      f.cancel_reason = e.reason;
    }
    write<field>(f, e.order);
  }

  static ReportFields of(ExecType exec_type, const OrderState& order) {
    ReportFields f;
    f.exec_type = exec_type;
    f.cl_ord_id = order.cl_ord_id;
    return f;
  }

  template <uint32_t field>
  void write(const ReportFields& f, const OrderState& o) {
    wire::Pen pen = begin();
    uint8_t* mark = pen.begin_message<field>();
    pen.number<1>(seq_);
    pen.number<2>(o.order_id);
    pen.text<3>(f.cl_ord_id);
    pen.text<4>(f.orig_cl_ord_id);
    pen.number<5>(static_cast<uint64_t>(f.exec_type));
    pen.number<6>(uint64_t{o.ord_status});
    pen.text<7>(symbol(o.instrument_id));
    pen.text<8>(account_name(o.account_id));
    pen.number<9>(uint64_t{o.side});
    pen.number<10>(uint64_t{o.ord_type});
    pen.number<11>(uint64_t{o.time_in_force});
    pen.number<12>(o.order_qty);
    pen.number<13>(o.cum_qty);
    pen.number<14>(o.leaves_qty);
    pen.number<15>(f.last_qty);
    pen.number<16>(f.last_px);
    pen.number<17>(o.price);
    notional(pen, o);
    pen.number<20>(f.trade_id);
    pen.number<21>(uint64_t{f.liquidity});
    pen.number<22>(uint64_t{f.reject_reason});
    pen.text<23>(f.text);
    pen.number<24>(uint64_t{f.cancel_reason});
    pen.number<25>(uint64_t{f.poss_dup});
    pen.copy<26>({now_, now_size_});
    pen.number<27>(log_index_);
    pen.number<28>(uint64_t{o.flags});
    if (o.expire_ts_ns) pen.time<29>(o.expire_ts_ns);
    pen.number<31>(f.canceled_qty);
    pen.number<32>(uint64_t{o.session_id});
    if (f.terms) terms(pen, *f.terms);
    pen.number<34>(f.trigger_price);
    if (o.flags & OrderFlag::DARK_BOOK_) pen.number<37>(kDarkBook);
    pen.end_message(mark);
    end(pen);
  }

  // cum_notional as a decimal number, and the average price.
  static void notional(wire::Pen& pen, const OrderState& o) {
    char digits[40];
    char* end = digits + sizeof digits;
    char* at = end;
    u128 rest = o.cum_notional;
    if (rest >> 64 == 0) {
      auto low = static_cast<uint64_t>(rest);
      do *--at = static_cast<char>('0' + low % 10);
      while (low /= 10);
    } else {
      do *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
      while (rest /= 10);
    }
    pen.text<18>({at, static_cast<size_t>(end - at)});
    if (!o.cum_qty) return;
    auto qty = static_cast<uint64_t>(o.cum_qty);
    uint64_t average = o.cum_notional >> 64 == 0 ? static_cast<uint64_t>(o.cum_notional) / qty
                                                 : static_cast<uint64_t>(o.cum_notional / qty);
    pen.number<19>(average);
  }

  static void terms(wire::Pen& pen, const OrderTerms& t) {
    uint8_t* mark = pen.begin_message<33>();
    pen.number<1>(t.stop_price);
    pen.number<2>(t.trail);
    pen.number<3>(uint64_t{t.trail_unit});
    pen.number<4>(uint64_t{t.peg});
    pen.number<5>(t.peg_offset);
    pen.number<6>(t.peg_limit);
    pen.number<7>(t.display_qty);
    pen.number<8>(t.min_qty);
    pen.number<9>(uint64_t{t.stp_group});
    pen.text<10>(t.oco_cl_ord_id);
    pen.end_message(mark);
  }

  // Reports of one answer are often of one instrument and one account.
  std::string_view symbol(uint32_t id) {
    if (id != symbol_id_) {
      symbol_id_ = id;
      symbol_ = names_.symbol(id);
    }
    return symbol_;
  }
  std::string_view account_name(uint32_t id) {
    if (id != account_id_) {
      account_id_ = id;
      account_ = names_.account_name(id);
    }
    return account_;
  }

  static constexpr uint32_t kMaker = 1, kTaker = 2;
  static constexpr uint64_t kDarkBook = 2;

  const Names& names_;
  ReasonTexts& texts_;
  uint32_t member_id_;
  Out& out_;
  uint64_t log_index_ = 0;
  char now_[24] = {};  // the content of a Timestamp: the time of the entry
  size_t now_size_ = 0;
  uint64_t seq_ = 0;
  uint32_t symbol_id_ = 0, account_id_ = 0;
  std::string_view symbol_, account_;
};

}  // namespace lockstep
