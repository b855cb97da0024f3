// A bad disk and a wrong clock for one process, put between it and the C library (LD_PRELOAD).
//
// Room: the calls that write to files and flush them, and those that read the wall clock. What they
// do is said by a page of shared memory that chaos/shim.py writes (LOCKSTEP_SHIM_CONTROL), read anew
// at each call. Only files below LOCKSTEP_SHIM_UNDER are touched: sockets, pipes and what others keep
// elsewhere go through untouched, and with a page of zeros everything does.
//
// LMDB writes its data pages with pwrite and flushes with fdatasync, its meta page through a
// descriptor opened with O_DSYNC; so a write on such a descriptor counts as a flush as well.
//
// The clock is bent for the program itself, libpython and gRPC, which between them do everything that
// a node does by the wall clock. With a clock that really jumps the kernel's jumps along; here it does
// not, so absolute wall times that gRPC waits for are turned back on their way to the kernel. TLS
// libraries see the true time: certificates of a test are too young for an hour.
//
//   offset  type  what
//   0       i64   sync_delay_ns: each flush takes so much longer
//   8       i64   sync_hang: not 0 = no flush returns until it is 0 again
//   16      i64   sync_errno: not 0 = each flush fails with it
//   24      i64   write_errno: not 0 = each write fails with it
//   32      i64   no_space: not 0 = a write beyond the present end of a file fails with ENOSPC
//   40      i64   clock_offset_ns: added to CLOCK_REALTIME
//   48      i64   disk_hits: calls that any of the above bent; counted here
//   56      i64   clock_hits: wall clock readings that were bent; counted here

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

namespace {

using Word = std::atomic<int64_t>;
static_assert(Word::is_always_lock_free && sizeof(Word) == 8);

struct Control {
    Word sync_delay_ns, sync_hang, sync_errno, write_errno, no_space, clock_offset_ns;
    Word disk_hits, clock_hits;
};

constexpr size_t PAGE_BYTES = 4096;
constexpr int64_t NS = 1'000'000'000;
constexpr long HANG_POLL_NS = 1'000'000;
constexpr size_t RANGES_MAX = 16;

struct Range {
    uintptr_t first, end;
    bool is_grpc;
};

Control* control = nullptr;
char under[PATH_MAX];
size_t under_length = 0;
Range bent_code[RANGES_MAX];
size_t bent_count = 0;

// The text of what has its clock bent. gRPC is loaded later than this is called first.
int note_object(dl_phdr_info* object, size_t, void*) {
    const char* name = object->dlpi_name;
    const bool is_program = name == nullptr || *name == '\0';
    if (!is_program && !strstr(name, "libpython") && !strstr(name, "cygrpc")) return 0;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const auto& header = object->dlpi_phdr[i];
        if (header.p_type != PT_LOAD || !(header.p_flags & PF_X) || bent_count == RANGES_MAX) continue;
        const uintptr_t first = object->dlpi_addr + header.p_vaddr;
        const bool is_grpc = !is_program && strstr(name, "cygrpc") != nullptr;
        bent_code[bent_count++] = {first, first + header.p_memsz, is_grpc};
    }
    return 0;
}

__attribute__((constructor)) void begin() {
    const char* file = getenv("LOCKSTEP_SHIM_CONTROL");
    const char* folder = getenv("LOCKSTEP_SHIM_UNDER");
    if (file == nullptr || folder == nullptr) return;
    under_length = strlen(folder);
    if (under_length == 0 || under_length >= sizeof under) return;
    memcpy(under, folder, under_length);
    const int fd = open(file, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void* page = mmap(nullptr, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (page == MAP_FAILED) return;
    control = static_cast<Control*>(page);
}

bool is_armed() {
    return control != nullptr && (control->sync_delay_ns || control->sync_hang ||
                                  control->sync_errno || control->write_errno || control->no_space);
}

bool is_ours(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path);
    return length > 0 && static_cast<size_t>(length) > under_length &&
           memcmp(path, under, under_length) == 0 && path[under_length] == '/';
}

void pause_ns(int64_t ns) {
    timespec left{ns / NS, ns % NS};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

// What a flush meets; 0 = go on, else the errno.
int meet_flush() {
    bool hit = false;
    if (const int64_t delay = control->sync_delay_ns; delay > 0) {
        hit = true;
        control->disk_hits++;
        pause_ns(delay);
    }
    while (control->sync_hang) {
        if (!hit) control->disk_hits++;
        hit = true;
        pause_ns(HANG_POLL_NS);
    }
    const int code = static_cast<int>(control->sync_errno.load());
    if (code != 0 && !hit) control->disk_hits++;
    return code;
}

// What a write of so many bytes at an offset (-1 = at the descriptor's own) meets.
int meet_write(int fd, size_t size, int64_t offset) {
    if (const int code = static_cast<int>(control->write_errno.load())) {
        control->disk_hits++;
        return code;
    }
    if (control->no_space) {
        struct stat now{};
        if (offset < 0) offset = lseek(fd, 0, SEEK_CUR);
        if (fstat(fd, &now) == 0 && offset + static_cast<int64_t>(size) > now.st_size) {
            control->disk_hits++;
            return ENOSPC;
        }
    }
    return (fcntl(fd, F_GETFL) & O_DSYNC) != 0 ? meet_flush() : 0;
}

size_t total(const iovec* parts, int count) {
    size_t sum = 0;
    for (int i = 0; i < count; ++i) sum += parts[i].iov_len;
    return sum;
}

bool refuses_write(int fd, size_t size, int64_t offset) {
    if (!is_armed() || !is_ours(fd)) return false;
    const int code = meet_write(fd, size, offset);
    if (code != 0) errno = code;
    return code != 0;
}

bool refuses_flush(int fd) {
    if (!is_armed() || !is_ours(fd)) return false;
    const int code = meet_flush();
    if (code != 0) errno = code;
    return code != 0;
}

// Looked up at the first bent reading, when everything is loaded.
void note_code() {
    static const bool once = (dl_iterate_phdr(note_object, nullptr), true);
    (void)once;
}

const Range* code_of(const void* caller) {
    note_code();
    const auto at = reinterpret_cast<uintptr_t>(caller);
    for (size_t i = 0; i < bent_count; ++i) {
        if (at >= bent_code[i].first && at < bent_code[i].end) return &bent_code[i];
    }
    return nullptr;
}

int64_t offset_for(const void* caller) {
    const int64_t offset = control == nullptr ? 0 : control->clock_offset_ns.load();
    if (offset == 0 || code_of(caller) == nullptr) return 0;
    control->clock_hits++;
    return offset;
}

bool is_grpc(const void* caller) {
    if (control == nullptr || control->clock_offset_ns == 0) return false;
    const Range* code = code_of(caller);
    return code != nullptr && code->is_grpc;
}

timespec shifted(const timespec& time, int64_t by_ns) {
    const int64_t sum = time.tv_sec * NS + time.tv_nsec + by_ns;
    return {sum / NS, sum % NS};
}

int true_clock(clockid_t clock, timespec* now) {
    using Call = int (*)(clockid_t, timespec*);
    static const auto next = reinterpret_cast<Call>(dlsym(RTLD_NEXT, "clock_gettime"));
    return next(clock, now);
}

int bent_clock(clockid_t clock, timespec* now, const void* caller) {
    const int result = true_clock(clock, now);
    if (result != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
    *now = shifted(*now, offset_for(caller));
    return 0;
}

long true_call(long number, const long (&with)[6]) {
    using Call = long (*)(long, ...);
    static const auto next = reinterpret_cast<Call>(dlsym(RTLD_NEXT, "syscall"));
    return next(number, with[0], with[1], with[2], with[3], with[4], with[5]);
}

}  // namespace

extern "C" {

#define CALLER __builtin_return_address(0)

int fsync(int fd) { return refuses_flush(fd) ? -1 : static_cast<int>(syscall(SYS_fsync, fd)); }

int fdatasync(int fd) {
    return refuses_flush(fd) ? -1 : static_cast<int>(syscall(SYS_fdatasync, fd));
}

ssize_t write(int fd, const void* bytes, size_t size) {
    return refuses_write(fd, size, -1) ? -1 : syscall(SYS_write, fd, bytes, size);
}

ssize_t writev(int fd, const iovec* parts, int count) {
    return refuses_write(fd, total(parts, count), -1) ? -1 : syscall(SYS_writev, fd, parts, count);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
    return refuses_write(fd, size, offset) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
    return pwrite(fd, bytes, size, offset);
}

ssize_t pwritev(int fd, const iovec* parts, int count, off_t offset) {
    if (refuses_write(fd, total(parts, count), offset)) return -1;
    return syscall(SYS_pwritev, fd, parts, count, static_cast<long>(offset), 0L);
}

ssize_t pwritev64(int fd, const iovec* parts, int count, off64_t offset) {
    return pwritev(fd, parts, count, offset);
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    return bent_clock(clock, now, CALLER);
}

int gettimeofday(timeval* __restrict now, void* __restrict) noexcept {
    timespec exact{};
    const int result = bent_clock(CLOCK_REALTIME, &exact, CALLER);
    *now = {exact.tv_sec, exact.tv_nsec / 1000};
    return result;
}

time_t time(time_t* seconds) noexcept {
    timespec now{};
    if (bent_clock(CLOCK_REALTIME, &now, CALLER) != 0) return -1;
    if (seconds != nullptr) *seconds = now.tv_sec;
    return now.tv_sec;
}

// How gRPC waits until an absolute wall time: a futex of its own, or a condition variable.
long syscall(long number, ...) noexcept {
    va_list arguments;
    va_start(arguments, number);
    long with[6];
    for (long& one : with) one = va_arg(arguments, long);
    va_end(arguments);
    const bool is_wall = number == SYS_futex && (with[1] & FUTEX_CLOCK_REALTIME) != 0;
    const int64_t offset = is_wall && with[3] != 0 ? offset_for(CALLER) : 0;
    if (offset == 0) return true_call(number, with);
    const timespec until = shifted(*reinterpret_cast<const timespec*>(with[3]), -offset);
    with[3] = reinterpret_cast<long>(&until);
    return true_call(number, with);
}

int pthread_cond_timedwait(pthread_cond_t* __restrict condition, pthread_mutex_t* __restrict mutex,
                           const timespec* __restrict until) {
    using Call = int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*);
    static const auto next = reinterpret_cast<Call>(dlsym(RTLD_NEXT, "pthread_cond_timedwait"));
    const bool is_wall = is_grpc(CALLER);  // Python's conditions count monotonic time
    const timespec turned = shifted(*until, is_wall ? -offset_for(CALLER) : 0);
    return next(condition, mutex, &turned);
}

}  // extern "C"
