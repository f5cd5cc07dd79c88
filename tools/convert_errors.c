// SPDX-License-Identifier: MIT
// See convert_errors.h.
#include "convert_errors.h"

#include "need.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void rg_guard_errors_add(struct rg_guard_errors *errors, const char *text, const char *program,
                         uint64_t pid, double time) {
    errors->total++;
    if (errors->count == RG_GUARD_ERRORS_KEPT) {
        return;
    }
    errors->items = rg_need_room(errors->items, errors->count, sizeof *errors->items);
    errors->items[errors->count++] = (struct rg_guard_error){
        rg_need_copy(text), program ? rg_need_copy(program) : NULL, pid, time};
}

static int compare(const void *a, const void *b) {
    const struct rg_guard_error *x = a, *y = b;
    if (x->time != y->time) {
        return x->time < y->time ? -1 : 1;
    }
    int order = (x->pid > y->pid) - (x->pid < y->pid);
    return order ? order : strcmp(x->text, y->text);
}

void rg_guard_errors_sort(struct rg_guard_errors *errors) {
    if (errors->count > 0) {
        qsort(errors->items, errors->count, sizeof *errors->items, compare);
    }
}

void rg_guard_errors_done(struct rg_guard_errors *errors) {
    for (size_t i = 0; i < errors->count; i++) {
        free(errors->items[i].text);
        free(errors->items[i].program);
    }
    free(errors->items);
    *errors = (struct rg_guard_errors){0};
}

char *rg_guard_error_title(const struct rg_guard_error *e) {
    return rg_need_text("a bug of the guard ended process %" PRIu64 "%s%s%s", e->pid,
                        e->program ? " (" : "", e->program ? e->program : "",
                        e->program ? ")" : "");
}
