// SPDX-License-Identifier: MIT
// See top_view.h.
#include "top_view.h"

#include <string.h>

enum { CTRL_C = 3, BACKSPACE = 8, CTRL_U = 21, ESCAPE = 27, DELETE = 127 };

bool rg_top_view_shows(const struct rg_top_view *v, const struct rg_top_site *site) {
    return !*v->filter || strcasestr(site->function, v->filter) ||
           strcasestr(site->place, v->filter);
}

static size_t count_shown(const struct rg_top_view *v, const struct rg_top_sites *s) {
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        count += rg_top_view_shows(v, s->sorted[i]);
    }
    return count;
}

static struct rg_top_site *shown_at(const struct rg_top_view *v, const struct rg_top_sites *s,
                                    size_t position) {
    for (size_t i = 0; i < s->count; i++) {
        if (rg_top_view_shows(v, s->sorted[i]) && position-- == 0) {
            return s->sorted[i];
        }
    }
    return NULL;
}

size_t rg_top_view_position(const struct rg_top_view *v, const struct rg_top_sites *s) {
    size_t position = 0;
    for (size_t i = 0; i < s->count && s->selected; i++) {
        if (s->sorted[i] == s->selected) {
            return rg_top_view_shows(v, s->selected) ? position : 0;
        }
        position += rg_top_view_shows(v, s->sorted[i]);
    }
    return 0;
}

// Where the key leads from `position` in a list of so many.
static size_t move(size_t position, size_t count, size_t page, int key) {
    const size_t last = count > 0 ? count - 1 : 0;
    page = page > 1 ? page - 1 : 1;
    switch (key) {
    case RG_TOP_UP:
        return position > 0 ? position - 1 : 0;
    case RG_TOP_DOWN:
        return position < last ? position + 1 : last;
    case RG_TOP_PAGE_UP:
        return position > page ? position - page : 0;
    case RG_TOP_PAGE_DOWN:
        return position + page < last ? position + page : last;
    case RG_TOP_END:
        return last;
    default:
        return 0;
    }
}

static void select_site(const struct rg_top_view *v, struct rg_top_sites *s, int key) {
    const size_t position = move(rg_top_view_position(v, s), count_shown(v, s), v->table_rows, key);
    // The first place, whatever is there next.
    s->selected = position > 0 ? shown_at(v, s, position) : NULL;
}

static void open_site(const struct rg_top_view *v, struct rg_top_sites *s, int key) {
    struct rg_top_site *site = shown_at(v, s, rg_top_view_position(v, s));
    if (site) {
        site->is_open = key == RG_TOP_RIGHT || (key != RG_TOP_LEFT && !site->is_open);
        s->selected = site;
    }
}

static void begin_choosing(struct rg_top_view *v, const struct rg_top_group *g) {
    v->mode = RG_TOP_CHOOSING;
    v->chosen = 0;
    for (size_t i = 0; i < g->count; i++) {
        v->chosen = g->members[i] == g->shown ? i : v->chosen;
    }
}

static enum rg_top_wish table_key(struct rg_top_view *v, struct rg_top_group *g, int key) {
    struct rg_top_sites *sites = g->shown ? &g->shown->sites : NULL;
    switch (key) {
    case 'q':
        if (!v->has_program) {
            return RG_TOP_QUIT;
        }
        v->mode = RG_TOP_LEAVING;
        break;
    case 's':
        v->sort = (enum rg_top_sort)((v->sort + 1) % RG_TOP_SORTS);
        break;
    case 'S':
        v->sort = (enum rg_top_sort)((v->sort + RG_TOP_SORTS - 1) % RG_TOP_SORTS);
        break;
    case '/':
        v->mode = RG_TOP_FILTERING;
        break;
    case ESCAPE:
        v->filter[0] = 0;
        break;
    case ' ':
        v->is_paused = !v->is_paused;
        break;
    case 'h':
    case '?':
        v->mode = RG_TOP_HELP;
        break;
    case 'p':
        begin_choosing(v, g);
        break;
    case '\r':
    case '\n':
    case RG_TOP_LEFT:
    case RG_TOP_RIGHT:
        if (sites) {
            open_site(v, sites, key);
        }
        break;
    default:
        if (sites && key >= RG_TOP_UP && key <= RG_TOP_END) {
            select_site(v, sites, key);
        }
    }
    return RG_TOP_STAY;
}

static void filter_key(struct rg_top_view *v, int key) {
    const size_t len = strlen(v->filter);
    if (key == '\r' || key == '\n') {
        v->mode = RG_TOP_TABLE;
    } else if (key == ESCAPE) {
        v->mode = RG_TOP_TABLE;
        v->filter[0] = 0;
    } else if (key == CTRL_U) {
        v->filter[0] = 0;
    } else if (key == BACKSPACE || key == DELETE) {
        // All bytes of the character.
        size_t end = len;
        while (end > 0 && ((unsigned char)v->filter[--end] & 0xc0) == 0x80) {
        }
        v->filter[end] = 0;
    } else if (key >= ' ' && key < 0x100 && len + 1 < RG_TOP_FILTER) {
        v->filter[len] = (char)key;
        v->filter[len + 1] = 0;
    }
}

static void choosing_key(struct rg_top_view *v, struct rg_top_group *g, int key) {
    if (key == '\r' || key == '\n') {
        if (v->chosen < g->count && rg_top_group_show(g, g->members[v->chosen])) {
            v->mode = RG_TOP_TABLE;
            v->scroll = 0;
        }
    } else if (key == ESCAPE || key == 'p' || key == 'q') {
        v->mode = RG_TOP_TABLE;
    } else if (key >= RG_TOP_UP && key <= RG_TOP_END) {
        v->chosen = move(v->chosen, g->count, v->table_rows, key);
    }
}

static enum rg_top_wish leaving_key(struct rg_top_view *v, int key) {
    if (key == 'e') {
        return RG_TOP_QUIT_END;
    }
    if (key == 'g') {
        return RG_TOP_QUIT_DETACH;
    }
    v->mode = RG_TOP_TABLE;
    return RG_TOP_STAY;
}

enum rg_top_wish rg_top_view_key(struct rg_top_view *v, struct rg_top_group *g, int key) {
    if (key == CTRL_C) {
        return v->has_program ? RG_TOP_INTERRUPT : RG_TOP_QUIT;
    }
    switch (v->mode) {
    case RG_TOP_TABLE:
        return table_key(v, g, key);
    case RG_TOP_FILTERING:
        filter_key(v, key);
        break;
    case RG_TOP_HELP:
        v->mode = RG_TOP_TABLE;
        break;
    case RG_TOP_CHOOSING:
        choosing_key(v, g, key);
        break;
    case RG_TOP_LEAVING:
        return v->has_program ? leaving_key(v, key) : RG_TOP_QUIT;
    }
    return RG_TOP_STAY;
}
