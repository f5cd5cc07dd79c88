// SPDX-License-Identifier: MIT
// See top_frame.h.
#include "top_frame.h"

#include "text_out.h"
#include "top_head.h"
#include "top_table.h"

#include "base/compiler.h"

#include <stdlib.h>

// What a terminal must have for the graph to be higher than a line, and for the program's output to be shown.
enum { ROWS_FOR_HIGH_GRAPH = 30, HIGH_GRAPH = 3, ROWS_FOR_GRAPH = 8, ROWS_FOR_OUTPUT = 14 };
enum { OUTPUT_MOST = 6 };

static const char *const help[] = {
    "Each row is a site: the function and line of the program's own that allocates.",
    "",
    "  live        bytes that are allocated now",
    "  in 10 s     how much that has grown in the last 10 seconds",
    "  allocs/s    allocations in the last second; after the end: on average",
    "  reallocs/s  calls of realloc with a block, the same",
    "  moved       calls of realloc that moved their block, since the start",
    "  temporary   blocks that the same thread freed by its very next call",
    "",
    "  up down     select a site; pgup, pgdn, home and end, too",
    "  enter       unfold and fold its stacks; right and left, too",
    "  s  S        sort by the next column, the previous one",
    "  /           show only sites whose function or file contains a text; esc ends that",
    "  space       pause and go on; the program does not wait",
    "  p           show another program, which this one has started",
    "  q           quit",
    "  ctrl-c      interrupt the program",
};

static void put_help(const struct rg_top_frame *f, size_t rows, struct rg_top_lines *ret) {
    for (size_t i = 0; i < RG_ARRAY_LEN(help) && i < rows; i++) {
        rg_top_lines_add(ret, f->columns, RG_TOP_PLAIN, "%s", help[i]);
    }
}

static void put_processes(const struct rg_top_frame *f, size_t rows, struct rg_top_lines *ret) {
    const struct rg_top_group *g = f->group;
    rg_top_lines_add(ret, f->columns, RG_TOP_HEADING, "%9s  %-26s  %s", "pid", "state", "command");
    rows = rows > 1 ? rows - 1 : 0;
    f->view->table_rows = rows;
    const size_t first = rows > 0 && f->view->chosen >= rows ? f->view->chosen - rows + 1 : 0;
    for (size_t i = first; i < g->count && i - first < rows; i++) {
        const struct rg_top_member *m = g->members[i];
        char *state = rg_top_head_state(f, m);
        rg_top_lines_add(ret, f->columns, i == f->view->chosen ? RG_TOP_SELECTED : RG_TOP_PLAIN,
                         "%9d  %-26s  %s", (int)m->pid, state,
                         *m->command ? m->command : m->program);
        free(state);
    }
}

static size_t count_output(const struct rg_top_frame *f) {
    if (!f->output || f->rows < ROWS_FOR_OUTPUT) {
        return 0;
    }
    const size_t most = f->rows / 4 < OUTPUT_MOST ? f->rows / 4 : OUTPUT_MOST;
    return f->output->line_count < most ? f->output->line_count : most;
}

static void put_output(const struct rg_top_frame *f, size_t count, struct rg_top_lines *ret) {
    if (count > 0) {
        rg_top_lines_add(ret, f->columns, RG_TOP_HEADING, "output of the program");
    }
    for (size_t i = count; i-- > 0;) {
        rg_top_lines_add(ret, f->columns, RG_TOP_PLAIN, "%s", rg_top_output_line(f->output, i));
    }
}

static void put_prompt(const struct rg_top_frame *f, struct rg_top_lines *ret) {
    const struct rg_top_view *v = f->view;
    const size_t others = f->group->count > 1 ? f->group->count : 0;
    switch (v->mode) {
    case RG_TOP_FILTERING:
        rg_top_lines_add(ret, f->columns, RG_TOP_PROMPT,
                         "/%s_   enter: keep this filter   esc: show all", v->filter);
        return;
    case RG_TOP_HELP:
        rg_top_lines_add(ret, f->columns, RG_TOP_PROMPT, "any key: back");
        return;
    case RG_TOP_CHOOSING:
        rg_top_lines_add(ret, f->columns, RG_TOP_PROMPT, "%s%senter: show this one   esc: back",
                         f->group->message, *f->group->message ? "   " : "");
        return;
    case RG_TOP_LEAVING:
        rg_top_lines_add(ret, f->columns, RG_TOP_PROMPT,
                         "The program still runs.   e: end it   g: let it go on here, without "
                         "the view   esc: back");
        return;
    case RG_TOP_TABLE:
        break;
    }
    if (*v->filter) {
        rg_top_lines_add(ret, f->columns, RG_TOP_PROMPT, "only \"%s\"   esc: show all   /: change",
                         v->filter);
    } else if (others) {
        rg_top_lines_add(ret, f->columns, RG_TOP_PROMPT,
                         "q quit  enter stacks  s sort  / filter  space pause  p one of %zu "
                         "programs  h help",
                         others);
    } else {
        rg_top_lines_add(ret, f->columns, RG_TOP_PROMPT,
                         "q quit  enter stacks  s sort  / filter  space pause  h help");
    }
}

static void put_body(const struct rg_top_frame *f, size_t body_end, struct rg_top_lines *ret) {
    const size_t graph = f->rows >= ROWS_FOR_HIGH_GRAPH ? HIGH_GRAPH : f->rows >= ROWS_FOR_GRAPH;
    rg_top_head_put(f, graph, ret);
    const size_t room = body_end > ret->count ? body_end - ret->count : 0;
    if (f->view->mode == RG_TOP_CHOOSING) {
        put_processes(f, room, ret);
    } else {
        rg_top_table_put(f, room > 1 ? room - 1 : 0, true, ret);
    }
}

void rg_top_frame_screen(const struct rg_top_frame *f, struct rg_top_lines *ret) {
    const bool is_help = f->view->mode == RG_TOP_HELP;
    const size_t output = is_help ? 0 : count_output(f);
    const size_t foot = 1 + (output > 0 ? output + 1 : 0);
    const size_t body_end = f->rows > foot ? f->rows - foot : 0;
    if (is_help) {
        put_help(f, body_end, ret);
    } else {
        put_body(f, body_end, ret);
    }
    rg_top_lines_fit(ret, body_end);
    put_output(f, output, ret);
    put_prompt(f, ret);
}

void rg_top_frame_batch(const struct rg_top_frame *f, struct rg_top_lines *ret) {
    rg_top_head_put(f, 1, ret);
    rg_top_table_put(f, f->rows, false, ret);
    if (f->group->count > 1) {
        const size_t others = f->group->count - 1;
        rg_top_lines_add(ret, f->columns, RG_TOP_FAINT,
                         "and %zu other program%s, which the key p shows in a terminal; --keep=DIR "
                         "keeps all traces",
                         others, rg_plural(others));
    }
}
