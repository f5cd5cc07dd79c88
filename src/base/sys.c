// SPDX-License-Identifier: MIT
// Small loops around raw system calls. No state, async-signal-safe, errno untouched.
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

// Returns the signal that a failed write has raised, or 0.
static int write_all(int fd, const char *data, size_t len) {
    while (len > 0) {
        long n = rg_sys3(SYS_write, fd, (long)data, (long)len);
        if (n == -EINTR) {
            continue;
        }
        if (n == -EAGAIN) {
            struct pollfd p = {fd, POLLOUT, 0};
            rg_sys3(SYS_poll, (long)&p, 1, 1000);
            continue;
        }
        if (n <= 0) {
            return n == -EPIPE ? SIGPIPE : n == -EFBIG ? SIGXFSZ : 0;
        }
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

void rg_write_all(int fd, const char *data, size_t len) {
    uint64_t both = 1UL << (SIGPIPE - 1) | 1UL << (SIGXFSZ - 1), before = 0, pending = 0;
    struct timespec none = {0};
    rg_sys4(SYS_rt_sigprocmask, SIG_BLOCK, (long)&both, (long)&before, 8);
    rg_sys2(SYS_rt_sigpending, (long)&pending, 8);
    int sig = write_all(fd, data, len);
    uint64_t raised = sig ? 1UL << (sig - 1) : 0;
    if (raised & ~pending) {
        rg_sys4(SYS_rt_sigtimedwait, (long)&raised, 0, (long)&none, 8);
    }
    rg_sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&before, 0, 8);
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
