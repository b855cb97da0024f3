// The engine port over the chapters: checks the entry, moves time, fires due timers and hands each
// command to its chapter. `apply` is total; Invariant is the one exception, our own bug.
#pragma once

#include "crc32c.hpp"
#include "lookahead.hpp"
#include "snapshot.hpp"

namespace lockstep {

namespace Status {
enum : uint16_t { APPLIED = 0, UNREADABLE = 1, OUT_OF_ORDER = 2 };
}

class Engine {
 public:
  static constexpr size_t kEntryHead = 40, kBatchHead = 40, kRecordHead = 8;
  static constexpr uint32_t kTimerNo = 0xFFFFFFFFu;

  Engine() : state_(std::make_unique<State>()) {}

  State& state() { return *state_; }

  // The event batch of an entry: valid until the next call.
  std::string_view apply(const uint8_t* entry, size_t size) {
    State& s = *state_;
    uint64_t index = 0;
    if (!head_is_sound(entry, size, index)) return refuse(0, Status::UNREADABLE);
    if (index != s.head.applied_index + 1) return refuse(index, Status::OUT_OF_ORDER);
    uint32_t count;
    std::memcpy(&count, entry + 32, 4);
    if (!records_add_up(entry, size, count)) return refuse(index, Status::UNREADABLE);
    begin_batch();
    Emitter out(s, out_);
    uint64_t ts_ns;
    std::memcpy(&ts_ns, entry + 24, 8);
    s.head.now_ns = std::max(s.head.now_ns, ts_ns);
    s.entry = entry;
    s.entry_size = size;
    fire_timers(out);
    const uint8_t* at = entry + kEntryHead;
    Lookahead ahead(s, at, entry + size);
    for (uint32_t no = 0; no < count; ++no) {
      uint16_t length;
      std::memcpy(&length, at, 2);
      out.command_no = no;
      run(out, at, length, ahead.next(no));
      follow(s, out);
      out.finish();
      at += length;
    }
    publish_indicative(s, out);
    s.head.applied_index = index;
    auto batch = end_batch(index, out.count, Status::APPLIED);
    s.head.next_event_seq += out.count;
    // The digest before stands in front of the batch in the buffer.
    std::memcpy(out_.data(), s.events_digest, 16);
    xxh3::digest_bytes(xxh3::hash128(out_.data(), out_.size()), s.events_digest);
    return batch;
  }
  std::string_view snapshot() {
    SnapshotWriter(*state_, snapshot_).write();
    return {reinterpret_cast<const char*>(snapshot_.data()), snapshot_.size()};
  }
  // Gives its memory back.
  void forget_snapshot() { snapshot_.free(); }
  void restore(const uint8_t* data, size_t size) {
    std::unique_ptr<State> fresh = SnapshotReader(data, size).read();
    Out again;
    bool is_canonical = false;
    try {
      is_canonical = SnapshotWriter(*fresh, again).would_write(data, size);
    } catch (const Invariant& broken) {
      throw BadSnapshot(std::string("snapshot is damaged: ") + broken.what());
    }
    if (!is_canonical)
      throw BadSnapshot("snapshot is not canonical: its content encodes to other bytes");
    state_ = std::move(fresh);
  }

 private:
  static bool head_is_sound(const uint8_t* entry, size_t size, uint64_t& index) {
    if (size < kEntryHead) return false;
    uint32_t crc, length;
    uint16_t format, reserved;
    std::memcpy(&crc, entry, 4);
    if (crc32c::value(entry + 4, size - 4) != crc) return false;
    std::memcpy(&format, entry + 4, 2);
    std::memcpy(&reserved, entry + 6, 2);
    std::memcpy(&index, entry + 8, 8);
    std::memcpy(&length, entry + 36, 4);
    return format == 1 && reserved == 0 && length == size - kEntryHead;
  }
  static bool records_add_up(const uint8_t* entry, size_t size, uint32_t count) {
    const uint8_t *at = entry + kEntryHead, *end = entry + size;
    uint32_t found = 0;
    while (at < end) {
      if (static_cast<size_t>(end - at) < kRecordHead) return false;
      uint16_t length;
      std::memcpy(&length, at, 2);
      if (length < kRecordHead || length > end - at) return false;
      at += length;
      ++found;
    }
    return found == count;
  }
  void begin_batch() {
    out_.clear();
    out_.room(4096);
    out_.skip(16 + kBatchHead);
  }
  std::string_view end_batch(uint64_t index, uint32_t count, uint16_t status) {
    uint8_t* head = out_.data() + 16;
    uint16_t format = 1;
    auto length = static_cast<uint32_t>(out_.size() - 16 - kBatchHead);
    uint32_t reserved = 0;
    std::memcpy(head, &format, 2);
    std::memcpy(head + 2, &status, 2);
    std::memcpy(head + 4, &count, 4);
    std::memcpy(head + 8, &index, 8);
    std::memcpy(head + 16, &state_->head.now_ns, 8);
    std::memcpy(head + 24, &state_->head.next_event_seq, 8);
    std::memcpy(head + 32, &length, 4);
    std::memcpy(head + 36, &reserved, 4);
    return {reinterpret_cast<const char*>(head), out_.size() - 16};
  }
  std::string_view refuse(uint64_t index, uint16_t status) {
    begin_batch();
    return end_batch(index, 0, status);
  }
  void fire_timers(Emitter& out) {
    State& s = *state_;
    out.command_no = kTimerNo;
    while (!s.timers.empty() && s.timers.begin()->ts_ns <= s.now_ns()) {
      Timer timer = *s.timers.begin();
      s.timers.erase(s.timers.begin());
      fire(out, timer);
      follow(s, out);
      out.finish();
    }
  }
  void fire(Emitter& out, const Timer& timer) {
    State& s = *state_;
    auto id = static_cast<uint32_t>(timer.target_id);
    switch (timer.kind) {
      case TimerKind::GOOD_TILL_DATE:
        return expire(s, out, s.orders.find(timer.target_id), CancelReason::GOOD_TILL_DATE_);
      case TimerKind::CALL_END:
        return draw_random_end(s, *s.listing(id));
      case TimerKind::CALL_UNCROSS:
        return end_call(s, out, *s.listing(id));
      case TimerKind::SCHEDULE_STEP:
        return take_step(s, out, *s.listing(id));
      case TimerKind::REOPENING:
        return reopen(s, out, *s.listing(id), {kByEngine, "end of the breaker's halt"});
      case TimerKind::DAY_END:
        return take_day_end(s, out);
      case TimerKind::DARK_CROSS:
        return cross(s, out, *s.listing(id));
      case TimerKind::MARGIN_SWEEP:
        return sweep(s, out);
      case TimerKind::LIQUIDATION:
        return liquidate(s, out, id);
    }
    throw Invariant("unknown timer kind " + std::to_string(timer.kind));
  }
  void run(Emitter& out, const uint8_t* record, uint16_t length, uint32_t name_hash) {
    uint8_t kind = record[2], version = record[3];
    uint32_t session_id;
    std::memcpy(&session_id, record + 4, 4);
    In in(record + kRecordHead, record + length);
    Origin origin{kind, session_id, 0, {}, nullptr};
    auto visit = [&](const auto& command) {
      origin.fingerprint =
          xxh3::value_of(xxh3::hash128(kind, record + kRecordHead, length - kRecordHead));
      if constexpr (requires { named(command); }) {
        origin.name = NameKey(named(command).member_id, named(command).cl_ord_id, name_hash);
        origin.known = state_->names->find(origin.name);
      }
      course(out, command, origin);
    };
    if (!with_command(kind, version, in, visit))
      out.emit(CommandIgnored{kind, std::string_view(in.error).substr(0, 200)});
  }
  // The part of a member's command that has its name.
  static const NewOrder& named(const NewOrder& c) { return c; }
  static const NewOrder& named(const NewOrderWithTerms& c) { return c.order; }
  static const CancelOrder& named(const CancelOrder& c) { return c; }
  static const ReplaceOrder& named(const ReplaceOrder& c) { return c; }
  static const ReplaceOrder& named(const ReplaceOrderWithTerms& c) { return c.replace; }
  static const MassCancel& named(const MassCancel& c) { return c; }

  template <class Command>
  void course(Emitter& out, const Command& c, const Origin& origin) {
    State& s = *state_;
    using std::is_same_v;
    if constexpr (is_same_v<Command, NewOrder>) {
      new_order(s, out, c, kNoTerms, origin);
    } else if constexpr (is_same_v<Command, NewOrderWithTerms>) {
      new_order(s, out, c.order, c.terms, origin);
    } else if constexpr (is_same_v<Command, CancelOrder>) {
      cancel_order(s, out, c, origin);
    } else if constexpr (is_same_v<Command, ReplaceOrder>) {
      replace_order(s, out, c, {}, origin);
    } else if constexpr (is_same_v<Command, ReplaceOrderWithTerms>) {
      replace_order(s, out, c.replace, c.terms, origin);
    } else if constexpr (is_same_v<Command, MassCancel>) {
      mass_cancel(s, out, c, origin);
    } else if constexpr (is_same_v<Command, SessionOpened>) {
      if (s.member(c.member_id))
        carry_out(s, out, c, origin, c.member_id, "");
      else
        out.emit(AdminRejected{origin.kind, 0, R::UNKNOWN_MEMBER_, c.request_id, "", ""});
    } else if constexpr (is_same_v<Command, SessionClosed>) {
      session_closed(s, out, c, origin);
    } else if constexpr (is_same_v<Command, EpochStarted>) {
      epoch_started(s, out, c);
    } else if constexpr (is_same_v<Command, RecordMembership>) {
      out.emit(MembershipRecorded{c.version, c.generation, c.epoch, c.primary, c.on_single_copy,
                                  c.in_sync, c.what});
    } else {
      carry_out(s, out, c, origin, 0, c.operator_);
    }
  }

  std::unique_ptr<State> state_;
  Out out_, snapshot_;
};

}  // namespace lockstep
