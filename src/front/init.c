// SPDX-License-Identifier: MIT
// See init.h. State: whether the first step is done (atomic; its work is under the INIT lock).
#include "front/init.h"

#include "base/environment.h"
#include "base/fmt.h"
#include "base/lock.h"
#include "base/options.h"
#include "base/sys.h"
#include "front/aside.h"
#include "front/crash.h"
#include "front/failing.h"
#include "front/foreign.h"
#include "front/fork.h"
#include "front/malloc.h"
#include "front/peek.h"
#include "front/signal_mask.h"
#include "front/signals.h"
#include "front/thread.h"
#include "heap/history.h"
#include "heap/large.h"
#include "heap/redzone.h"
#include "heap/seal.h"
#include "report/report.h"
#include "report/suppressed.h"
#include "report/symbolizer.h"
#include "stack/libunwind.h"
#include "stack/modules.h"
#include "trace/stream.h"

#include <string.h>
#include <unistd.h>

// Where the kernel put argc, argv and the environment: set by the loader before anything runs, long
// before `environ` is.
extern void *__libc_stack_end;

// A program may define this to set options that its users need not know.
RG_WEAK const char *__realloc_guard_default_options(void);

static _Atomic bool done, active, aside;
static _Atomic int own_pid;

static const char *const *find_environment(void) {
    long argc = *(long *)__libc_stack_end;
    char **argv = (char **)__libc_stack_end + 1;
    if (argc >= 0 && argc < 1 << 24 && !argv[argc]) {
        return (const char *const *)(argv + argc + 1);
    }
    return (const char *const *)environ;
}

static void complain(void *arg, const char *line) {
    (void)arg;
    rg_say(2, "realloc_guard: %s", line);
}

static RG_COLD void print_help(void) {
    static char text[RG_OPTIONS_HELP_CAP];
    struct rg_buf b;
    rg_buf_init(&b, text, sizeof text);
    rg_options_help(&b);
    size_t written;
    rg_write_all(2, b.data, b.len, &written);
}

static void read_options(const char *const *environment) {
    static const char variable[] = "REALLOC_GUARD_OPTIONS";
    if (__realloc_guard_default_options) {
        rg_options_parse(&rg_options, __realloc_guard_default_options(), complain, NULL);
    }
    rg_options_parse(&rg_options, rg_environment_find(environment, variable, strlen(variable)),
                     complain, NULL);
    if (rg_options.help) {
        print_help();
    }
}

static void set_up_seals(void) {
    static const enum rg_seal_choice choice[] = {
        [RG_SEAL_AUTO] = RG_SEAL_BY_TRYING,
        [RG_SEAL_GUARD] = RG_SEAL_BY_GUARD,
        [RG_SEAL_MPROTECT] = RG_SEAL_BY_MPROTECT,
    };
    // Trying costs system calls, so without a wish it waits for the first block that moves.
    if (rg_options.seal != RG_SEAL_AUTO && !rg_seal_init(choice[rg_options.seal])) {
        rg_say(
            2,
            "realloc_guard: seal=guard does not work here (it needs Linux 6.15); using mprotect");
    }
}

// Not where that would take a system call for each block that is freed.
static bool peek_cheaply(void *dst, const void *src, size_t n) {
    return rg_signals_have_bus() && rg_peek(dst, src, n);
}

static RG_COLD void first_step(bool stand_aside) {
    const char *const *environment = find_environment();
    read_options(environment);
    rg_report_init(environment);
    if (stand_aside || rg_aside_is_on_valgrind()) {
        atomic_store(&aside, true);
        return;
    }
    rg_suppressed_init();
    rg_trace_init();
    rg_malloc_init();
    rg_failing_init(complain);
    rg_crash_init();
    own_pid = rg_getpid();
    set_up_seals();
    rg_redzone_peek = peek_cheaply;
    rg_redzone_wanted = (size_t)rg_options.redzone;
    rg_large_edges_max = (unsigned)rg_options.edges;
    rg_history_init((size_t)rg_options.history);
    rg_signals_init();
    atomic_store(&active, true);
}

static void init_once(bool stand_aside) {
    bool is_first = false;
    rg_lock(RG_LOCK_INIT);
    if (!atomic_load_explicit(&done, memory_order_relaxed)) {
        first_step(stand_aside);
        atomic_store_explicit(&done, true, memory_order_release);
        is_first = true;
    }
    rg_unlock(RG_LOCK_INIT);
    if (is_first && rg_init_is_active()) {
        // Only now: giving a lock back restores the mask.
        rg_mask_init();
    }
}

void rg_init(void) {
    if (rg_unlikely(!atomic_load_explicit(&done, memory_order_acquire))) {
        init_once(false);
    }
}

bool rg_init_is_active(void) {
    return atomic_load_explicit(&active, memory_order_relaxed);
}

bool rg_init_is_aside(void) {
    return atomic_load_explicit(&aside, memory_order_relaxed);
}

int rg_init_pid(void) {
    return atomic_load_explicit(&own_pid, memory_order_relaxed);
}

void rg_init_set_pid(int pid) {
    if (rg_init_is_aside()) {
        return;
    }
    atomic_store_explicit(&own_pid, pid, memory_order_relaxed);
}

// The folder of this library, with a slash; false when it is not known.
static bool find_own_folder(struct rg_buf *b) {
    static struct rg_module self;
    if (!rg_module_find((uintptr_t)&rg_init, 0, &self)) {
        return false;
    }
    if (self.path[0] != '/') {
        // LD_PRELOAD=./librealloc_guard.so: relative to where the program was started.
        char folder[512];
        if (rg_sys2(SYS_getcwd, (long)folder, sizeof folder) > 0) {
            rg_buf_fmt(b, "%s/", folder);
        }
    }
    const char *slash = strrchr(self.path, '/');
    rg_buf_put(b, self.path, slash ? (size_t)(slash - self.path) + 1 : 0);
    return true;
}

// The helper program: as told; beside this library, as it is built; or where it is installed.
static void find_symbolizer(void) {
    static const char *const places[] = {"realloc-guard", "../bin/realloc-guard",
                                         "../../bin/realloc-guard"};
    char path[1024];
    struct rg_buf b;
    rg_buf_init(&b, path, sizeof path);
    if (rg_options.external_symbolizer_path[0]) {
        rg_symbolizer_init(rg_options.external_symbolizer_path);
        return;
    }
    if (!rg_options.symbolize || !find_own_folder(&b)) {
        return;
    }
    size_t folder = b.len;
    for (size_t i = 0; i < RG_ARRAY_LEN(places); i++) {
        b.len = folder;
        rg_buf_str(&b, places[i]);
        if (!b.truncated && rg_sys2(SYS_access, (long)path, X_OK) == 0) {
            rg_symbolizer_init(path);
            return;
        }
    }
}

__attribute__((constructor)) static void second_step(void) {
    bool reached = rg_aside_is_on_valgrind() || rg_aside_is_reached();
    // Where calls have reached the guard by now it is set up already, and stays.
    init_once(!reached);
    if (!reached || rg_init_is_aside()) {
        rg_aside_say();
    }
    if (rg_init_is_aside()) {
        return;
    }
    rg_foreign_init();
    rg_thread_init();
    rg_fork_init();
    find_symbolizer();
    rg_libunwind_init();
}
