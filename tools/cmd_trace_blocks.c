// SPDX-License-Identifier: MIT
// realloc-guard trace blocks: the life of single blocks.
#include "cmd_trace.h"

#include "text_out.h"
#include "trace_lives.h"
#include "trace_text.h"
#include "trace_words.h"

#include <inttypes.h>
#include <stdio.h>

static const char usage[] =
    "Usage: realloc-guard trace blocks [OPTION]... [ADDRESS] FILE\n\n"
    "Tells the life of single blocks: the allocation, each realloc, and the end, with time, "
    "thread,\n"
    "size and stack.\n\n"
    "Which blocks, where all that is given must fit:\n"
    "  ADDRESS        those that had it at some time, one after the other; it may be in the "
    "middle\n"
    "                 of a block\n"
    "  --at=TIME      those that lived then: seconds since the start, or as 250ms, 30us, 2min\n"
    "  --site=TEXT    a function, file or module in the stack of the allocation or of a realloc\n"
    "                 has the text in its name\n"
    "  --live         those that were never freed\n"
    "  --longest      those that realloc was called most for, these first\n\n"
    "Options:\n"
    "  --count=N      no more than so many (10)\n"
    "  --full         whole stacks, not only the person's own frames\n"
    "  --help         this text\n";

struct view {
    const struct rg_trace_session *s;
    bool is_full;
};

static void put_step(const struct view *v, const struct rg_trace_step *step, uint32_t *last_stack) {
    const struct rg_trace_event *e = &step->event;
    const uint64_t ns = rg_trace_reader_ns(v->s->reader, e->ticks);
    printf("  %13.6f s  thread %" PRIu32 "  ", (double)ns / 1e9, step->thread);
    switch (e->kind) {
    case RG_TRACE_FREE:
        printf("%s of %" PRIu64 " bytes\n", rg_trace_how_name(e->how), step->size_before);
        break;
    case RG_TRACE_FAILED:
        printf("%s to %" PRIu64 " bytes failed\n", rg_trace_how_name(e->how), e->size);
        break;
    case RG_TRACE_RESIZE:
        printf("realloc %" PRIu64 " -> %" PRIu64 " bytes, in place\n", step->size_before, e->size);
        break;
    case RG_TRACE_MOVE:
    case RG_TRACE_FORCED_MOVE:
        printf("realloc %" PRIu64 " -> %" PRIu64 " bytes, moved to 0x%" PRIx64 "%s\n",
               step->size_before, e->size, e->address,
               e->kind == RG_TRACE_MOVE ? "" : " for the guard");
        break;
    default:
        printf("%s of %" PRIu64 " bytes at 0x%" PRIx64 "\n", rg_trace_how_name(e->how), e->size,
               e->address);
    }
    if (e->stack != 0 && e->stack == *last_stack) {
        printf("%27sfrom the same place\n", "");
    } else {
        rg_trace_put_stack(stdout, v->s->names, v->s->reader, e->stack, 27, v->is_full);
    }
    *last_stack = e->stack;
}

static void put_life(const struct view *v, const struct rg_trace_life *l) {
    const struct rg_trace_event *first = &l->first[0].event;
    const struct rg_trace_event *last = &rg_trace_life_step(l, l->step_count - 1)->event;
    const bool is_over = last->kind == RG_TRACE_FREE;
    const uint64_t end = is_over ? rg_trace_reader_ns(v->s->reader, last->ticks)
                                 : rg_trace_reader_info(v->s->reader)->duration_ns;
    const uint64_t born = rg_trace_reader_ns(v->s->reader, first->ticks);
    printf("\nblock %" PRIu64 " at 0x%" PRIx64 ", %s %s, %s call%s of realloc\n", l->number,
           first->address, is_over ? "which lived" : "never freed, for",
           rg_ns_text(end > born ? end - born : 0).text, rg_count_text(l->reallocs).text,
           rg_plural(l->reallocs));
    uint32_t last_stack = 0;
    bool is_in_gap = false;
    for (size_t i = 0; i < l->step_count; i++) {
        const struct rg_trace_step *step = rg_trace_life_step(l, i);
        if (step) {
            put_step(v, step, &last_stack);
        } else if (!is_in_gap) {
            is_in_gap = true;
            printf("  ... %zu steps are left out\n",
                   l->step_count - RG_TRACE_LIFE_FIRST - RG_TRACE_LIFE_LAST);
            i = l->step_count - RG_TRACE_LIFE_LAST - 1;
        }
    }
}

static int tell(struct rg_trace_request *q, struct rg_trace_lives_wanted *w, bool is_full) {
    struct rg_trace_session s;
    struct rg_trace_lives lives;
    if (!rg_trace_session_open(&s, q, q->files[q->file_count - 1])) {
        return RG_TRACE_REFUSED;
    }
    w->site.reader = s.reader;
    w->site.names = s.names;
    rg_trace_lives_read(&lives, &s, w);
    printf("%s block%s", rg_count_text(lives.found).text, rg_plural(lives.found));
    if (lives.found > lives.count) {
        printf(", here %zu of them; --count shows more", lives.count);
    }
    putchar('\n');
    const struct view v = {&s, is_full};
    for (size_t i = 0; i < lives.count; i++) {
        put_life(&v, lives.lives[i]);
    }
    rg_trace_lives_done(&lives);
    rg_trace_pattern_done(&w->site);
    return rg_trace_session_close(&s);
}

// Whether it is said which blocks are wanted. Returns RG_TRACE_GO, or the status where not, which was said.
static int check(struct rg_trace_request *q, struct rg_trace_lives_wanted *w) {
    if (q->file_count == 2) {
        const struct rg_trace_option address = {.value = RG_TRACE_NUMBER, .to = &w->address};
        w->has_address = rg_trace_take_value(&address, q->files[0]);
        if (!w->has_address) {
            return rg_trace_refuse(q, "no address", q->files[0],
                                   "write it as 0x7f0012345678, in front of one trace");
        }
    }
    if (!w->has_address && !w->has_at && !w->site.text && !w->is_live && !w->is_longest) {
        fputs("realloc-guard: trace blocks: it is not said which blocks; add an address, --at, "
              "--site, --live or --longest\n",
              stderr);
        return RG_TRACE_REFUSED;
    }
    return RG_TRACE_GO;
}

int rg_trace_blocks(int argc, char **argv) {
    struct rg_trace_lives_wanted w = {.count = 10};
    bool is_full = false;
    const struct rg_trace_option options[] = {
        {.name = "at", .value = RG_TRACE_TIME, .to = &w.at_ns, .is_given = &w.has_at},
        {.name = "site", .value = RG_TRACE_STRING, .to = &w.site.text},
        {.name = "live", .value = RG_TRACE_FLAG, .to = &w.is_live},
        {.name = "longest", .value = RG_TRACE_FLAG, .to = &w.is_longest},
        {.name = "count", .value = RG_TRACE_COUNT, .to = &w.count},
        {.name = "full", .value = RG_TRACE_FLAG, .to = &is_full}};
    struct rg_trace_request q = {.command = argv[0],
                                 .usage = usage,
                                 .options = options,
                                 .option_count = RG_ARRAY_LEN(options),
                                 .files_most = 2};
    int status = rg_trace_request_parse(&q, argc, argv);
    if (status == RG_TRACE_GO) {
        status = check(&q, &w);
    }
    return rg_trace_request_end(&q, status == RG_TRACE_GO ? tell(&q, &w, is_full) : status);
}
