// libFuzzer target of the codec: a request's bytes are refused, or become records that add up.
#include <cstdio>
#include <cstdlib>

#include "batch_index.hpp"
#include "requests.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static lockstep::Names names = [] {
    lockstep::Names some;
    some.instrument(1, "ABC");
    some.instrument(2, "XYZ");
    some.account(1, 1, "main");
    some.account(2, 1, "other");
    return some;
  }();
  std::string_view raw(reinterpret_cast<const char*>(data), size);
  lockstep::Out body;
  body.room(1);
  lockstep::Request request;
  lockstep::RequestReader reader(names, 1, 7, body);
  if (reader.read(raw, request)) {
    const uint8_t *at = body.data(), *end = body.at();
    uint32_t records = 0;
    for (; at < end; ++records) {
      uint16_t length;
      std::memcpy(&length, at, 2);
      if (length < 8 || length > end - at) std::abort();
      at += length;
    }
    if (at != end || records != request.record_count) std::abort();
  }
  lockstep::BatchIndex index;
  index.build(raw);
  return 0;
}
