// SPDX-License-Identifier: MIT
// See failing.h. State: the list, set once; how many calls were counted, atomic; what is known of each stack, in a table
// whose entries are claimed by a compare-and-exchange and never given up, so that a site is compared once for each.
#include "front/failing.h"

#include "base/failing_list.h"
#include "base/options.h"
#include "front/census.h"
#include "front/fault.h"
#include "front/thread.h"
#include "report/frames.h"
#include "report/report.h"
#include "stack/symbol_file.h"

#include <stdatomic.h>
#include <string.h>

bool rg_failing_is_watching;

static struct rg_failing_list list;
static bool has_list;
static _Atomic uint64_t counted;

enum {
    ANSWERS = 1 << 14,
    PROBES = 64,
    USED = 1 << 24, // above the stack's id
    ASKED = 1 << 25,
    MATCHES = 1 << 26,
    SAID = 1 << 27,
};
_Static_assert(USED == 1 << RG_STACK_ID_BITS, "the id is below");
static _Atomic uint32_t answers[ANSWERS];

void rg_failing_init(void (*complain)(void *arg, const char *line)) {
    char line[400];
    struct rg_buf b;
    rg_buf_init(&b, line, sizeof line);
    rg_buf_str(&b, "option fail_realloc: ");
    if (rg_options.fail_realloc[0]) {
        has_list = rg_failing_parse(rg_options.fail_realloc, &list, &b);
        if (!has_list) {
            rg_buf_str(&b, "; the list is ignored");
            complain(NULL, b.data);
        }
    }
    rg_failing_is_watching = rg_census_init() || has_list;
}

// NULL: there is no place left.
static _Atomic uint32_t *find_answer(uint32_t stack) {
    for (uint32_t i = 0; i < PROBES; i++) {
        _Atomic uint32_t *a = &answers[((stack * 2654435761U >> 18) + i) % ANSWERS];
        uint32_t found = 0;
        if (atomic_compare_exchange_strong(a, &found, stack | USED) ||
            (found & (USED - 1)) == stack) {
            return a;
        }
    }
    return NULL;
}

static bool name_matches(const char *name, void *arg) {
    const struct rg_failing_site *site = arg;
    return rg_failing_name_matches(site->name, site->name_len, name);
}

static bool frame_matches(const struct rg_failing_frame *f, uintptr_t pc,
                          const struct rg_module *m) {
    const char *name = rg_last_part(m->path);
    return pc - m->bias == f->offset && strlen(name) == f->module_len &&
           memcmp(name, f->module, f->module_len) == 0;
}

static bool site_matches(struct rg_failing_site *site, const struct rg_stack *stack) {
    struct rg_module m;
    bool is_chain = site->name == NULL;
    for (size_t i = 0; i < stack->count; i++) {
        uintptr_t pc = rg_pc_lookup(stack->pcs[i]);
        bool found = rg_module_find(pc, stack->epoch, &m);
        if (is_chain) {
            if (!found || !frame_matches(&site->chain[i], pc, &m)) {
                return false;
            }
            if (i + 1 == site->chain_len) {
                return true;
            }
        } else if (found && rg_symbol_any(pc, &m, name_matches, site)) {
            return true;
        }
    }
    return false;
}

static bool any_site_matches(uint32_t id) {
    uintptr_t pcs[RG_FAILING_FRAMES];
    struct rg_stack stack = rg_depot_get((struct rg_stack_id){id}, pcs, RG_FAILING_FRAMES);
    for (size_t i = 0; i < list.site_count; i++) {
        if (site_matches(&list.site[i], &stack)) {
            return true;
        }
    }
    return false;
}

static bool is_counted(uint32_t stack) {
    if (list.site_count == 0) {
        return true;
    }
    _Atomic uint32_t *answer = find_answer(stack);
    if (!answer) {
        return any_site_matches(stack);
    }
    if (!(atomic_load(answer) & ASKED)) {
        atomic_fetch_or(answer, ASKED | (any_site_matches(stack) ? MATCHES : 0));
    }
    return atomic_load(answer) & MATCHES;
}

struct notice {
    uint32_t stack;
    size_t size;
};

static void tell(void *arg) {
    const struct notice *n = arg;
    rg_report_failing(n->stack, n->size);
}

static void tell_once(uint32_t stack, size_t size) {
    struct notice notice = {stack, size};
    _Atomic uint32_t *answer = find_answer(stack);
    if (!answer || !(atomic_fetch_or(answer, SAID) & SAID)) {
        rg_fault_call(tell, &notice);
    }
}

bool rg_failing_count(size_t size, struct rg_caller caller) {
    struct rg_stay stay = rg_thread_enter();
    uint32_t stack = stay.data ? rg_capture_stack(&stay.data->capture, caller).id.v : 0;
    rg_thread_leave(stay);
    rg_census_count(stack);
    if (!has_list || size < list.least_size || !is_counted(stack)) {
        return false;
    }
    if (!rg_failing_selects(&list, atomic_fetch_add(&counted, 1) + 1)) {
        return false;
    }
    tell_once(stack, size);
    return true;
}

void rg_failing_after_fork(void) {
    if (rg_failing_is_watching) {
        atomic_store(&counted, 0);
        memset(answers, 0, sizeof answers);
        rg_census_after_fork();
    }
}
