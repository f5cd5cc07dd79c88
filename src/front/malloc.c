// SPDX-License-Identifier: MIT
// The exported malloc family. Semantics are the C library's (glibc 2.36), differing only where the guard
// is meant to: realloc moves, malloc_usable_size answers the requested size. No state.
#include "front/malloc.h"

#include "base/options.h"
#include "base/sys.h"
#include "front/failing.h"
#include "front/foreign.h"
#include "front/fork.h"
#include "front/init.h"
#include "front/lost.h"
#include "front/site.h"
#include "front/thread.h"
#include "front/traced.h"
#include "heap/heap.h"
#include "heap/mobility.h"
#include "heap/size_class.h"
#include "heap/usual.h"
#include "report/luck.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_ALIGN = 16 };

bool rg_malloc_finishes;

void rg_malloc_init(void) {
    rg_malloc_finishes = rg_options.luck || rg_options.fill >= 0 || rg_trace_is_on();
}

// Whether an option asks for more than the usual look behind a block.
static bool looks_behind(void) {
    return rg_options.redzone > 0 || rg_options.mismatch || rg_options.fill >= 0;
}

static void *allocate_traced(struct rg_stay stay, size_t size, size_t align, enum rg_family family,
                             bool zero, enum rg_trace_how how, struct rg_origin origin) {
    const bool is_traced = rg_traced_begin(stay, origin);
    struct rg_tcache *cache = rg_stay_tcache(stay);
    void *p = rg_options.redzone > 0 ? rg_heap_alloc(cache, size, align, family, zero, origin)
                                     : rg_usual_alloc(cache, size, align, family, zero, origin);
    if (rg_likely(is_traced)) {
        rg_traced_alloc(stay, origin, p, size, how);
    }
    return p;
}

// A block that is not small; in a signal handler that has interrupted the heap, at a thread's first call, where the guard
// stands aside, where there is a trace, and where an option asks for more.
static RG_NOINLINE void *allocate_unusual(size_t size, size_t align, enum rg_family family,
                                          bool zero, enum rg_trace_how how,
                                          struct rg_caller caller) {
    if (rg_unlikely(size > PTRDIFF_MAX)) {
        rg_traced_failure(NULL, size, how, &caller);
        errno = ENOMEM;
        return NULL;
    }
    struct rg_stay stay = rg_thread_enter();
    void *p = !stay.data && rg_init_is_aside()
                  ? rg_foreign_allocate(size, align, zero)
                  : allocate_traced(stay, size, align, family, zero, how,
                                    rg_thread_origin_of(stay, &caller));
    rg_thread_leave(stay);
    rg_traced_say();
    if (rg_unlikely(!p)) {
        errno = ENOMEM;
    } else if (rg_unlikely(rg_options.fill >= 0) && !zero) {
        memset(p, rg_options.fill, size);
    }
    return p;
}

RG_INLINE void *allocate(size_t size, size_t align, enum rg_family family, bool zero,
                         enum rg_trace_how how, const struct rg_caller *caller) {
    if (rg_unlikely(size > RG_SMALL_MAX || align > RG_SMALL_ALIGN)) {
        return allocate_unusual(size, align, family, zero, how, *caller);
    }
    struct rg_thread_data *data = rg_thread_enter_usual();
    if (rg_unlikely(!data)) {
        return allocate_unusual(size, align, family, zero, how, *caller);
    }
    void *p =
        rg_usual_alloc(&data->tcache, size, align, family, zero, rg_thread_capture(data, caller));
    rg_thread_leave_usual();
    if (rg_unlikely(!p)) {
        errno = ENOMEM;
    }
    return p;
}

static enum rg_trace_how how_of(enum rg_family family) {
    return family == RG_FAMILY_NEW         ? RG_TRACE_BY_NEW
           : family == RG_FAMILY_NEW_ARRAY ? RG_TRACE_BY_NEW_ARRAY
                                           : RG_TRACE_BY_MALLOC;
}

void *rg_allocate(size_t size, size_t align, enum rg_family family, bool zero,
                  const struct rg_caller *caller) {
    return allocate(size, align, family, zero, how_of(family), caller);
}

void *rg_allocate_by(size_t size, size_t align, enum rg_family family, bool zero,
                     enum rg_trace_how how, const struct rg_caller *caller) {
    return allocate(size, align, family, zero, how, caller);
}

// Another thread is in realloc with this block: its outcome decides. In a forked child that thread may
// be the parent's, and the move never end.
enum { WAITS_MAX = 10000 };

static void wait_a_moment(void *p, unsigned *waits) {
    rg_sys0(SYS_sched_yield);
    if (++*waits > WAITS_MAX && rg_fork_is_child()) {
        rg_heap_end_move(p);
    }
}

// Whether it is reported that another thread is in realloc with the block, which the caller waits for. Not before it is
// sure that it means this block; and not in a forked child, where that thread may be the parent's, and what it was doing
// is for this one to end.
static RG_COLD bool report_busy(enum rg_operation operation, void *p, struct rg_caller caller) {
    struct rg_block_facts facts;
    if (rg_fork_is_child() || !rg_heap_describe((uintptr_t)p, &facts) || !facts.is_claimed) {
        return false;
    }
    rg_misuse(operation, p, RG_TROUBLE_BUSY, caller);
    return true;
}

static enum rg_trouble trouble_of(enum rg_status status) {
    return status == RG_STALE          ? RG_TROUBLE_STALE
           : status == RG_ALREADY_FREE ? RG_TROUBLE_FREED
           : status == RG_INTERIOR     ? RG_TROUBLE_INTERIOR
                                       : RG_TROUBLE_FOREIGN;
}

static enum rg_operation operation_of(enum rg_family family) {
    return family == RG_FAMILY_MALLOC ? RG_OP_FREE
           : family == RG_FAMILY_NEW  ? RG_OP_DELETE
                                      : RG_OP_DELETE_ARRAY;
}

static bool find_live(const void *p, struct rg_block_facts *ret_facts) {
    return rg_heap_describe((uintptr_t)p, ret_facts) && ret_facts->address == (uintptr_t)p &&
           ret_facts->state == RG_BLOCK_LIVE;
}

// With the option only: an object may have operators of its own, out of sight, which call others of malloc or of the
// guard's; what they allocate may well be ended by another one.
static RG_COLD void check_family(enum rg_operation operation, void *p, enum rg_family family,
                                 struct rg_caller caller) {
    struct rg_block_facts facts;
    if (!find_live(p, &facts)) {
        return;
    }
    if (facts.family == RG_FAMILY_ALIGNED && family == RG_FAMILY_MALLOC) {
        if (operation == RG_OP_REALLOC) {
            rg_misuse(operation, p, RG_TROUBLE_ALIGNED, caller);
            rg_heap_set_family(p, family); // it has been said
        }
    } else if (facts.family != family) {
        rg_misuse(operation, p, RG_TROUBLE_FAMILY, caller);
        rg_heap_set_family(p, family);
    }
}

// Looks at all that is behind the block.
static enum rg_status free_thoroughly(struct rg_tcache *cache, void *p, struct rg_origin origin) {
    struct rg_found found;
    enum rg_status status = rg_heap_find(p, &found);
    return status == RG_OK ? rg_heap_free_found(cache, found, p, origin) : status;
}

static enum rg_status end_block(struct rg_tcache *cache, void *p, struct rg_origin origin) {
    return rg_options.seal_freed ? rg_heap_free_sealed(cache, p, origin)
           : looks_behind()      ? free_thoroughly(cache, p, origin)
                                 : rg_heap_free(cache, p, origin);
}

static enum rg_trace_how end_of(enum rg_family family) {
    return family == RG_FAMILY_NEW         ? RG_TRACE_BY_DELETE
           : family == RG_FAMILY_NEW_ARRAY ? RG_TRACE_BY_DELETE_ARRAY
                                           : RG_TRACE_BY_FREE;
}

// Also where there is a trace, or an option asks for more.
static RG_NOINLINE enum rg_status release_unusual(void *p, enum rg_family family,
                                                  struct rg_caller caller) {
    if (rg_options.mismatch) {
        check_family(operation_of(family), p, family, caller);
    }
    struct rg_stay stay = rg_thread_enter();
    // What is behind the block is going to be looked at, too. To read the counter takes as long as to fetch them.
    rg_heap_prefetch(p);
    __builtin_prefetch(p);
    const uint64_t ticks = rg_likely(rg_trace_is_on()) ? rg_trace_ticks() : 0;
    struct rg_origin origin = rg_thread_origin_of(stay, &caller);
    const bool is_traced = rg_traced_begin(stay, origin);
    enum rg_status status = end_block(rg_stay_tcache(stay), p, origin);
    if (rg_likely(is_traced) && (status == RG_OK || status == RG_DAMAGED)) {
        rg_traced_free(stay, ticks, origin, p, end_of(family));
    }
    rg_thread_leave(stay);
    rg_traced_say();
    return status;
}

RG_INLINE enum rg_status try_release(void *p, enum rg_family family,
                                     const struct rg_caller *caller) {
    struct rg_found found;
    struct rg_thread_data *data = rg_thread_enter_usual();
    if (rg_unlikely(!data)) {
        return release_unusual(p, family, *caller);
    }
    enum rg_status status = rg_heap_find(p, &found);
    if (rg_likely(status == RG_OK)) {
        // It is wanted as soon as the stack is known.
        __builtin_prefetch(found.block, 1);
        struct rg_origin origin = rg_thread_capture(data, caller);
        status = rg_usual_free(&data->tcache, found, p, origin);
    }
    rg_thread_leave_usual();
    return status;
}

static RG_COLD void release_other(void *p, enum rg_family family, enum rg_status status,
                                  struct rg_caller caller) {
    bool is_said = false;
    for (unsigned waits = 0; status == RG_IN_PROGRESS;) {
        is_said = is_said || report_busy(operation_of(family), p, caller);
        wait_a_moment(p, &waits);
        status = try_release(p, family, &caller);
    }
    if (status == RG_DAMAGED) {
        rg_misuse_damage(operation_of(family), caller);
    } else if (status == RG_FOREIGN && rg_foreign_is_plausible(p)) {
        rg_foreign_free(p);
    } else if (status != RG_OK && !is_said) {
        rg_misuse(operation_of(family), p, trouble_of(status), caller);
    }
}

RG_INLINE void release(void *p, enum rg_family family, const struct rg_caller *caller) {
    enum rg_status status = p ? try_release(p, family, caller) : RG_OK;
    if (rg_unlikely(status != RG_OK)) {
        release_other(p, family, status, *caller);
    }
}

void rg_release(void *p, enum rg_family family, const struct rg_caller *caller) {
    release(p, family, caller);
}

void rg_release_sized(void *p, size_t size, enum rg_family family, const struct rg_caller *caller) {
    struct rg_block_facts facts;
    // Where the family is another one that is what is wrong.
    if (rg_unlikely(rg_options.mismatch) && find_live(p, &facts) && facts.size != size &&
        (facts.family == family ||
         (facts.family == RG_FAMILY_ALIGNED && family == RG_FAMILY_MALLOC))) {
        rg_misuse_sized(operation_of(family), p, size, *caller);
    }
    release(p, family, caller);
}

static RG_COLD void *fail_for_want_of_memory(void) {
    errno = ENOMEM;
    return NULL;
}

// A realloc that fails, and is no misuse.
static RG_COLD void *fail_resize(void *p, size_t size, uint32_t stack,
                                 const struct rg_caller *caller) {
    rg_thread_self.failed = (struct rg_failed_call){size, stack};
    if (p) {
        rg_lost_note(p, size, stack, caller);
    }
    return fail_for_want_of_memory();
}

// realloc of no block. fails: it was asked to.
static void *resize_nothing(size_t size, bool fails, const struct rg_caller *caller) {
    void *p = rg_unlikely(fails) ? NULL
                                 : rg_allocate_by(size, DEFAULT_ALIGN, RG_FAMILY_MALLOC, false,
                                                  RG_TRACE_BY_REALLOC, caller);
    if (rg_unlikely(!p)) {
        struct rg_stay stay = rg_thread_enter();
        struct rg_origin origin = rg_thread_origin_of(stay, caller);
        rg_thread_leave(stay);
        if (fails) {
            // Otherwise the allocation has told it.
            rg_traced_failure(NULL, size, RG_TRACE_BY_REALLOC, caller);
        }
        return fail_resize(NULL, size, origin.stack, caller);
    }
    return p;
}

static RG_COLD void *resize_other(void *p, size_t size, enum rg_status status, bool is_said,
                                  bool fails, struct rg_caller caller) {
    if (status == RG_FOREIGN && rg_foreign_is_plausible(p)) {
        return fails ? fail_for_want_of_memory() : rg_foreign_realloc(p, size);
    }
    if (!is_said) {
        rg_misuse(RG_OP_REALLOC, p, trouble_of(status), caller);
    }
    if (fails) {
        return fail_for_want_of_memory();
    }
    return size == 0 ? NULL : rg_misuse_replace(p, size, caller);
}

static void note_move(const struct rg_resize *how) {
    uintptr_t pcs[RG_SITE_FRAMES];
    struct rg_stack stack =
        rg_depot_get((struct rg_stack_id){how->ret_alloc_stack}, pcs, RG_SITE_FRAMES);
    rg_mobility_note_move(rg_capture_site(stack.pcs, stack.count), how->ret_moved_class);
}

// times: what size was to be multiplied by, or 0.
static RG_COLD void *refuse_size(void *p, size_t size, size_t times,
                                 const struct rg_caller *caller) {
    if (rg_options.impossible_size) {
        rg_misuse_size(p, size, times, *caller);
    }
    rg_traced_failure(p, times ? SIZE_MAX : size, RG_TRACE_BY_REALLOC, caller);
    return fail_for_want_of_memory();
}

static RG_COLD void begin_release(void *p, struct rg_caller caller) {
    if (rg_options.realloc_zero) {
        rg_misuse(RG_OP_REALLOC, p, RG_TROUBLE_ZERO, caller);
    }
    rg_thread_self.release_ticks = rg_trace_ticks();
}

// What else there is to do for a block that has a new size.
static RG_COLD void finish_resize(const struct rg_resize *how, void *p, void *new_p) {
    if (rg_options.luck && new_p && new_p != p && rg_luck_stays(how->ret_old_size, how->size)) {
        rg_luck_note(how->origin.stack);
    }
    if (rg_options.fill >= 0 && new_p && how->size > how->ret_old_size) {
        memset((char *)new_p + how->ret_old_size, rg_options.fill, how->size - how->ret_old_size);
    }
    rg_traced_resize(how, p, new_p);
}

void *rg_resize(void *p, size_t size, const struct rg_caller *caller) {
    const bool fails = rg_unlikely(rg_failing_is_watching) && size > 0 && size <= PTRDIFF_MAX &&
                       rg_failing_count(size, *caller);
    rg_thread_self.failed.wanted = 0;
    if (!p && size <= PTRDIFF_MAX) {
        return resize_nothing(size, fails, caller);
    }
    if (rg_unlikely(size > PTRDIFF_MAX)) {
        return refuse_size(p, size, 0, caller);
    }
    if (rg_unlikely(size == 0)) {
        begin_release(p, *caller);
    }
    if (rg_unlikely(rg_options.mismatch)) {
        check_family(RG_OP_REALLOC, p, RG_FAMILY_MALLOC, *caller);
    }
    struct rg_resize how = {.size = size, .release = size == 0, .fail = fails};
    void *new_p = NULL;
    enum rg_status status;
    unsigned waits = 0;
    bool is_said = false;
    for (;;) {
        struct rg_stay stay = rg_thread_enter();
        rg_heap_prefetch(p);
        how.origin = rg_thread_origin_of(stay, caller);
        how.move = fails || rg_site_wants_move(how.origin.site, size);
        status = rg_heap_resize(rg_stay_tcache(stay), p, &how, &new_p);
        rg_thread_leave(stay);
        if (rg_likely(status != RG_IN_PROGRESS)) {
            break;
        }
        is_said = is_said || report_busy(RG_OP_REALLOC, p, *caller);
        wait_a_moment(p, &waits);
    }
    if (rg_likely(status == RG_OK)) {
        if (rg_unlikely(how.ret_was_damaged)) {
            rg_misuse_damage(RG_OP_REALLOC, *caller);
        }
        if (how.ret_moved_class < RG_SMALL_CLASSES) {
            note_move(&how);
        }
        if (rg_unlikely(rg_malloc_finishes)) {
            finish_resize(&how, p, new_p);
        }
        return new_p;
    }
    if (status == RG_NO_MEMORY) {
        rg_traced_failure(p, size, RG_TRACE_BY_REALLOC, caller);
        return fail_resize(p, size, how.origin.stack, caller);
    }
    return resize_other(p, size, status, is_said, fails, *caller);
}

size_t rg_usable_size(void *p, const struct rg_caller *caller) {
    size_t size = 0;
    if (!p) {
        return 0;
    }
    enum rg_status status = rg_heap_size(p, &size);
    if (status == RG_OK || status == RG_IN_PROGRESS) {
        return size;
    }
    if (status == RG_FOREIGN && rg_foreign_is_plausible(p)) {
        return rg_foreign_usable_size(p);
    }
    rg_misuse(RG_OP_USABLE_SIZE, p, trouble_of(status), *caller);
    return size;
}

RG_EXPORT void *malloc(size_t size) {
    return allocate(size, DEFAULT_ALIGN, RG_FAMILY_MALLOC, false, RG_TRACE_BY_MALLOC, &RG_CALLER());
}

RG_EXPORT void *calloc(size_t count, size_t size) {
    size_t bytes;
    if (rg_unlikely(__builtin_mul_overflow(count, size, &bytes))) {
        return allocate_unusual(SIZE_MAX, DEFAULT_ALIGN, RG_FAMILY_MALLOC, true, RG_TRACE_BY_CALLOC,
                                RG_CALLER());
    }
    return allocate(bytes, DEFAULT_ALIGN, RG_FAMILY_MALLOC, true, RG_TRACE_BY_CALLOC, &RG_CALLER());
}

RG_EXPORT void *realloc(void *p, size_t size) {
    return rg_resize(p, size, &RG_CALLER());
}

RG_EXPORT void *reallocarray(void *p, size_t count, size_t size) {
    size_t bytes;
    if (rg_unlikely(__builtin_mul_overflow(count, size, &bytes))) {
        return refuse_size(p, size, count, &RG_CALLER());
    }
    return rg_resize(p, bytes, &RG_CALLER());
}

RG_EXPORT void free(void *p) {
    release(p, RG_FAMILY_MALLOC, &RG_CALLER());
}

RG_EXPORT void cfree(void *p);
RG_EXPORT void cfree(void *p) {
    rg_release(p, RG_FAMILY_MALLOC, &RG_CALLER());
}

RG_EXPORT void free_sized(void *p, size_t size);
RG_EXPORT void free_sized(void *p, size_t size) {
    rg_release_sized(p, size, RG_FAMILY_MALLOC, &RG_CALLER());
}

RG_EXPORT void free_aligned_sized(void *p, size_t align, size_t size);
RG_EXPORT void free_aligned_sized(void *p, size_t align, size_t size) {
    (void)align;
    rg_release_sized(p, size, RG_FAMILY_MALLOC, &RG_CALLER());
}

static size_t round_align(size_t align) {
    size_t power = DEFAULT_ALIGN;
    while (power < align) {
        power *= 2;
    }
    return power;
}

// Any alignment is accepted and rounded up to a power of two, as glibc does; one that cannot be, and a
// block that cannot fit, fail with the C library's errno.
static void *allocate_aligned(size_t align, size_t size, const struct rg_caller *caller) {
    if (align > SIZE_MAX / 2 + 1) {
        errno = EINVAL;
        return NULL;
    }
    align = round_align(align);
    return rg_allocate_by(size, align, align > DEFAULT_ALIGN ? RG_FAMILY_ALIGNED : RG_FAMILY_MALLOC,
                          false, RG_TRACE_BY_ALIGNED, caller);
}

RG_EXPORT void *memalign(size_t align, size_t size) {
    return allocate_aligned(align, size, &RG_CALLER());
}

RG_EXPORT void *aligned_alloc(size_t align, size_t size) {
    return allocate_aligned(align, size, &RG_CALLER());
}

RG_EXPORT int posix_memalign(void **ret, size_t align, size_t size) {
    if (align % sizeof(void *) != 0 || align == 0 || (align & (align - 1)) != 0) {
        return EINVAL;
    }
    void *p = allocate_aligned(align, size, &RG_CALLER());
    if (!p) {
        return ENOMEM;
    }
    *ret = p;
    return 0;
}

RG_EXPORT void *valloc(size_t size) {
    return allocate_aligned(RG_PAGE_SIZE, size, &RG_CALLER());
}

RG_EXPORT void *pvalloc(size_t size) {
    if (size > PTRDIFF_MAX) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate_aligned(RG_PAGE_SIZE, rg_align_up(size, RG_PAGE_SIZE), &RG_CALLER());
}

RG_EXPORT size_t malloc_usable_size(void *p) {
    return rg_usable_size(p, &RG_CALLER());
}
