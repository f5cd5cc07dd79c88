// SPDX-License-Identifier: MIT
// See top_head.h.
#include "top_head.h"

#include "need.h"
#include "text_out.h"
#include "top_text.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

// Where nothing is too wide.
enum { GRAPH_COLUMNS_MOST = 120, CELL = 4 };

char *rg_top_head_state(const struct rg_top_frame *f, const struct rg_top_member *m) {
    const struct rg_top_child *c = f->child;
    if (c->pid && m->pid == c->pid && c->has_ended && !m->is_replaced &&
        !(m->is_open && m->process.is_behind)) {
        const char *name = WIFSIGNALED(c->status) ? sigabbrev_np(WTERMSIG(c->status)) : NULL;
        return WIFSIGNALED(c->status)
                   ? rg_need_text("killed by SIG%s", name ? name : "?")
                   : rg_need_text("ended with exit status %d", WEXITSTATUS(c->status));
    }
    return rg_need_copy(m->is_replaced ? "executed another"
                        : m->has_ended ? "has ended"
                                       : "running");
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void put_title(const struct rg_top_frame *f, const struct rg_top_member *m,
                      struct rg_top_lines *ret) {
    char *state = rg_top_head_state(f, m);
    char *rest =
        rg_need_text("   pid %d   %s   %s%s%s", (int)m->pid, rg_ns_text(m->process.now_ns).text,
                     state, f->view->is_paused ? "   PAUSED" : "",
                     m->process.is_behind ? "   reading what was before" : "");
    // The arguments give way.
    const size_t taken = rg_top_columns(rest);
    const size_t room = f->columns > taken + 8 ? f->columns - taken : 8;
    char *command = rg_top_cut(*m->command ? m->command : last_part(m->program), room);
    rg_top_lines_add(ret, f->columns, RG_TOP_TITLE, "%s%s", command, rest);
    free(command);
    free(rest);
    free(state);
}

static void put_totals(const struct rg_top_frame *f, const struct rg_top_process *p,
                       struct rg_top_lines *ret) {
    const struct rg_trace_figures *all = rg_trace_model_totals(p->model);
    const struct rg_top_span span = rg_top_process_span(p);
    const struct rg_top_counts before = span.from ? span.from->all : (struct rg_top_counts){0};
    const uint64_t frees = rg_trace_model_frees(p->model) - (span.from ? span.from->frees : 0);
    const uint64_t moved = all->moved - (span.from ? span.from->moved : 0);
    rg_top_lines_add(ret, f->columns, RG_TOP_PLAIN, "live %s in %s block%s   peak %s",
                     rg_bytes_text(all->live_bytes).text, rg_count_text(all->live_blocks).text,
                     rg_plural(all->live_blocks), rg_bytes_text(all->peak_bytes).text);
    rg_top_lines_add(
        ret, f->columns, RG_TOP_PLAIN, "%s: %s allocations  %s frees  %s reallocs  %s moved",
        p->has_ended ? "a second, on average" : "a second",
        rg_rate_text((double)(all->allocations - before.allocations) / span.seconds).text,
        rg_rate_text((double)frees / span.seconds).text,
        rg_rate_text((double)(all->reallocs - before.reallocs) / span.seconds).text,
        rg_rate_text((double)moved / span.seconds).text);
}

// The cell of a bar of so many eighths of all rows, in the row that is `above` from the lowest.
static const char *cell(bool is_utf8, uint64_t eighths, size_t above) {
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {" ", "_", ".", ".", "-", "-", "=", "=", "#"};
    const uint64_t below = 8 * (uint64_t)above;
    const uint64_t part = eighths <= below ? 0 : eighths - below < 8 ? eighths - below : 8;
    return (is_utf8 ? blocks : ascii)[part];
}

static void put_graph(const struct rg_top_frame *f, const struct rg_top_process *p, size_t rows,
                      struct rg_top_lines *ret) {
    const uint64_t peak = rg_trace_model_totals(p->model)->peak_bytes;
    char *label = rg_need_text(" %s", rg_bytes_text(peak).text);
    const size_t taken = rg_top_columns(label);
    const size_t room = f->columns > taken + 8 ? f->columns - taken : 0;
    const size_t columns = room < GRAPH_COLUMNS_MOST ? room : GRAPH_COLUMNS_MOST;
    uint64_t most[GRAPH_COLUMNS_MOST];
    rg_top_curve_columns(&p->history.curve, p->now_ns, most, columns);
    for (size_t row = rows; row-- > 0;) {
        char text[GRAPH_COLUMNS_MOST * CELL + 1] = "";
        char *at = text;
        for (size_t i = 0; i < columns; i++) {
            const double share = peak ? (double)most[i] / (double)peak : 0;
            uint64_t eighths = (uint64_t)(share * 8 * (double)rows + 0.5);
            // What is little is not nothing.
            eighths = eighths == 0 && most[i] > 0 ? 1 : eighths;
            at = stpcpy(at, cell(f->is_utf8, eighths, row));
        }
        rg_top_lines_add(ret, f->columns, RG_TOP_GRAPH, "%s%s", text, row == rows - 1 ? label : "");
    }
    free(label);
}

void rg_top_head_put(const struct rg_top_frame *f, size_t graph_rows, struct rg_top_lines *ret) {
    const struct rg_top_member *m = f->group->shown;
    if (!m) {
        rg_top_lines_add(ret, f->columns, RG_TOP_TITLE, "%s", f->program);
        rg_top_lines_add(ret, f->columns, RG_TOP_PLAIN, "%s",
                         f->child->has_ended
                             ? "it has ended, and has allocated nothing that was traced"
                             : "waiting for its trace");
        return;
    }
    put_title(f, m, ret);
    put_totals(f, &m->process, ret);
    put_graph(f, &m->process, graph_rows, ret);
}
