// SPDX-License-Identifier: MIT
// See bounce.h. Each buffer is a mapping: a page for the struct, then the bytes, at the same place within
// their page as the program's, since direct input and output depend on that. No state.
#include "front/bounce.h"

#include "base/vmem.h"
#include "front/fault.h"
#include "front/peek.h"
#include "front/scratch.h"
#include "front/thread.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

struct rg_bounce {
    struct rg_bounce *next;
    struct rg_buffer_use use;
    uintptr_t user, buffer;
    size_t bytes;
    struct rg_beyond how; // live 0: all of it is stale
    size_t mapped;
};

static void report(const struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t p,
                   size_t n) {
    struct rg_finding f = {.operation = use->access == RG_CALL_READS ? RG_OP_READ : RG_OP_WRITE,
                           .trouble = RG_TROUBLE_STALE,
                           .address = p,
                           .access_bytes = n,
                           .call = b->call->name,
                           .argument = use->argument};
    struct rg_stay stay = rg_thread_enter();
    if (stay.data) {
        f.pc_count = rg_walk(&stay.data->capture.walker, &b->caller, f.pcs, RG_STACK_DEPTH_MAX);
    } else {
        f.pcs[f.pc_count++] = b->caller.pc;
    }
    rg_thread_leave(stay);
    rg_fault_report(&f);
}

// Bytes from p on that belong to the stale block's pages: what follows them is somebody else's.
static size_t owned(uintptr_t p, size_t n) {
    struct rg_block_facts facts;
    if (!rg_heap_describe(p, &facts)) {
        return 0;
    }
    size_t left = facts.unit + facts.unit_bytes - p;
    return n < left ? n : left;
}

bool rg_bounce_fetch(uintptr_t p, void *dst, size_t n) {
    if (rg_likely(!rg_buffer_is_stale(p, n))) {
        return rg_peek(dst, (const void *)p, n);
    }
    memset(dst, 0, n);
    rg_scratch_read(p, dst, owned(p, n));
    return true;
}

// False: it cannot be written to.
static bool put(uintptr_t p, const void *src, size_t n) {
    if (rg_buffer_is_stale(p, n)) {
        rg_scratch_write(p, src, owned(p, n));
        return true;
    }
    int error = rg_poke((void *)p, src, n);
    if (error && error != -EFAULT) {
        memcpy((void *)p, src, n); // a sandbox refuses to help
    }
    return error != -EFAULT;
}

size_t rg_bounce_string_bytes(uintptr_t p) {
    char piece[256];
    size_t most = owned(p, SIZE_MAX), length = 0;
    while (length < most) {
        size_t n = most - length < sizeof piece ? most - length : sizeof piece;
        memset(piece, 0, n);
        rg_scratch_read(p + length, piece, n);
        size_t text = strnlen(piece, n);
        length += text;
        if (text < n) {
            break;
        }
    }
    return length + 1;
}

size_t rg_bounce_block_bytes(uintptr_t p) {
    struct rg_block_facts facts;
    size_t offset = rg_heap_describe(p, &facts) ? p - facts.address : 0;
    return offset < facts.size ? facts.size - offset : 0;
}

static struct rg_bounce *add(struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t p,
                             size_t n) {
    size_t room = rg_align_up((p & (RG_PAGE_SIZE - 1)) + n, RG_PAGE_SIZE);
    if (room < n || room + RG_PAGE_SIZE < room) {
        return NULL;
    }
    struct rg_bounce *bounce = rg_vmem_map_metadata(room + RG_PAGE_SIZE);
    if (!bounce) {
        return NULL;
    }
    *bounce =
        (struct rg_bounce){.next = b->first,
                           .use = *use,
                           .user = p,
                           .buffer = (uintptr_t)bounce + RG_PAGE_SIZE + (p & (RG_PAGE_SIZE - 1)),
                           .bytes = n,
                           .mapped = room + RG_PAGE_SIZE};
    b->first = bounce;
    return bounce;
}

static bool is_filled_by_result(const struct rg_buffer_use *use) {
    return use->access == RG_CALL_RETURNS_BYTES || use->access == RG_CALL_RETURNS_NUMBER;
}

static uintptr_t bounce_stale(struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t p,
                              size_t n) {
    int saved_errno = errno;
    b->found = true;
    if (b->looking) {
        return p;
    }
    report(b, use, p, n);
    struct rg_bounce *bounce = add(b, use, p, n);
    if (bounce && !is_filled_by_result(use)) {
        rg_scratch_read(p, (void *)bounce->buffer, owned(p, n));
    }
    errno = saved_errno;
    return bounce ? bounce->buffer : p;
}

uintptr_t rg_bounce(struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t p, size_t n) {
    return rg_likely(!rg_buffer_is_stale(p, n)) ? p : bounce_stale(b, use, p, n);
}

// Of several messages the kernel takes those that are in front of memory it cannot read. The buffer ends
// where that begins, which is at the same place within a page. False: there are none.
static bool cut_messages(struct rg_bounce *bounce) {
    size_t n = 0, page = RG_PAGE_SIZE - (bounce->user & (RG_PAGE_SIZE - 1));
    size_t unit = bounce->use.unit;
    if (bounce->use.messages == 0 || unit == 0) {
        return false;
    }
    while (n + page < bounce->bytes &&
           rg_peek((void *)(bounce->buffer + n), (const void *)(bounce->user + n), page)) {
        n += page;
        page = RG_PAGE_SIZE;
    }
    if (n < unit) {
        return false;
    }
    bounce->bytes = n;
    bounce->use.messages = n / unit;
    uintptr_t end = (uintptr_t)bounce + bounce->mapped;
    return rg_vmem_retire(bounce->buffer + n, end - (bounce->buffer + n));
}

uintptr_t rg_bounce_copy(struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t p,
                         size_t n) {
    if (rg_buffer_is_stale(p, n)) {
        return bounce_stale(b, use, p, n);
    }
    struct rg_bounce *bounce = b->looking ? NULL : add(b, use, p, n);
    if (!bounce) {
        return p;
    }
    if (rg_peek((void *)bounce->buffer, (const void *)p, n) || cut_messages(bounce)) {
        return bounce->buffer;
    }
    b->first = bounce->next;
    rg_vmem_unmap(bounce, bounce->mapped);
    return p;
}

uintptr_t rg_bounce_beyond(struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t p,
                           size_t n, struct rg_beyond how) {
    size_t live = how.live;
    b->found = true;
    struct rg_bounce *bounce = b->looking ? NULL : add(b, use, p, n);
    if (!bounce) {
        return p;
    }
    bounce->how = how;
    if (!rg_peek((void *)bounce->buffer, (const void *)p, live)) {
        // The program has closed a page of it: the kernel is to stop there.
        b->first = bounce->next;
        rg_vmem_unmap(bounce, bounce->mapped);
        return p;
    }
    if (!is_filled_by_result(use)) {
        rg_scratch_read(p + live, (char *)bounce->buffer + live, owned(p + live, n - live));
    }
    return bounce->buffer;
}

// Only now it is known whether the kernel went past the end: the program may have said more than there is to come.
static void end_beyond(const struct rg_bounces *b, const struct rg_bounce *bounce, long result) {
    size_t done = 0, live = bounce->how.live;
    if (result > 0 && __builtin_mul_overflow((size_t)result, bounce->how.element, &done)) {
        done = SIZE_MAX;
    }
    done = done > bounce->how.before ? done - bounce->how.before : 0;
    done = done < bounce->bytes ? done : bounce->bytes;
    struct rg_block_facts facts;
    if (done > live && rg_heap_describe(bounce->user, &facts)) {
        uintptr_t end = facts.address + facts.size;
        report(b, &bounce->use, end, bounce->user + done - end);
    }
    if (bounce->use.access == RG_CALL_READS) {
        return;
    }
    // Of an element that is not complete there may be some.
    done += bounce->how.element - 1;
    done = done < bounce->bytes ? done : bounce->bytes;
    put(bounce->user, (const void *)bounce->buffer, done < live ? done : live);
    if (done > live) {
        rg_scratch_write(bounce->user + live, (const char *)bounce->buffer + live,
                         owned(bounce->user + live, done - live));
    }
}

static size_t written_bytes(const struct rg_bounce *bounce, long result) {
    size_t n = bounce->bytes;
    if (bounce->use.access == RG_CALL_RETURNS_BYTES) {
        n = result > 0 ? (size_t)result : 0;
    } else if (bounce->use.access == RG_CALL_RETURNS_NUMBER) {
        n = (int)result > 0 ? (size_t)(int)result * bounce->use.unit : 0;
    }
    // A datagram that was cut (MSG_TRUNC) has a larger result than fitted.
    return n < bounce->bytes ? n : bounce->bytes;
}

// A field of a header; what the kernel leaves alone may be where nothing can be written.
static bool put_if_changed(const struct rg_bounce *bounce, size_t at, size_t n) {
    char before[8];
    const void *after = (const void *)(bounce->buffer + at);
    return (rg_bounce_fetch(bounce->user + at, before, n) && memcmp(before, after, n) == 0) ||
           put(bounce->user + at, after, n);
}

// What the kernel stores in a message's header, and nothing else: its pointers are ours. False: it could not.
static bool put_header(const struct rg_bounce *bounce, size_t at) {
    // The last thing that it stores, in any case.
    bool is_several = bounce->use.unit == sizeof(struct mmsghdr);
    size_t last =
        at + (is_several ? offsetof(struct mmsghdr, msg_len) : offsetof(struct msghdr, msg_flags));
    return put_if_changed(bounce, at + offsetof(struct msghdr, msg_namelen), sizeof(socklen_t)) &&
           put_if_changed(bounce, at + offsetof(struct msghdr, msg_controllen), sizeof(size_t)) &&
           put_if_changed(bounce, at + offsetof(struct msghdr, msg_flags), sizeof(int)) &&
           put(bounce->user + last, (const void *)(bounce->buffer + last), sizeof(int));
}

// Returns how many headers were put back, of as many as the result says.
static size_t put_headers(const struct rg_bounce *bounce, size_t count) {
    size_t i = 0;
    while (i < count && put_header(bounce, i * bounce->use.unit)) {
        i++;
    }
    return i;
}

static size_t count_headers(const struct rg_bounce *bounce, long result) {
    if ((int)result < 0) {
        return 0;
    }
    size_t count = bounce->use.unit == sizeof(struct mmsghdr) ? (size_t)(int)result : 1;
    return count < bounce->use.messages ? count : bounce->use.messages;
}

long rg_bounce_end(struct rg_bounces *b, long result) {
    int saved_errno = errno;
    long shown = result;
    struct rg_bounce *next;
    for (struct rg_bounce *bounce = b->first; bounce; bounce = next) {
        next = bounce->next;
        if (bounce->how.live > 0) {
            end_beyond(b, bounce, result);
        } else if (bounce->use.messages > 0) {
            size_t count = count_headers(bounce, result), done = put_headers(bounce, count);
            b->is_refused = done == 0 && count > 0;
            shown = done < count ? (long)done : shown;
        } else if (bounce->use.access != RG_CALL_READS) {
            put(bounce->user, (const void *)bounce->buffer, written_bytes(bounce, result));
        }
        // Some calls return the buffer.
        if ((uintptr_t)result - bounce->buffer < bounce->bytes) {
            shown = (long)(bounce->user + ((uintptr_t)result - bounce->buffer));
        }
        rg_vmem_unmap(bounce, bounce->mapped);
    }
    errno = saved_errno;
    return shown;
}
