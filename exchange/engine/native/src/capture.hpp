// A snapshot that a child process writes while the engine goes on.
//
// The child is forked between two entries: its memory is the state at that entry for as long as it
// lives, and the kernel copies only the pages that the engine changes meanwhile. It encodes into a
// memory file, which the parent then reads, and ends. What it may do is little, for the locks of
// the parent's other threads may be held for ever in it: it runs no handler of the fork (_Fork), it
// asks malloc for nothing (scratch.hpp), it closes every descriptor that it has no use for, so that
// neither locks nor sockets outlive the parent in it, and it leaves by _exit. A child that does not
// move is killed.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>

#include "snapshot_writer.hpp"

namespace lockstep {

// No snapshot came of it; why.
struct CaptureLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The bytes of a memory file, mapped to be read.
class MappedFile {
 public:
  // Takes the file. Throws CaptureLost.
  explicit MappedFile(int file) {
    struct stat found;
    bool is_there = fstat(file, &found) == 0;
    size_ = is_there ? static_cast<size_t>(found.st_size) : 0;
    void* at = size_ ? mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    close(file);
    if (at == MAP_FAILED) throw CaptureLost("its bytes cannot be mapped");
    data_ = static_cast<const uint8_t*>(at);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() { munmap(const_cast<uint8_t*>(data_), size_); }

  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

class Capture {
 public:
  static constexpr size_t kBytesMax = size_t{1} << 38;  // of address space, in the child alone
  static constexpr unsigned kPollUs = 2'000;
  static constexpr int kPollsWithoutWork = 5'000;  // 10 s without a microsecond of processor time
  static constexpr int kNiceness = 5;

  // Throws std::system_error where there can be no child or no memory file.
  explicit Capture(State& state) : parent_(getpid()) {
    file_ = memfd_create("lockstep-snapshot", MFD_CLOEXEC);
    if (file_ < 0) throw std::system_error(errno, std::generic_category(), "memory file");
    child_ = fork_bare();
    if (child_ == 0) encode(state);
    if (child_ > 0) return;
    std::system_error refused(errno, std::generic_category(), "fork");
    close(file_);
    throw refused;
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() {
    abandon();
    until_ended();
    if (file_ >= 0) close(file_);
  }

  pid_t child() const { return child_; }

  // Waits until the snapshot is whole, and gives it. Throws CaptureLost. Once; another thread may
  // abandon meanwhile.
  std::unique_ptr<MappedFile> wait() {
    int status = until_ended();
    if (status != 0) throw CaptureLost(fate(status));
    return std::make_unique<MappedFile>(std::exchange(file_, -1));
  }
  // Ends the child if it is still at work; any thread.
  void abandon() {
    std::lock_guard guard(reaping_);
    if (!ended_) kill(child_, SIGKILL);
  }

 private:
  // What the child leaves with: 0, the number of a refused system call's error, or this.
  static constexpr int kBroken = 255;

  static pid_t fork_bare() {
#if defined(__GLIBC__) && !__GLIBC_PREREQ(2, 34)
    return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
#else
    return _Fork();
#endif
  }
  [[noreturn]] void encode(State& state) const {
    if (dup2(file_, 0) < 0 || syscall(SYS_close_range, 1u, ~0u, 0u) != 0) _exit(errno);
    give_way();
    if (ftruncate(0, static_cast<off_t>(kBytesMax)) != 0) _exit(errno);
    void* at = mmap(nullptr, kBytesMax, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, 0, 0);
    if (at == MAP_FAILED) _exit(errno);
    off_t size = 0;
    try {
      Out out(static_cast<uint8_t*>(at), kBytesMax);
      SnapshotWriter(state, out).write_for(parent_);
      size = static_cast<off_t>(out.size());
    } catch (const std::bad_alloc&) {
      _exit(ENOMEM);
    } catch (...) {
      _exit(kBroken);
    }
    _exit(ftruncate(0, size) == 0 ? 0 : errno);
  }
  // The market comes first: at the processor, and when memory runs out.
  static void give_way() {
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + kNiceness);
    int score = open("/proc/self/oom_score_adj", O_WRONLY);
    if (score < 0) return;
    ssize_t written = write(score, "1000", 4);  // a wish: it holds without
    static_cast<void>(written);
    close(score);
  }
  // The child's wait status, once it has ended; a child that stands still is killed.
  int until_ended() {
    clockid_t clock = 0;
    bool has_clock = clock_getcpuclockid(child_, &clock) == 0;
    timespec last{};
    for (int idle = 0; !look(); usleep(kPollUs)) {
      timespec now{};
      if (!has_clock || clock_gettime(clock, &now) != 0) continue;
      idle = now.tv_sec == last.tv_sec && now.tv_nsec == last.tv_nsec ? idle + 1 : 0;
      last = now;
      if (idle == kPollsWithoutWork) abandon();
    }
    return status_;
  }
  // Whether the child has ended. Its number is ours until then, so that `abandon` meets no other.
  bool look() {
    std::lock_guard guard(reaping_);
    if (ended_) return true;
    pid_t found = waitpid(child_, &status_, WNOHANG);
    if (found == 0 || (found < 0 && errno == EINTR)) return false;
    if (found < 0) status_ = kBroken << 8;
    return ended_ = true;
  }
  static std::string fate(int status) {
    if (WIFSIGNALED(status))
      return "the process that wrote it was ended by signal " + std::to_string(WTERMSIG(status));
    int why = WEXITSTATUS(status);
    if (why == kBroken) return "the state could not be encoded";
    return "the process that wrote it failed: " + std::generic_category().message(why);
  }

  int file_ = -1;
  pid_t child_ = -1, parent_;
  std::mutex reaping_;
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace lockstep
