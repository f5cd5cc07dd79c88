// SPDX-License-Identifier: MIT
// See census.h. State: the name of the file; a table of stacks, whose entries are claimed by a compare-and-exchange and
// never given up; a buffer for the end.
#include "front/census.h"

#include "base/compiler.h"
#include "base/failing_list.h"
#include "base/fmt.h"
#include "base/options.h"
#include "base/sys.h"
#include "front/init.h"
#include "report/file_name.h"
#include "report/report.h"
#include "stack/depot.h"
#include "stack/modules.h"
#include "stack/walk.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>

// Each byte of a path may be escaped.
enum { STACKS = 1 << 16, LINE_CAP = RG_FAILING_FRAMES * 1080 + 40 };

static struct row {
    _Atomic uint32_t stack; // cut at the innermost frames, and 1 more; 0: free
    _Atomic uint64_t calls;
} rows[STACKS];
static _Atomic uint64_t not_counted; // calls for whose stack there was no place left
static bool is_on;
static _Atomic bool is_written;

static char folder[512]; // where the program was started; empty: not known
static char path[1024];

static void make_path(const char *option) {
    struct rg_buf b;
    rg_buf_init(&b, path, sizeof path);
    if (rg_options.count_realloc[0] != '/' && folder[0]) {
        rg_buf_fmt(&b, "%s/", folder);
    }
    rg_file_name_put(&b, rg_options.count_realloc, option);
}

bool rg_census_init(void) {
    is_on = rg_options.count_realloc[0];
    if (is_on) {
        // The program may go elsewhere.
        if (rg_sys2(SYS_getcwd, (long)folder, sizeof folder) <= 0) {
            folder[0] = 0;
        }
        make_path("count_realloc");
    }
    return is_on;
}

// Of stacks that differ further out there is one.
static uint32_t cut(uint32_t id) {
    uintptr_t pcs[RG_FAILING_FRAMES];
    struct rg_stack stack = rg_depot_get((struct rg_stack_id){id}, pcs, RG_FAILING_FRAMES);
    size_t count = stack.count < RG_FAILING_FRAMES ? stack.count : RG_FAILING_FRAMES;
    return rg_depot_put(stack.pcs, count, stack.epoch).v;
}

void rg_census_count(uint32_t stack) {
    if (!is_on) {
        return;
    }
    uint32_t key = cut(stack) + 1;
    for (uint32_t i = 0; i < STACKS; i++) {
        struct row *r = &rows[((key * 2654435761U >> 16) + i) % STACKS];
        uint32_t found = 0;
        if (atomic_compare_exchange_strong(&r->stack, &found, key) || found == key) {
            atomic_fetch_add(&r->calls, 1);
            return;
        }
    }
    atomic_fetch_add(&not_counted, 1);
}

// As a field of a line.
static void put_path(struct rg_buf *b, const char *text) {
    for (; *text; text++) {
        bool is_special = *text == '\t' || *text == '\n' || *text == '\\';
        char c = *text == '\t' ? 't' : *text == '\n' ? 'n' : *text;
        rg_buf_put(b, "\\", is_special);
        rg_buf_put(b, &c, 1);
    }
}

static void put_row(struct rg_buf *b, const struct row *r) {
    static struct rg_module m;
    uintptr_t pcs[RG_FAILING_FRAMES];
    struct rg_stack stack =
        rg_depot_get((struct rg_stack_id){atomic_load(&r->stack) - 1}, pcs, RG_FAILING_FRAMES);
    rg_buf_fmt(b, "%lu", (unsigned long)atomic_load(&r->calls));
    for (size_t i = 0; i < stack.count; i++) {
        uintptr_t pc = rg_pc_lookup(stack.pcs[i]);
        if (rg_module_find(pc, stack.epoch, &m)) {
            rg_buf_str(b, "\t");
            put_path(b, m.path);
            rg_buf_fmt(b, "+0x%lx", pc - m.bias);
        } else {
            rg_buf_fmt(b, "\t?+0x%lx", pc);
        }
    }
    rg_buf_str(b, "\n");
}

// Returns 0, or -errno.
static int write_rows(int fd) {
    static char text[8 * LINE_CAP];
    struct rg_buf b;
    int error = 0;
    size_t written;
    rg_buf_init(&b, text, sizeof text);
    for (size_t i = 0; i < STACKS && error == 0; i++) {
        if (atomic_load(&rows[i].stack) == 0) {
            continue;
        }
        put_row(&b, &rows[i]);
        if (b.cap - b.len < LINE_CAP) {
            error = rg_write_all(fd, b.data, b.len, &written);
            rg_buf_init(&b, text, sizeof text);
        }
    }
    return error ? error : rg_write_all(fd, b.data, b.len, &written);
}

void rg_census_write(void) {
    if (!is_on || rg_getpid() != rg_init_pid() || atomic_exchange(&is_written, true)) {
        return;
    }
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY;
    long fd = rg_sys3(SYS_open, (long)path, flags, 0666);
    int error = fd < 0 ? (int)fd : write_rows((int)fd);
    if (fd >= 0) {
        rg_sys2(SYS_close, fd, 0);
    }
    if (error != 0) {
        rg_say(2, "realloc_guard: cannot write to count_realloc \"%s\" (%s); the counts are lost",
               path, strerrordesc_np(-error));
    }
    if (atomic_load(&not_counted) > 0) {
        rg_report_say("count_realloc: %lu calls came from more than %d places, and are not in it",
                      (unsigned long)atomic_load(&not_counted), STACKS);
    }
}

void rg_census_after_fork(void) {
    if (is_on) {
        memset(rows, 0, sizeof rows);
        atomic_store(&not_counted, 0);
        atomic_store(&is_written, false);
        make_path(NULL);
    }
}
