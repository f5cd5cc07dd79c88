// SPDX-License-Identifier: MIT
// The C library's calls that take several buffers. When one of them is stale, the call is made with a
// single buffer that gathers all of them, or is scattered over them: the bytes and their order are the
// same. State: the C library's functions, as in io_calls.c.
#include "front/bounce.h"

#include "base/sys.h"
#include "base/vmem.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

typedef ssize_t vector_fn(int, const struct iovec *, int);
typedef ssize_t vector_at_fn(int, const struct iovec *, int, off_t);

static struct {
    vector_fn *readv, *writev;
    vector_at_fn *preadv, *pwritev;
    ssize_t (*recvmsg)(int, struct msghdr *, int);
    ssize_t (*sendmsg)(int, const struct msghdr *, int);
} next;

__attribute__((constructor)) static void find_all(void) {
    rg_find_next("readv", &next.readv);
    rg_find_next("writev", &next.writev);
    rg_find_next("preadv", &next.preadv);
    rg_find_next("pwritev", &next.pwritev);
    rg_find_next("recvmsg", &next.recvmsg);
    rg_find_next("sendmsg", &next.sendmsg);
}

static void have_next(void) {
    if (rg_unlikely(!next.sendmsg)) {
        find_all();
    }
}

// The first stale buffer, or -1. The array is the program's; a bad one is left to the kernel.
static int find_stale(const struct iovec *v, int count) {
    if (rg_buffer_is_stale(v, (size_t)(count > 0 ? count : 0) * sizeof *v)) {
        return -1; // reading it faults here, and is reported as what it is
    }
    for (int i = 0; i < count && i < 1024; i++) {
        if (rg_buffer_is_stale(v[i].iov_base, v[i].iov_len)) {
            return i;
        }
    }
    return -1;
}

// All buffers in one.
struct gathered {
    struct iovec whole;
    size_t mapped;
    const struct iovec *v;
    int count;
};

// Moves the bytes of one buffer to or from `at`; a stale one by its scratch pages.
static void move_piece(const struct iovec *piece, char *at, size_t n, bool to_program) {
    if (rg_buffer_is_stale(piece->iov_base, n)) {
        if (to_program) {
            rg_scratch_write((uintptr_t)piece->iov_base, at, n);
        } else {
            rg_scratch_read((uintptr_t)piece->iov_base, at, n);
        }
    } else if (to_program) {
        memcpy(piece->iov_base, at, n);
    } else {
        memcpy(at, piece->iov_base, n);
    }
}

static void move_all(const struct gathered *g, size_t bytes, bool to_program) {
    char *at = g->whole.iov_base;
    for (int i = 0; i < g->count && bytes > 0; i++) {
        size_t n = g->v[i].iov_len < bytes ? g->v[i].iov_len : bytes;
        if (n > 0) {
            move_piece(&g->v[i], at, n, to_program);
        }
        at += n;
        bytes -= n;
    }
}

// Reports stale buffer number `stale` and gathers. False: no memory.
static bool gather(struct gathered *g, struct rg_call call, const struct iovec *v, int count,
                   int stale) {
    *g = (struct gathered){.v = v, .count = count};
    for (int i = 0; i < count; i++) {
        g->whole.iov_len += v[i].iov_len;
    }
    struct rg_bounce b = rg_bounce_begin(&call, v[stale].iov_base, v[stale].iov_len);
    rg_bounce_end(&b, 0);
    g->mapped = rg_align_up(g->whole.iov_len, RG_PAGE_SIZE);
    g->whole.iov_base = rg_vmem_map_metadata(g->mapped);
    if (g->whole.iov_base && !call.kernel_writes) {
        move_all(g, g->whole.iov_len, false);
    }
    return g->whole.iov_base != NULL;
}

static void scatter(struct gathered *g, ssize_t bytes) {
    if (bytes > 0) {
        move_all(g, (size_t)bytes, true);
    }
    rg_vmem_unmap(g->whole.iov_base, g->mapped);
}

RG_EXPORT ssize_t readv(int fd, const struct iovec *v, int count) {
    struct gathered g;
    have_next();
    int stale = find_stale(v, count);
    if (rg_likely(stale < 0) ||
        !gather(&g, (struct rg_call){"readv", "iov", true, RG_CALLER()}, v, count, stale)) {
        return next.readv(fd, v, count);
    }
    ssize_t ret = next.readv(fd, &g.whole, 1);
    scatter(&g, ret);
    return ret;
}

RG_EXPORT ssize_t writev(int fd, const struct iovec *v, int count) {
    struct gathered g;
    have_next();
    int stale = find_stale(v, count);
    if (rg_likely(stale < 0) ||
        !gather(&g, (struct rg_call){"writev", "iov", false, RG_CALLER()}, v, count, stale)) {
        return next.writev(fd, v, count);
    }
    ssize_t ret = next.writev(fd, &g.whole, 1);
    scatter(&g, 0);
    return ret;
}

static ssize_t preadv_for(int fd, const struct iovec *v, int count, off_t at,
                          struct rg_caller caller) {
    struct gathered g;
    have_next();
    int stale = find_stale(v, count);
    if (rg_likely(stale < 0) ||
        !gather(&g, (struct rg_call){"preadv", "iov", true, caller}, v, count, stale)) {
        return next.preadv(fd, v, count, at);
    }
    ssize_t ret = next.preadv(fd, &g.whole, 1, at);
    scatter(&g, ret);
    return ret;
}

RG_EXPORT ssize_t preadv(int fd, const struct iovec *v, int count, off_t at) {
    return preadv_for(fd, v, count, at, RG_CALLER());
}

RG_EXPORT ssize_t preadv64(int fd, const struct iovec *v, int count, off64_t at) {
    return preadv_for(fd, v, count, at, RG_CALLER());
}

static ssize_t pwritev_for(int fd, const struct iovec *v, int count, off_t at,
                           struct rg_caller caller) {
    struct gathered g;
    have_next();
    int stale = find_stale(v, count);
    if (rg_likely(stale < 0) ||
        !gather(&g, (struct rg_call){"pwritev", "iov", false, caller}, v, count, stale)) {
        return next.pwritev(fd, v, count, at);
    }
    ssize_t ret = next.pwritev(fd, &g.whole, 1, at);
    scatter(&g, 0);
    return ret;
}

RG_EXPORT ssize_t pwritev(int fd, const struct iovec *v, int count, off_t at) {
    return pwritev_for(fd, v, count, at, RG_CALLER());
}

RG_EXPORT ssize_t pwritev64(int fd, const struct iovec *v, int count, off64_t at) {
    return pwritev_for(fd, v, count, at, RG_CALLER());
}

RG_EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
    struct gathered g;
    have_next();
    int stale = message ? find_stale(message->msg_iov, (int)message->msg_iovlen) : -1;
    if (rg_likely(stale < 0) ||
        !gather(&g, (struct rg_call){"recvmsg", "msg_iov", true, RG_CALLER()}, message->msg_iov,
                (int)message->msg_iovlen, stale)) {
        return next.recvmsg(fd, message, flags);
    }
    struct msghdr copy = *message;
    copy.msg_iov = &g.whole;
    copy.msg_iovlen = 1;
    ssize_t ret = next.recvmsg(fd, &copy, flags);
    message->msg_namelen = copy.msg_namelen;
    message->msg_controllen = copy.msg_controllen;
    message->msg_flags = copy.msg_flags;
    // With MSG_TRUNC the answer is the message's length, not what was stored.
    scatter(&g, ret > (ssize_t)g.whole.iov_len ? (ssize_t)g.whole.iov_len : ret);
    return ret;
}

RG_EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    struct gathered g;
    have_next();
    int stale = message ? find_stale(message->msg_iov, (int)message->msg_iovlen) : -1;
    if (rg_likely(stale < 0) ||
        !gather(&g, (struct rg_call){"sendmsg", "msg_iov", false, RG_CALLER()}, message->msg_iov,
                (int)message->msg_iovlen, stale)) {
        return next.sendmsg(fd, message, flags);
    }
    struct msghdr copy = *message;
    copy.msg_iov = &g.whole;
    copy.msg_iovlen = 1;
    ssize_t ret = next.sendmsg(fd, &copy, flags);
    scatter(&g, 0);
    return ret;
}
