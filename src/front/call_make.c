// SPDX-License-Identifier: MIT
// See calls.h. A call is gone through twice: once to look whether anything stale is in it, and only if there
// is, again to replace that. No state.
#include "front/bounce.h"

#include "front/init.h"
#include "front/thread.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

// An array that leads to more memory is copied, so that its pointers can be replaced. False: its pointers
// must stay as they are.
static bool can_go_into(const struct rg_bounces *b, uintptr_t copy, uintptr_t original) {
    return b->looking ? !b->found : copy != original;
}

// Replaces p, which was found at `at`.
static void go_into(struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t at,
                    const void *p, size_t n) {
    uintptr_t q = rg_bounce(b, use, (uintptr_t)p, n);
    if (q != (uintptr_t)p) {
        memcpy((void *)at, &q, sizeof q);
    }
}

enum { BEYOND_MAX = 1 << 20 }; // a program that says more means no number

// Whether the memory of an edge ends within the buffer. Behind other large blocks nothing was cut off.
static bool ends_before(uintptr_t p, size_t n, struct rg_beyond *ret_how, size_t element,
                        size_t before) {
    size_t live = rg_heap_bytes_to_edge(p);
    *ret_how = (struct rg_beyond){live, element, before};
    return rg_unlikely(live > 0 && n > live) && n <= BEYOND_MAX && element == 1;
}

// is_told: the result says how many bytes of all were used.
static uintptr_t go_into_vector(struct rg_bounces *b, const char *name, enum rg_call_access access,
                                uintptr_t p, size_t count, bool is_told) {
    struct rg_buffer_use array = {name, RG_CALL_READS, 0, 0}, piece = {name, access, 0, 0};
    size_t before = 0;
    if (count > IOV_MAX) {
        return p; // refused
    }
    uintptr_t copy = rg_bounce_copy(b, &array, p, count * sizeof(struct iovec));
    for (size_t i = 0; i < count && can_go_into(b, copy, p); i++) {
        struct iovec v;
        uintptr_t at = copy + i * sizeof v;
        if (!rg_bounce_fetch(at, &v, sizeof v)) {
            break;
        }
        uintptr_t base = at + offsetof(struct iovec, iov_base);
        struct rg_beyond how;
        if (is_told && ends_before((uintptr_t)v.iov_base, v.iov_len, &how, 1, before)) {
            uintptr_t q = rg_bounce_beyond(b, &piece, (uintptr_t)v.iov_base, v.iov_len, how);
            if (q != (uintptr_t)v.iov_base) {
                memcpy((void *)base, &q, sizeof q);
            }
        } else {
            go_into(b, &piece, base, v.iov_base, v.iov_len);
        }
        before += v.iov_len;
    }
    return copy;
}

// False: there is no header that can be read.
static bool go_into_header(struct rg_bounces *b, enum rg_call_access access, uintptr_t at) {
    struct rg_buffer_use name = {"msg_name", access, 0, 0};
    struct rg_buffer_use control = {"msg_control", access, 0, 0};
    struct msghdr header;
    if (!rg_bounce_fetch(at, &header, sizeof header)) {
        return false;
    }
    go_into(b, &name, at + offsetof(struct msghdr, msg_name), header.msg_name, header.msg_namelen);
    go_into(b, &control, at + offsetof(struct msghdr, msg_control), header.msg_control,
            header.msg_controllen);
    uintptr_t v = (uintptr_t)header.msg_iov;
    uintptr_t copy = go_into_vector(b, "msg_iov", access, v, header.msg_iovlen, false);
    if (copy != v) {
        memcpy((void *)(at + offsetof(struct msghdr, msg_iov)), &copy, sizeof copy);
    }
    return true;
}

// The kernel stores into the headers of messages received, and the length of each of several sent.
static uintptr_t go_into_messages(struct rg_bounces *b, const struct rg_call_argument *argument,
                                  uintptr_t p, size_t count) {
    bool is_stored_to =
        argument->access != RG_CALL_READS || argument->unit == sizeof(struct mmsghdr);
    count = count < IOV_MAX ? count : IOV_MAX; // the kernel takes no more
    struct rg_buffer_use use = {argument->name, is_stored_to ? RG_CALL_WRITES : RG_CALL_READS,
                                argument->unit, is_stored_to ? count : 0};
    uintptr_t copy = rg_bounce_copy(b, &use, p, count * argument->unit);
    for (size_t i = 0; i < count && can_go_into(b, copy, p); i++) {
        if (!go_into_header(b, argument->access, copy + i * argument->unit)) {
            break;
        }
    }
    return copy;
}

static void go_into_string(struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t at) {
    const char *p;
    if (rg_bounce_fetch(at, &p, sizeof p) && rg_buffer_is_stale((uintptr_t)p, 1)) {
        go_into(b, use, at, p, b->looking ? 1 : rg_bounce_string_bytes((uintptr_t)p));
    }
}

// Pointers of a list with the one that ends it, or that cannot be read: then there is no copy, and the
// kernel refuses the list as it would have.
static size_t count_strings(uintptr_t p) {
    size_t n = 0;
    uintptr_t string = 1;
    while (string) {
        if (!rg_bounce_fetch(p + n * sizeof string, &string, sizeof string)) {
            string = 0;
        }
        n++;
    }
    return n;
}

static uintptr_t go_into_strings(struct rg_bounces *b, const char *name, uintptr_t p) {
    struct rg_buffer_use use = {name, RG_CALL_READS, 0, 0};
    size_t count = count_strings(p);
    uintptr_t copy = rg_bounce_copy(b, &use, p, count * sizeof(char *));
    for (size_t i = 0; i < count && can_go_into(b, copy, p); i++) {
        go_into_string(b, &use, copy + i * sizeof(char *));
    }
    return copy;
}

// The C library reallocates the array of actions as they are added, so a copy of the struct has an old one.
static uintptr_t go_into_actions(struct rg_bounces *b, const char *name, uintptr_t p) {
    struct rg_buffer_use use = {name, RG_CALL_READS, 0, 0};
    posix_spawn_file_actions_t actions;
    uintptr_t copy = rg_bounce_copy(b, &use, p, sizeof actions);
    if (can_go_into(b, copy, p) && rg_bounce_fetch(copy, &actions, sizeof actions) &&
        rg_buffer_is_stale((uintptr_t)actions.__actions, 1)) {
        go_into(b, &use, copy + offsetof(posix_spawn_file_actions_t, __actions), actions.__actions,
                rg_bounce_block_bytes((uintptr_t)actions.__actions));
    }
    return copy;
}

// Whether the buffer is said to go on behind the memory of a large block, and the result says how much of it was used.
static bool goes_beyond(const struct rg_call_argument *argument, const long *words,
                        size_t *ret_bytes, struct rg_beyond *ret_how) {
    enum rg_call_access access;
    bool is_told = argument->access == RG_CALL_RETURNS_BYTES || argument->unit == 1;
    if ((argument->rule != RG_SIZE_BYTES && argument->rule != RG_SIZE_PRODUCT) || !is_told) {
        return false;
    }
    // That may take what it does not store anywhere.
    if (argument->rule == RG_SIZE_BYTES && argument->with2 &&
        (words[argument->with2] & MSG_TRUNC)) {
        return false;
    }
    *ret_bytes = rg_call_size(argument, words, &access);
    size_t element = argument->rule == RG_SIZE_PRODUCT ? (size_t)words[argument->with] : 1;
    return ends_before((uintptr_t)words[argument->index], *ret_bytes, ret_how, element, 0);
}

static uintptr_t go_into_argument(struct rg_bounces *b, const struct rg_call_argument *argument,
                                  const long *words) {
    uintptr_t p = (uintptr_t)words[argument->index];
    struct rg_buffer_use use = {argument->name, argument->access, argument->unit, 0};
    int count = (int)words[argument->with];
    if (!p) {
        return p;
    }
    switch ((enum rg_call_rule)argument->rule) {
    case RG_SIZE_VECTOR:
        return go_into_vector(b, argument->name, use.access, p, count > 0 ? (size_t)count : 0,
                              argument->unit == 1);
    case RG_SIZE_MESSAGES:
        if (argument->unit == sizeof(struct msghdr)) {
            count = 1;
        }
        return go_into_messages(b, argument, p, count > 0 ? (size_t)count : 0);
    case RG_SIZE_STRINGS:
        return go_into_strings(b, argument->name, p);
    case RG_SIZE_ACTIONS:
        return go_into_actions(b, argument->name, p);
    case RG_SIZE_STRING:
        return rg_buffer_is_stale(p, 1)
                   ? rg_bounce(b, &use, p, b->looking ? 1 : rg_bounce_string_bytes(p))
                   : p;
    default:
        break;
    }
    size_t n;
    struct rg_beyond how;
    if (rg_buffer_is_stale(p, 1)) {
        return rg_bounce(b, &use, p, rg_call_size(argument, words, &use.access));
    }
    return goes_beyond(argument, words, &n, &how) ? rg_bounce_beyond(b, &use, p, n, how) : p;
}

static RG_NOINLINE bool look_closely(const struct rg_call *call, const long *words) {
    struct rg_bounces b = {.call = call, .looking = true};
    if (rg_init_pid() == 0) {
        return false; // nothing has been allocated yet, and faults are not ours yet
    }
    if (rg_thread_self.in_fault) {
        return false; // libunwind asks the kernel what can be read, by writing it into a pipe
    }
    for (size_t i = 0; i < RG_CALL_ARGUMENTS_MAX && call->argument[i].rule && !b.found; i++) {
        go_into_argument(&b, &call->argument[i], words);
    }
    return b.found;
}

bool rg_call_is_stale(const struct rg_call *call, const long *words) {
    size_t n;
    struct rg_beyond how;
    for (size_t i = 0; i < RG_CALL_ARGUMENTS_MAX && call->argument[i].rule; i++) {
        const struct rg_call_argument *argument = &call->argument[i];
        if (argument->rule >= RG_SIZE_VECTOR ||
            rg_buffer_is_stale((uintptr_t)words[argument->index], 1) ||
            goes_beyond(argument, words, &n, &how)) {
            return look_closely(call, words);
        }
    }
    return false;
}

void rg_bounce_begin(struct rg_bounces *b, long *words) {
    const struct rg_call *call = b->call;
    for (size_t i = 0; i < RG_CALL_ARGUMENTS_MAX && call->argument[i].rule; i++) {
        const struct rg_call_argument *argument = &call->argument[i];
        words[argument->index] = (long)go_into_argument(b, argument, words);
    }
}

long rg_call_make(const struct rg_call *call, rg_call_fn *next, const long *words,
                  struct rg_caller caller) {
    struct rg_bounces b = {.call = call, .caller = caller};
    long changed[RG_CALL_WORDS];
    memcpy(changed, words, sizeof changed);
    rg_bounce_begin(&b, changed);
    long result = next(changed[0], changed[1], changed[2], changed[3], changed[4], changed[5]);
    result = rg_bounce_end(&b, result);
    if (b.is_refused) {
        errno = EFAULT;
        return -1;
    }
    return result;
}
