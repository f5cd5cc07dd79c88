// SPDX-License-Identifier: MIT
// See expected.h. State: the regions of each thread.
#include "report/expected.h"

#include "base/compiler.h"

#include <stdatomic.h>
#include <string.h>

static const char *const kinds[] = {
#define RG_KIND(operation, trouble, title, name) name,
#define RG_KIND_OF_ANY(trouble, title, name)     name,
#include "base/kinds.def"
#undef RG_KIND
#undef RG_KIND_OF_ANY
};

_Static_assert(RG_ARRAY_LEN(kinds) <= 64, "a set of kinds is a word");
_Static_assert(RG_EXPECTED_DEPTH == 16, "a message below and realloc_guard.h say so");

struct region {
    uint64_t kinds; // bit n: kinds[n] is expected
    long taken;
};

static _Thread_local struct region regions[RG_EXPECTED_DEPTH] RG_TLS_INITIAL_EXEC;
static _Thread_local unsigned depth RG_TLS_INITIAL_EXEC;

// A set of one; empty: there is no such kind.
static uint64_t find_kind(const char *name, size_t len) {
    for (size_t i = 0; i < RG_ARRAY_LEN(kinds); i++) {
        if (strlen(kinds[i]) == len && memcmp(kinds[i], name, len) == 0) {
            return 1UL << i;
        }
    }
    return 0;
}

static bool read_kinds(const char *names, uint64_t *ret_kinds, struct rg_buf *why) {
    for (;;) {
        names += strspn(names, " \t\n");
        size_t len = strcspn(names, ","), kept = len;
        while (kept > 0 && strchr(" \t\n", names[kept - 1])) {
            kept--;
        }
        uint64_t kind = find_kind(names, kept);
        if (kind == 0) {
            rg_buf_fmt(
                why, "\"%.*s\" is no kind of finding; docs/findings.schema.json lists their names",
                (int)(kept < 100 ? kept : 100), names);
            return false;
        }
        *ret_kinds |= kind;
        if (!names[len]) {
            return true;
        }
        names += len + 1;
    }
}

bool rg_expected_push(const char *names, struct rg_buf *why) {
    struct region r = {.kinds = names ? 0 : UINT64_MAX};
    if (names && !read_kinds(names, &r.kinds, why)) {
        return false;
    }
    if (depth == RG_EXPECTED_DEPTH) {
        rg_buf_str(why, "16 regions are open in this thread; end one by realloc_guard_expect_pop");
        return false;
    }
    regions[depth] = r;
    // A handler of a signal may come in between.
    atomic_signal_fence(memory_order_seq_cst);
    depth++;
    return true;
}

long rg_expected_pop(void) {
    return depth > 0 ? regions[--depth].taken : -1;
}

bool rg_expected_take(const struct rg_finding *f) {
    if (rg_likely(depth == 0)) {
        return false;
    }
    const char *name = rg_finding_kind_id(f);
    uint64_t kind = find_kind(name, strlen(name));
    for (unsigned i = depth; i-- > 0;) {
        if (regions[i].kinds & kind) {
            regions[i].taken++;
            return true;
        }
    }
    return false;
}
