// SPDX-License-Identifier: MIT
// See in_kernel.h. /proc/self/fdinfo has the data of epoll entries, and /proc/self/timers the values of timers, both among
// other numbers, which are looked at as well: whatever may be a pointer is one. State: buffers, under the FAULT lock.
#include "front/in_kernel.h"

#include "base/fmt.h"
#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>

enum { DESCRIPTORS_MOST = 1024 };

static char list[4096] __attribute__((aligned(8)));
static char text[4096];

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// Every number of the file, in hexadecimal. False: it cannot be read.
static bool look_at_numbers(struct rg_search *s, const char *file) {
    uintptr_t word = 0;
    long fd = rg_sys3(SYS_open, (long)file, O_RDONLY | O_CLOEXEC, 0), n = -1;
    if (fd < 0) {
        return false;
    }
    fd = rg_move_up((int)fd);
    while ((n = rg_sys3(SYS_read, fd, (long)text, sizeof text)) > 0) {
        for (long i = 0; i < n; i++) {
            char c = text[i];
            if (is_hex(c)) {
                word = word << 4 | (uintptr_t)(c <= '9' ? c - '0' : c - 'a' + 10);
            } else {
                rg_search_word(s, word, 0);
                word = 0;
            }
        }
    }
    rg_sys2(SYS_close, fd, 0);
    return n == 0;
}

enum { TARGET_CAP = 64 };

// What the descriptor leads to. Returns the length, or -errno.
static long read_target(int fd, char ret_target[TARGET_CAP]) {
    char name[64];
    struct rg_buf b;
    rg_buf_init(&b, name, sizeof name);
    rg_buf_fmt(&b, "/proc/self/fd/%d", fd);
    long n = rg_sys3(SYS_readlink, (long)name, (long)ret_target, TARGET_CAP - 1);
    if (n >= 0) {
        ret_target[n] = 0;
    }
    return n;
}

// Whether something is on its way that this process can read. What can only be written to has another end: where that is
// here too it is looked at by itself.
static bool holds_messages(int fd, const char *target) {
    int unread = 0;
    bool is_way = strncmp(target, "pipe:", 5) == 0 || strncmp(target, "socket:", 7) == 0;
    return is_way && (rg_sys2(SYS_fcntl, fd, F_GETFL) & O_ACCMODE) != O_WRONLY &&
           rg_sys3(SYS_ioctl, fd, FIONREAD, (long)&unread) == 0 && unread > 0;
}

// Whether what is on its way in this descriptor may come from this process: it has the other end of the pipe, or has made
// that of the socket.
static bool has_other_end(int fd, const char *target) {
    struct ucred peer = {0};
    long size = sizeof peer;
    if (strncmp(target, "socket:", 7) == 0) {
        return rg_sys6(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, (long)&peer, (long)&size, 0) ==
                   0 &&
               peer.pid == rg_getpid();
    }
    for (int other = 0; other < DESCRIPTORS_MOST; other++) {
        char its_target[TARGET_CAP];
        long flags = rg_sys2(SYS_fcntl, other, F_GETFL);
        if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && read_target(other, its_target) > 0 &&
            strcmp(target, its_target) == 0) {
            return true;
        }
    }
    return false;
}

// A queue of messages of POSIX is a file of a file system of its own.
static bool is_message_queue(int fd) {
    enum { MQUEUE_MAGIC = 0x19800202 };
    struct statfs fs = {0};
    return rg_sys2(SYS_fstatfs, fd, (long)&fs) == 0 && fs.f_type == MQUEUE_MAGIC;
}

static bool look_at_descriptor(struct rg_search *s, int fd) {
    char name[64], target[TARGET_CAP];
    struct rg_buf b;
    long n = read_target(fd, target);
    if (n < 0) {
        return n == -ENOENT; // that of the list itself, or closed meanwhile
    }
    if ((holds_messages(fd, target) && (!s->visitor || has_other_end(fd, target))) ||
        strcmp(target, "anon_inode:[io_uring]") == 0 || is_message_queue(fd)) {
        return false;
    }
    if (strcmp(target, "anon_inode:[eventpoll]") != 0 &&
        strcmp(target, "anon_inode:[eventfd]") != 0) {
        return true;
    }
    rg_buf_init(&b, name, sizeof name);
    rg_buf_fmt(&b, "/proc/self/fdinfo/%d", fd);
    return look_at_numbers(s, name);
}

static bool look_at_descriptors(struct rg_search *s) {
    long dir = rg_sys3(SYS_open, (long)"/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (dir < 0) {
        return false;
    }
    dir = rg_move_up((int)dir);
    unsigned count = 0;
    bool is_known = true;
    long n = 0;
    while (is_known && (n = rg_sys3(SYS_getdents64, dir, (long)list, sizeof list)) > 0) {
        for (long at = 0; at < n && is_known;) {
            const struct dirent64 *entry = (const struct dirent64 *)(list + at);
            int fd = 0;
            for (const char *c = entry->d_name; *c >= '0' && *c <= '9'; c++) {
                fd = fd * 10 + (*c - '0');
            }
            if (entry->d_name[0] != '.') {
                is_known = ++count <= DESCRIPTORS_MOST && look_at_descriptor(s, fd);
            }
            at += entry->d_reclen;
        }
    }
    rg_sys2(SYS_close, dir, 0);
    return is_known && n == 0;
}

// Whether a queue of messages of System V is there, of this process or another: what is in it nobody can tell.
static bool may_have_queues(void) {
    long fd = rg_sys3(SYS_open, (long)"/proc/sysvipc/msg", O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) {
        return fd != -ENOENT;
    }
    fd = rg_move_up((int)fd);
    long n = rg_sys3(SYS_read, fd, (long)text, sizeof text);
    rg_sys2(SYS_close, fd, 0);
    const char *end = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
    return !end || end + 1 < text + n; // more than the heads of the columns
}

// A block may be the stack that signals are taken on.
static void look_at_signal_stack(struct rg_search *s) {
    stack_t old = {0};
    if (rg_sys2(SYS_sigaltstack, 0, (long)&old) == 0 && (old.ss_flags & SS_DISABLE) == 0) {
        rg_search_word(s, (uintptr_t)old.ss_sp, 0);
    }
}

bool rg_in_kernel_search(struct rg_search *s) {
    if (!rg_may_open() || may_have_queues()) {
        return false;
    }
    look_at_signal_stack(s);
    // A kernel without this file has no other way to tell of timers, and most programs have none.
    look_at_numbers(s, "/proc/self/timers");
    return look_at_descriptors(s);
}
