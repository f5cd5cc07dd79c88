// SPDX-License-Identifier: MIT
// See top_table.h.
#include "top_table.h"

#include "need.h"
#include "text_out.h"
#include "top_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Columns of the terminal that one of the table takes, and that names of sites get at least.
enum { COLUMN = 12, SITE_LEAST = 36 };

enum { STACKS_SHOWN = 3 };

static const char *const names[RG_TOP_SORTS] = {"live",       "in 10 s", "allocs/s",
                                                "reallocs/s", "moved",   "temporary"};

const char *rg_top_column_name(enum rg_top_sort column) {
    return names[column];
}

// A line of the table.
struct item {
    struct rg_top_site *site;
    char *text; // of its stacks; NULL: it is the site's own
};

struct items {
    struct item *all;
    size_t count;
    size_t selected;
};

static struct rg_trace_text value_text(const struct rg_top_site *s, enum rg_top_sort column) {
    switch (column) {
    case RG_TOP_BY_GROWTH:
        return rg_growth_text(s->growth);
    case RG_TOP_BY_ALLOCATIONS:
        return rg_rate_text(s->allocation_rate);
    case RG_TOP_BY_REALLOCS:
        return rg_rate_text(s->realloc_rate);
    case RG_TOP_BY_MOVED:
        return rg_count_text(s->moved);
    case RG_TOP_BY_TEMPORARY:
        return rg_count_text(s->temporary);
    case RG_TOP_BY_LIVE:
    case RG_TOP_SORTS:
        break;
    }
    return rg_bytes_text(s->live_bytes);
}

// The columns that there is room for: the last ones give way, but for that which is sorted by.
static size_t choose_columns(const struct rg_top_frame *f,
                             enum rg_top_sort ret_columns[RG_TOP_SORTS]) {
    size_t most = f->columns > SITE_LEAST ? (f->columns - SITE_LEAST) / COLUMN : 0;
    size_t count = 0;
    most = most > RG_TOP_SORTS ? RG_TOP_SORTS : most > 0 ? most : 1;
    for (int i = 0; i < RG_TOP_SORTS && count < most; i++) {
        const bool is_last = count + 1 == most;
        if (!is_last || i >= (int)f->view->sort) {
            ret_columns[count++] = (enum rg_top_sort)i;
        }
    }
    return count;
}

static void put_padded(FILE *out, const char *text, bool is_sorted_by) {
    // Beside the name, so that it is seen without colour.
    const size_t taken = rg_top_columns(text) + (is_sorted_by ? 2 : 0);
    fprintf(out, "%*s%s%s%s", (int)(taken < COLUMN ? COLUMN - taken : 0), "",
            is_sorted_by ? "[" : "", text, is_sorted_by ? "]" : "");
}

static void put_heading(const struct rg_top_frame *f, struct rg_top_lines *ret) {
    enum rg_top_sort columns[RG_TOP_SORTS];
    const size_t count = choose_columns(f, columns);
    char *text;
    size_t len;
    FILE *out = rg_need_stream(&text, &len);
    for (size_t i = 0; i < count; i++) {
        put_padded(out, names[columns[i]], columns[i] == f->view->sort);
    }
    fputs("  site", out);
    fclose(out);
    rg_top_lines_add(ret, f->columns, RG_TOP_HEADING, "%s", text);
    free(text);
}

static void put_site(const struct rg_top_frame *f, const struct rg_top_site *site,
                     enum rg_top_style style, struct rg_top_lines *ret) {
    enum rg_top_sort columns[RG_TOP_SORTS];
    const size_t count = choose_columns(f, columns);
    char *text;
    size_t len;
    FILE *out = rg_need_stream(&text, &len);
    for (size_t i = 0; i < count; i++) {
        put_padded(out, value_text(site, columns[i]).text, false);
    }
    // The line is worth more than a long name.
    const size_t taken = count * COLUMN + 4 + rg_top_columns(site->place);
    char *function = rg_top_cut(site->function, f->columns > taken + 8 ? f->columns - taken : 8);
    fprintf(out, "  %s%s%s", function, *site->place ? "  " : "", site->place);
    free(function);
    fclose(out);
    rg_top_lines_add(ret, f->columns, style, "%s", text);
    free(text);
}

static void add_item(struct items *items, struct rg_top_site *site, char *text) {
    items->all = rg_need_room(items->all, items->count, sizeof *items->all);
    items->all[items->count++] = (struct item){.site = site, .text = text};
}

// Has the largest of its stacks in front, as many as are shown.
static size_t choose_stacks(const struct rg_top_process *p, struct rg_top_site *site) {
    size_t count = 0;
    for (; count < STACKS_SHOWN && count < site->stack_count; count++) {
        size_t best = count;
        for (size_t i = count; i < site->stack_count; i++) {
            const struct rg_trace_figures *one = rg_trace_model_of(p->model, site->stacks[i]);
            const struct rg_trace_figures *other = rg_trace_model_of(p->model, site->stacks[best]);
            if (one->live_bytes > other->live_bytes ||
                (one->live_bytes == other->live_bytes && one->allocations > other->allocations)) {
                best = i;
            }
        }
        const uint32_t stack = site->stacks[best];
        site->stacks[best] = site->stacks[count];
        site->stacks[count] = stack;
    }
    return count;
}

static void add_stack(struct items *items, struct rg_top_process *p, struct rg_top_site *site,
                      uint32_t stack) {
    const struct rg_trace_figures *f = rg_trace_model_of(p->model, stack);
    struct rg_trace_names *n = rg_top_process_names(p);
    add_item(items, site,
             rg_need_text(
                 "    %s in %s block%s, of %s allocation%s, by:", rg_bytes_text(f->live_bytes).text,
                 rg_count_text(f->live_blocks).text, rg_plural(f->live_blocks),
                 rg_count_text(f->allocations).text, rg_plural(f->allocations)));
    char *text;
    size_t len;
    FILE *out = rg_need_stream(&text, &len);
    if (n) {
        rg_trace_put_stack(out, n, p->reader, stack, 6, false);
    }
    fclose(out);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        add_item(items, site, rg_need_part(line, (size_t)(end - line)));
    }
    free(text);
}

static void add_stacks(struct items *items, struct rg_top_process *p, struct rg_top_site *site) {
    const size_t count = choose_stacks(p, site);
    for (size_t i = 0; i < count; i++) {
        add_stack(items, p, site, site->stacks[i]);
    }
    if (site->stack_count > count) {
        add_item(items, site,
                 rg_need_text("    and %zu more stack%s", site->stack_count - count,
                              rg_plural(site->stack_count - count)));
    }
}

// No more than are shown are needed behind the selected one.
static struct items list_items(const struct rg_top_frame *f, size_t rows) {
    struct rg_top_sites *sites = &f->group->shown->sites;
    const size_t selected = rg_top_view_position(f->view, sites);
    const size_t scroll = f->view->scroll;
    struct items items = {0};
    size_t position = 0;
    for (size_t i = 0; i < sites->count; i++) {
        struct rg_top_site *site = sites->sorted[i];
        if (!rg_top_view_shows(f->view, site)) {
            continue;
        }
        if (position == selected) {
            items.selected = items.count;
        }
        if (position > selected && items.count > items.selected + rows + scroll) {
            break;
        }
        position++;
        add_item(&items, site, NULL);
        if (site->is_open) {
            add_stacks(&items, &f->group->shown->process, site);
        }
    }
    return items;
}

static void scroll_to_selected(struct rg_top_view *v, const struct items *items, size_t rows) {
    v->table_rows = rows;
    if (items->selected < v->scroll) {
        v->scroll = items->selected;
    }
    if (rows > 0 && items->selected >= v->scroll + rows) {
        v->scroll = items->selected - rows + 1;
    }
    // Its stacks are to be seen, too, as far as there is room.
    size_t end = items->selected + 1;
    while (end < items->count && items->all[end].text) {
        end++;
    }
    if (rows > 0 && end > v->scroll + rows) {
        v->scroll = end - rows < items->selected ? end - rows : items->selected;
    }
}

static void put_nothing(const struct rg_top_frame *f, struct rg_top_lines *ret) {
    const struct rg_top_sites *sites = &f->group->shown->sites;
    if (*f->view->filter && sites->count > 0) {
        rg_top_lines_add(ret, f->columns, RG_TOP_FAINT, "  no site contains \"%s\"%s",
                         f->view->filter, sites->unnamed ? ", of those with a name so far" : "");
    } else {
        rg_top_lines_add(ret, f->columns, RG_TOP_FAINT, "  nothing was allocated yet");
    }
}

void rg_top_table_put(const struct rg_top_frame *f, size_t rows, bool is_interactive,
                      struct rg_top_lines *ret) {
    if (!f->group->shown) {
        return;
    }
    put_heading(f, ret);
    struct items items = list_items(f, rows);
    if (is_interactive) {
        scroll_to_selected(f->view, &items, rows);
    }
    const size_t first = is_interactive ? f->view->scroll : 0;
    for (size_t i = first; i < items.count && i - first < rows; i++) {
        const bool is_selected = is_interactive && i == items.selected;
        if (items.all[i].text) {
            rg_top_lines_add(ret, f->columns, RG_TOP_FAINT, "%s", items.all[i].text);
        } else {
            put_site(f, items.all[i].site, is_selected ? RG_TOP_SELECTED : RG_TOP_PLAIN, ret);
        }
    }
    if (items.count == 0) {
        put_nothing(f, ret);
    }
    for (size_t i = 0; i < items.count; i++) {
        free(items.all[i].text);
    }
    free(items.all);
}
