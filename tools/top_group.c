// SPDX-License-Identifier: MIT
// See top_group.h.
#include "top_group.h"

#include "need.h"
#include "trace_header.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char prefix[] = "trace.";

static void close_member(struct rg_top_member *m) {
    if (m->is_open) {
        rg_top_sites_close(&m->sites);
        rg_top_process_close(&m->process);
    }
    free(m->program);
    free(m->command);
    free(m->path);
    free(m);
}

// The name of a trace: trace.PID, and from the second program of the process on trace.PID.TURN. Returns 0 where it is
// none.
static uint64_t number_of(const char *name, unsigned *ret_turn) {
    char *end;
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) {
        return 0;
    }
    const unsigned long pid = strtoul(name + sizeof prefix - 1, &end, 10);
    *ret_turn = *end == '.' ? (unsigned)strtoul(end + 1, NULL, 10) : 1;
    return (uint64_t)pid << 32 | *ret_turn;
}

bool rg_top_group_add(struct rg_top_group *g, const char *path) {
    struct rg_trace_header_text header;
    const int fd = rg_trace_header_open(path, &header, g->message);
    if (fd < 0) {
        return false;
    }
    close(fd);
    struct rg_top_member *m = rg_need(sizeof *m);
    const char *slash = strrchr(path, '/');
    m->turn = 1;
    number_of(slash ? slash + 1 : path, &m->turn);
    *m = (struct rg_top_member){.path = rg_need_copy(path),
                                .program = rg_need_copy(header.program),
                                .command = rg_need_copy(header.command),
                                .pid = (pid_t)header.pid,
                                .parent = (pid_t)header.parent_pid,
                                .turn = m->turn};
    rg_trace_header_done(&header);
    g->members = rg_need_room(g->members, g->count, sizeof(struct rg_top_member *));
    g->members[g->count++] = m;
    return true;
}

static int compare(const void *a, const void *b) {
    const struct rg_top_member *one = *(struct rg_top_member *const *)a;
    const struct rg_top_member *two = *(struct rg_top_member *const *)b;
    return one->pid != two->pid ? (one->pid > two->pid) - (one->pid < two->pid)
                                : (one->turn > two->turn) - (one->turn < two->turn);
}

static void look_into_folder(struct rg_top_group *g) {
    DIR *dir = opendir(g->folder);
    if (!dir) {
        return;
    }
    const size_t before = g->count;
    const struct dirent *entry;
    // cppcheck-suppress readdirCalled; nobody else reads this folder
    while ((entry = readdir(dir))) {
        unsigned turn;
        const uint64_t number = number_of(entry->d_name, &turn);
        if (number && !rg_number_map_find(&g->known, number)) {
            char *path = rg_need_text("%s/%s", g->folder, entry->d_name);
            // One that is no trace yet will be soon.
            if (rg_top_group_add(g, path)) {
                *rg_number_map_get(&g->known, number) = g->members[g->count - 1];
            }
            free(path);
        }
    }
    closedir(dir);
    if (g->count > before) {
        qsort(g->members, g->count, sizeof(struct rg_top_member *), compare);
    }
}

// Returns whether it is what is shown now.
static bool open_member(struct rg_top_group *g, struct rg_top_member *m) {
    g->message[0] = 0;
    if (!m->is_open) {
        if (!rg_top_process_open(&m->process, m->path, g->message)) {
            return false;
        }
        rg_top_sites_open(&m->sites, &m->process);
        m->is_open = true;
    }
    g->shown = m;
    return true;
}

void rg_top_group_look(struct rg_top_group *g, pid_t first, pid_t ended) {
    if (g->folder) {
        look_into_folder(g);
    }
    for (size_t i = 0; i < g->count; i++) {
        struct rg_top_member *m = g->members[i];
        const bool is_last = i + 1 == g->count || g->members[i + 1]->pid != m->pid;
        m->is_replaced = !is_last;
        m->has_ended = m->has_ended || !is_last || m->pid == ended || !rg_top_is_alive(m->pid);
        if (is_last && m->pid == first && m != g->shown && !g->is_chosen) {
            open_member(g, m);
        }
    }
}

bool rg_top_group_show(struct rg_top_group *g, struct rg_top_member *m) {
    g->is_chosen = true;
    return open_member(g, m);
}

void rg_top_group_follow(struct rg_top_group *g, uint64_t ticks, uint64_t deadline,
                         enum rg_top_sort by) {
    struct rg_top_member *m = g->shown;
    if (!m) {
        return;
    }
    m->process.has_ended = m->has_ended;
    rg_top_process_follow(&m->process, ticks, deadline);
    rg_top_sites_update(&m->sites, by);
}

static void keep_item(void *item) {
    (void)item;
}

void rg_top_group_close(struct rg_top_group *g) {
    for (size_t i = 0; i < g->count; i++) {
        close_member(g->members[i]);
    }
    free(g->members);
    rg_number_map_done(&g->known, keep_item);
    *g = (struct rg_top_group){0};
}
