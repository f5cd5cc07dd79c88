// SPDX-License-Identifier: MIT
// What the program or a debugger asks for (realloc_guard.h): what is known of an address, how many findings there are; and which
// ones are expected. A debugger may have stopped the thread in the middle of the guard, with locks held, and keep
// the other threads stopped meanwhile, so what takes locks is done only where they are free. No state.
#include "base/lock.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "front/fault.h"
#include "front/init.h"
#include "front/peek.h"
#include "front/thread.h"
#include "realloc_guard.h"
#include "report/description.h"
#include "report/expected.h"
#include "report/report.h"

#include <errno.h>
#include <string.h>
#include <time.h>

RG_EXPORT unsigned long realloc_guard_weak_finding_count(void) {
    return rg_report_count_so_far();
}

static bool diagnose(const void *p, struct rg_finding *ret_finding) {
    // INTERIOR: nothing is said of what was done with it.
    *ret_finding = (struct rg_finding){
        .operation = RG_OP_FREE, .trouble = RG_TROUBLE_INTERIOR, .address = (uintptr_t)p};
    rg_finding_diagnose(ret_finding);
    return ret_finding->has_block;
}

struct job {
    const struct rg_finding *finding;
    char *text; // or NULL
    size_t len;
    bool is_done;
};

static void run_job(void *arg) {
    struct job *job = arg;
    job->is_done = rg_report_can_describe();
    if (job->is_done) {
        job->len = rg_report_describe(job->finding, job->text);
    }
}

// Threads that are running give their locks back.
static bool describe_in_full(struct job *job) {
    enum { TRIES = 50 };
    for (int i = 0; i < TRIES && !job->is_done && !rg_lock_is_holding(); i++) {
        struct timespec moment = {0, i > 0 ? 1000000 : 0};
        rg_sys2(SYS_nanosleep, (long)&moment, 0);
        rg_fault_try_call(run_job, job);
    }
    return job->is_done;
}

RG_EXPORT int realloc_guard_weak_describe(const void *p) {
    char text[RG_DESCRIPTION_BRIEF];
    struct rg_finding f;
    if (!rg_init_is_active()) {
        return 0;
    }
    int saved_errno = errno;
    bool is_known = diagnose(p, &f);
    struct job job = {.finding = &f};
    if (!describe_in_full(&job)) {
        struct rg_buf b;
        rg_buf_init(&b, text, sizeof text);
        rg_description_put_brief(&b, &f);
        rg_description_write_brief(&b);
    }
    errno = saved_errno;
    return is_known;
}

// What is wrong with the program's pointer is its own affair, and no bug of the guard's. A sandbox may refuse that call.
static void store(char *to, const char *text, size_t len) {
    int ret = rg_poke(to, text, len);
    if (ret < 0 && ret != -EFAULT) {
        memcpy(to, text, len);
    }
}

static void give(char *to, size_t size, const char *text, size_t len) {
    if (size > 0) {
        size_t kept = len < size ? len : size - 1;
        store(to, text, kept);
        store(to + kept, "", 1);
    }
}

RG_EXPORT size_t realloc_guard_weak_describe_to(const void *p, char *to, size_t size) {
    char brief[RG_DESCRIPTION_BRIEF];
    struct rg_finding f;
    int saved_errno = errno;
    if (!rg_init_is_active() || !diagnose(p, &f)) {
        give(to, size, "", 0);
        errno = saved_errno;
        return 0;
    }
    char *room = rg_vmem_map_metadata(RG_TOLD_MOST);
    struct job job = {.finding = &f, .text = room};
    if (room && describe_in_full(&job)) {
        give(to, size, room, job.len);
    } else {
        struct rg_buf b;
        rg_buf_init(&b, brief, sizeof brief);
        rg_description_put_brief(&b, &f);
        give(to, size, b.data, b.len);
        job.len = b.len;
    }
    if (room) {
        rg_vmem_unmap(room, RG_TOLD_MOST);
    }
    errno = saved_errno;
    return job.len;
}

// The next access is not a repetition of one that was dealt with under other regions.
static void forget_last_access(void) {
    rg_thread_self.last.number = 0;
}

// A copy, of which as much can be read as is needed.
static bool copy_kinds(const char *kinds, char *copy, size_t cap) {
    for (size_t i = 0; i < cap; i++) {
        if (!rg_peek(&copy[i], kinds + i, 1)) {
            return false;
        }
        if (!copy[i]) {
            return true;
        }
    }
    return false;
}

RG_EXPORT int realloc_guard_weak_expect_push(const char *kinds) {
    char copy[4096], said[400];
    struct rg_buf why;
    if (!rg_init_is_active()) {
        return -1;
    }
    int saved_errno = errno;
    rg_buf_init(&why, said, sizeof said);
    bool is_read = !kinds || copy_kinds(kinds, copy, sizeof copy);
    if (!is_read) {
        rg_buf_str(&why, "the list of kinds cannot be read, or is longer than 4,095 bytes");
    }
    bool is_pushed = is_read && rg_expected_push(kinds ? copy : NULL, &why);
    if (!is_pushed) {
        rg_report_say("realloc_guard_expect_push: %s", said);
    }
    forget_last_access();
    errno = saved_errno;
    return is_pushed ? 0 : -1;
}

RG_EXPORT long realloc_guard_weak_expect_pop(void) {
    forget_last_access();
    return rg_init_is_active() ? rg_expected_pop() : -1;
}
