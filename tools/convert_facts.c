// SPDX-License-Identifier: MIT
// See convert_facts.h.
#include "convert_facts.h"

#include "base/compiler.h"
#include "convert_fingerprint.h"
#include "text_out.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

enum { PLACES_SHOWN = 8 };

size_t rg_finding_stacks(const struct rg_value *finding,
                         struct rg_finding_stack ret_stacks[RG_FINDING_STACKS]) {
    static const struct {
        const char *path, *title;
    } rows[] = {
        {"stack", NULL},
        {"failed_realloc.stack", "the realloc that returned NULL"},
        {"block.moved.stack", "moved by realloc here"},
        {"block.in_realloc.stack", "in this realloc at the same time"},
        {"block.freed.stack", "freed here"},
        {"block.shrunk.stack", "made smaller by realloc here"},
        {"block.allocated.stack", "allocated here"},
    };
    size_t count = 0;
    for (size_t i = 0; i < RG_ARRAY_LEN(rows) && count < RG_FINDING_STACKS; i++) {
        const struct rg_value *stack = rg_value_at(finding, rows[i].path);
        if (stack && stack->first) {
            const char *title = rows[i].title ? rows[i].title : rg_value_text(finding, "title");
            ret_stacks[count++] = (struct rg_finding_stack){title, stack};
        }
    }
    return count;
}

const struct rg_value *rg_stack_source_frame(const struct rg_value *stack) {
    const struct rg_value *f = stack ? stack->first : NULL;
    while (f && (!rg_frame_is_own(f) || !rg_value_text(f, "file") ||
                 rg_value_number_or_0(f, "line") == 0)) {
        f = f->next;
    }
    return f;
}

const struct rg_value *rg_finding_source_frame(const struct rg_value *finding) {
    struct rg_finding_stack stacks[RG_FINDING_STACKS];
    size_t count = rg_finding_stacks(finding, stacks);
    const struct rg_value *frame = NULL;
    for (size_t i = 0; i < count && !frame; i++) {
        frame = rg_stack_source_frame(stacks[i].stack);
    }
    return frame;
}

const struct rg_value *rg_finding_frame(const struct rg_value *finding) {
    struct rg_finding_stack stacks[RG_FINDING_STACKS];
    return rg_finding_stacks(finding, stacks) > 0 ? rg_stack_own_frame(stacks[0].stack) : NULL;
}

void rg_put_met(FILE *out, const struct rg_merged *f) {
    fprintf(out, "met %" PRIu64 " time%s in %" PRIu64 " process%s", f->occurrences,
            rg_plural(f->occurrences), f->processes, f->processes == 1 ? "" : "es");
    for (size_t i = 0; f->place_count > 1 && i < f->place_count; i++) {
        if (i == PLACES_SHOWN) {
            fprintf(out, ", and at %zu more lines", f->place_count - i);
            break;
        }
        fprintf(out, ", %" PRIu64 " of these at ", f->places[i].occurrences);
        rg_put_printable(out, f->places[i].place);
    }
}

bool rg_time_text(double time, const char *format, struct rg_time_text *ret_text) {
    time_t seconds = isfinite(time) && fabs(time) < 1e11 ? (time_t)time : 0;
    struct tm parts;
    return seconds > 0 && gmtime_r(&seconds, &parts) &&
           strftime(ret_text->text, sizeof ret_text->text, format, &parts) > 0;
}
