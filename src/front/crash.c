// SPDX-License-Identifier: MIT
// See crash.h. State: buffers for the one stack that is told.
#include "front/crash.h"

#include "base/die.h"
#include "base/fmt.h"
#include "base/lock.h"
#include "base/sys.h"
#include "front/thread.h"
#include "report/frames.h"
#include "report/report.h"
#include "report/sink.h"
#include "stack/modules.h"
#include "stack/walk.h"

static struct rg_walker walker;
static struct rg_module module;
static char text[8192];

static void put_frame(struct rg_buf *b, size_t number, uintptr_t pc) {
    char function[200];
    size_t offset;
    if (!rg_module_find_loaded(pc, &module)) {
        rg_buf_fmt(b, "    #%zu 0x%lx\n", number, pc);
        return;
    }
    bool has_name = rg_module_symbol(pc, function, sizeof function, &offset);
    rg_buf_fmt(b, "    #%zu %s  (%s+0x%lx)\n", number, has_name ? function : "??",
               rg_last_part(module.path), pc - module.bias);
}

// The line is on standard error already. A log gets it as well.
static void tell(const char *line, const void *context) {
    uintptr_t pcs[RG_STACK_DEPTH_MAX];
    struct rg_caller caller = RG_CALLER();
    struct rg_buf b;
    size_t count = context ? rg_walk_context(&walker, context, pcs, RG_STACK_DEPTH_MAX)
                           : rg_walk(&walker, &caller, pcs, RG_STACK_DEPTH_MAX);
    rg_buf_init(&b, text, sizeof text);
    rg_buf_fmt(&b, "%s\n", line);
    size_t after_line = b.len;
    for (size_t i = 0; i < count; i++) {
        put_frame(&b, i, rg_pc_lookup(pcs[i]));
    }
    rg_buf_str(&b, "  This is a bug of realloc_guard, not of the program.\n");
    size_t written;
    rg_write_all(2, b.data + after_line, b.len - after_line, &written);
    if (rg_sink_is_file()) {
        rg_report_crash(b.data);
    }
}

void rg_crash_init(void) {
    rg_die_set_hook(tell);
}

// Further from the stack pointer than one function of the guard's reaches.
enum { STACK_REACH = 64 * 1024 };

bool rg_crash_is_stack(const siginfo_t *info, const ucontext_t *context) {
    uintptr_t sp = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
    uintptr_t from_sp = (uintptr_t)info->si_addr - sp + STACK_REACH;
    return info->si_code > 0 && info->si_code != SI_KERNEL && from_sp < 2 * STACK_REACH;
}

bool rg_crash_is_own(const siginfo_t *info, const ucontext_t *context) {
    uintptr_t pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
    bool in_heap = rg_thread_self.busy && rg_module_is_guard(pc);
    return (in_heap || rg_lock_is_holding()) && !rg_crash_is_stack(info, context);
}
