// libFuzzer targets of the engine: what they do is told by the name of the program.
//
//   apply    frames (u8 kind, u64 time, u32 length, bytes): a body, which gets a sound head, or an
//            entry as it stands. `apply` is total, and the state that it leaves can be restored.
//   restore  a snapshot: refused, or taken and given back byte for byte.
#include <sys/prctl.h>

#include <cstdio>
#include <cstdlib>

#include "engine.hpp"

namespace {

using lockstep::Engine;

constexpr size_t kFrameHead = 13;
bool restores = false;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}
template <class T>
void put_at(std::vector<uint8_t>& to, size_t at, T value) {
  std::memcpy(to.data() + at, &value, sizeof value);
}
uint32_t records_in(const uint8_t* at, const uint8_t* end) {
  uint32_t count = 0;
  while (end - at >= 8) {
    uint16_t length;
    std::memcpy(&length, at, 2);
    if (length < 8 || length > end - at) break;
    at += length;
    ++count;
  }
  return count;
}
std::vector<uint8_t> entry_of(uint64_t index, uint64_t ts_ns, const uint8_t* body, size_t size) {
  std::vector<uint8_t> entry(Engine::kEntryHead + size);
  put_at(entry, 4, uint16_t{1});
  put_at(entry, 8, index);
  put_at(entry, 16, uint64_t{1});
  put_at(entry, 24, ts_ns);
  put_at(entry, 32, records_in(body, body + size));
  put_at(entry, 36, static_cast<uint32_t>(size));
  if (size) std::memcpy(entry.data() + Engine::kEntryHead, body, size);
  put_at(entry, 0, lockstep::crc32c::value(entry.data() + 4, entry.size() - 4));
  return entry;
}
void apply(const uint8_t* at, const uint8_t* end) {
  Engine engine;
  while (static_cast<size_t>(end - at) >= kFrameHead) {
    bool is_raw = at[0] & 1;
    uint64_t ts_ns;
    uint32_t length;
    std::memcpy(&ts_ns, at + 1, 8);
    std::memcpy(&length, at + 9, 4);
    at += kFrameHead;
    size_t size = std::min<size_t>(length, static_cast<size_t>(end - at));
    if (is_raw) {
      std::vector<uint8_t> raw(at, at + size);  // its end is guarded
      engine.apply(raw.data(), raw.size());
    } else {
      auto entry = entry_of(engine.state().head.applied_index + 1, ts_ns, at, size);
      engine.apply(entry.data(), entry.size());
    }
    at += size;
  }
  std::string before(engine.snapshot());
  Engine other;
  other.restore(reinterpret_cast<const uint8_t*>(before.data()), before.size());
  if (other.snapshot() != before) fail("a restored engine has another snapshot");
}
void restore(const uint8_t* data, size_t size) {
  Engine engine;
  try {
    engine.restore(data, size);
  } catch (const lockstep::BadSnapshot&) {
    return;
  }
  std::string_view again = engine.snapshot();
  if (again.size() != size || std::memcmp(again.data(), data, size) != 0)
    fail("a snapshot that was taken is given back as another one");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char*** arguments) {
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);  // an engine an input: clearing huge pages would be all
  restores = std::string_view((*arguments)[0]).ends_with("restore");
  return 0;
}
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (restores)
    restore(data, size);
  else
    apply(data, data + size);
  return 0;
}
