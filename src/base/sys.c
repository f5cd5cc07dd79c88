// SPDX-License-Identifier: MIT
// Small loops around raw system calls. State: whether a reader has been given up, and whether files may be opened,
// atomic. Async-signal-safe, errno untouched.
#include "base/sys.h"

#include "base/fmt.h"

#include <asm-generic/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>
#include <time.h>

enum {
    PATIENCE_MS = 1000,
    PATIENCE_TIMES = 2,       // one alone may have passed while the whole job was stopped
    LONG_PATIENCE_TIMES = 60, // where the program itself would wait
    REFUSALS_MOST = 1000,
};

// Whoever reads the last text that could not be written does not read.
static _Atomic bool is_stalled;

static _Atomic bool may_not_open;

void rg_write_without_opening(void) {
    atomic_store(&may_not_open, true);
}

bool rg_may_open(void) {
    return !atomic_load(&may_not_open);
}

static bool is_writable(int fd, int ms) {
    struct pollfd p = {fd, POLLOUT, 0};
    long n;
    do {
        n = rg_sys3(SYS_poll, (long)&p, 1, ms);
    } while (n == -EINTR);
    return n != 0; // what else is wrong the write will tell
}

// How many bytes wait for their reader: in a terminal or socket, or in a pipe.
static int count_unread(int fd) {
    int count = -1;
    if (rg_sys3(SYS_ioctl, fd, TIOCOUTQ, (long)&count) < 0) {
        rg_sys3(SYS_ioctl, fd, FIONREAD, (long)&count);
    }
    return count;
}

// Signals that are waiting to be let through. Those that mean nothing to most programs do not count: a window that
// changes its size is no reason to hurry.
static uint64_t pending_signals(void) {
    uint64_t pending = 0, idle = 1UL << (SIGCHLD - 1) | 1UL << (SIGWINCH - 1) |
                                 1UL << (SIGCONT - 1) | 1UL << (SIGURG - 1);
    rg_sys2(SYS_rt_sigpending, (long)&pending, 8);
    return pending & ~idle;
}

// Waits as long as the reader takes something now and then, be it too little to make room; a minute where it takes
// nothing and the program would wait too (a pager), unless a signal comes that the program should get.
static bool wait_for_room(int fd) {
    if (!is_writable(fd, 0)) {
        long flags = rg_sys2(SYS_fcntl, fd, F_GETFL);
        // With several threads another one may get the signal, and then wait for the lock that is held here.
        bool is_alone = __libc_single_threaded;
        int most =
            is_alone && flags >= 0 && !(flags & O_NONBLOCK) ? LONG_PATIENCE_TIMES : PATIENCE_TIMES;
        int unread = count_unread(fd), idle = atomic_load(&is_stalled) ? most : 0;
        uint64_t pending = pending_signals();
        while (idle < most && !is_writable(fd, PATIENCE_MS)) {
            int before = unread;
            unread = count_unread(fd);
            idle = pending_signals() & ~pending ? most : unread == before ? idle + 1 : 0;
        }
        if (idle == most) {
            atomic_store(&is_stalled, true);
            return false;
        }
    }
    atomic_store(&is_stalled, false);
    return true;
}

// What a pipe takes at once, when it takes anything; whole lines, since others may write there too.
static size_t measure_piece(const char *data, size_t len) {
    if (len <= PIPE_BUF) {
        return len;
    }
    for (size_t n = PIPE_BUF; n > 0; n--) {
        if (data[n - 1] == '\n') {
            return n;
        }
    }
    return PIPE_BUF;
}

// A terminal waits until it has taken all of a write, if there was room for some of it. A description that does not
// wait, of the guard's own: the program's is shared with others. Negative: none.
static long open_terminal(int fd) {
    unsigned given = 0, own = 0;
    char name[40];
    struct rg_buf b;
    if (atomic_load(&may_not_open) || rg_sys3(SYS_ioctl, fd, TIOCGDEV, (long)&given) != 0) {
        return -1;
    }
    rg_buf_init(&b, name, sizeof name);
    rg_buf_fmt(&b, "/proc/thread-self/fd/%d", fd);
    long opened =
        rg_sys4(SYS_openat, AT_FDCWD, (long)name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    if (opened < 0) {
        return opened;
    }
    // What /dev/tty leads to may have changed, and /dev/ptmx makes a new one.
    if (rg_sys3(SYS_ioctl, opened, TIOCGDEV, (long)&own) == 0 && own == given) {
        return opened;
    }
    rg_sys2(SYS_close, opened, 0);
    return -1;
}

// The descriptor is there no longer than the call: other threads open and close theirs.
static long write_now(int fd, const char *data, size_t len) {
    long terminal = open_terminal(fd);
    if (terminal < 0) {
        return rg_sys3(SYS_write, fd, (long)data, (long)len);
    }
    long n = rg_sys3(SYS_write, terminal, (long)data, (long)len);
    rg_sys2(SYS_close, terminal, 0);
    if (n == -EAGAIN) {
        rg_sys3(SYS_poll, 0, 0, 1); // room for a part of what an end of line becomes is no use yet
    }
    return n;
}

static int write_all(int fd, const char *data, size_t len, size_t *ret_written) {
    struct stat st = {0};
    bool is_file = rg_sys2(SYS_fstat, fd, (long)&st) == 0 && S_ISREG(st.st_mode);
    size_t done = 0;
    long error = 0;
    for (int refusals = 0; done < len && error == 0;) {
        if (!is_file && !wait_for_room(fd)) {
            error = -EAGAIN;
            break;
        }
        long n = is_file ? rg_sys3(SYS_write, fd, (long)(data + done), (long)(len - done))
                         : write_now(fd, data + done, measure_piece(data + done, len - done));
        if (n > 0) {
            done += (size_t)n;
            refusals = 0;
        } else if (n == -EAGAIN && refusals < REFUSALS_MOST) {
            refusals++; // another writer was faster
        } else if (n != -EINTR) {
            error = n < 0 ? n : -EIO;
        }
    }
    *ret_written = done;
    return (int)error;
}

int rg_write_all(int fd, const char *data, size_t len, size_t *ret_written) {
    uint64_t both = 1UL << (SIGPIPE - 1) | 1UL << (SIGXFSZ - 1), before = 0, pending = 0;
    struct timespec none = {0};
    rg_sys4(SYS_rt_sigprocmask, SIG_BLOCK, (long)&both, (long)&before, 8);
    rg_sys2(SYS_rt_sigpending, (long)&pending, 8);
    int error = write_all(fd, data, len, ret_written);
    uint64_t raised = error == -EPIPE   ? 1UL << (SIGPIPE - 1)
                      : error == -EFBIG ? 1UL << (SIGXFSZ - 1)
                                        : 0;
    if (raised & ~pending) {
        rg_sys4(SYS_rt_sigtimedwait, (long)&raised, 0, (long)&none, 8);
    }
    rg_sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&before, 0, 8);
    return error;
}

int rg_move_up(int fd) {
    enum { BEYOND_THE_PROGRAMS = 500, BEYOND_STANDARD = 3 };
    long moved = rg_sys3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, BEYOND_THE_PROGRAMS);
    if (moved < 0 && fd < BEYOND_STANDARD) {
        moved = rg_sys3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, BEYOND_STANDARD);
    }
    if (moved < 0) {
        return fd;
    }
    rg_sys2(SYS_close, fd, 0);
    return (int)moved;
}

long rg_read_file(const char *path, char *buf, size_t cap) {
    long fd = rg_sys3(SYS_open, (long)path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) {
        return fd;
    }
    size_t len = 0;
    long n = 0;
    while (len < cap - 1) {
        n = rg_sys3(SYS_read, fd, (long)(buf + len), (long)(cap - 1 - len));
        if (n == -EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
    }
    rg_sys2(SYS_close, fd, 0);
    buf[len] = 0;
    return n < 0 ? n : (long)len;
}

bool rg_is_readable(const void *p, size_t n) {
    // rt_sigprocmask with an impossible "how" copies the set in first, so it fails with EFAULT where
    // the eight bytes cannot be read and with EINVAL where they can; it changes nothing either way.
    uintptr_t first = (uintptr_t)p & ~(uintptr_t)7;
    uintptr_t last = ((uintptr_t)p + (n ? n - 1 : 0)) & ~(uintptr_t)7;
    for (uintptr_t a = first;; a = (a | 4095) + 1) {
        // At address 0 itself it would find no set to copy.
        if (rg_sys4(SYS_rt_sigprocmask, 0x7fff, (long)(a ? a : 8), 0, 8) == -EFAULT) {
            return false;
        }
        if ((a | 4095) >= last) {
            return true;
        }
    }
}
