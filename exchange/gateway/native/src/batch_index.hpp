// Where the events of each command stand in an event batch.
#pragma once

#include "records.gen.hpp"

namespace lockstep {

constexpr size_t kBatchHead = 40;
constexpr size_t kRecordHead = 8;
constexpr uint32_t kTimer = 0xFFFFFFFF;

class BatchIndex {
 public:
  // False where the bytes are not a well-framed batch of rising commands; then `get` is void.
  bool build(std::string_view raw) {
    data_ = reinterpret_cast<const uint8_t*>(raw.data());
    first_.clear();
    if (raw.size() < kBatchHead || load<uint16_t>(data_) != 1 ||
        load<uint32_t>(data_ + 32) != raw.size() - kBatchHead)
      return false;
    log_index = load<uint64_t>(data_ + 8);
    ts_ns = load<uint64_t>(data_ + 16);
    uint64_t seq = load<uint64_t>(data_ + 24);
    size_t at = kBatchHead;
    while (at < raw.size()) {
      if (raw.size() - at < kRecordHead) return false;
      size_t length = load<uint16_t>(data_ + at);
      uint32_t command_no = load<uint32_t>(data_ + at + 4);
      if (length < kRecordHead || length > raw.size() - at || data_[at + 3] != 1) return false;
      if (command_no != kTimer) {
        if (command_no >= kCommandsMax || command_no + 1 < first_.size()) return false;
        while (first_.size() <= command_no) first_.push_back({at, seq});
      } else if (!first_.empty()) {
        return false;
      }
      at += length;
      ++seq;
    }
    first_.push_back({at, seq});
    return true;
  }

  // Calls visit(kind, seq, begin, end) for each event of a command, while it gives true.
  template <class Visit>
  bool each(uint32_t command_no, Visit&& visit) const {
    if (command_no + 1 >= first_.size()) return true;
    size_t at = first_[command_no].at, stop = first_[command_no + 1].at;
    for (uint64_t seq = first_[command_no].seq; at < stop; ++seq) {
      size_t length = load<uint16_t>(data_ + at);
      if (!visit(data_[at + 2], seq, data_ + at + kRecordHead, data_ + at + length)) return false;
      at += length;
    }
    return true;
  }

  uint64_t log_index = 0;
  uint64_t ts_ns = 0;

 private:
  static constexpr uint32_t kCommandsMax = 1 << 20;
  struct Place {
    size_t at;
    uint64_t seq;
  };

  const uint8_t* data_ = nullptr;
  std::vector<Place> first_;
};

}  // namespace lockstep
