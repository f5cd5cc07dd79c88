// SPDX-License-Identifier: MIT
// See report.h. State under the REPORT lock: the table of known findings and the buffers below, which
// are large and static because a fault may happen on a small stack. Fork: a child starts an empty table.
#include "report/report.h"

#include "base/die.h"
#include "base/environment.h"
#include "base/lock.h"
#include "base/options.h"
#include "base/sys.h"
#include "heap/seal.h"
#include "report/luck.h"
#include "report/sink.h"
#include "report/symbolizer.h"
#include "report/text.h"

#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

enum { KNOWN_MAX = 4096, TEXT_CAP = 128 * 1024 };

struct known {
    uint64_t key, general_key;
    _Atomic size_t occurrences;
};

static struct known known[KNOWN_MAX]; // open addressing by general key; number = index + 1
static unsigned known_count;
static _Atomic size_t dropped; // occurrences of findings that found no place in the table
static bool use_color;
static bool summary_done;

static struct rg_story story;
static struct rg_frames frames; // of one step at a time
static char text[TEXT_CAP];

void rg_report_init(const char *const *environment) {
    const char *no_color = rg_environment_find(environment, "NO_COLOR", 8);
    rg_sink_init(environment);
    use_color =
        rg_options.color == RG_COLOR_ALWAYS ||
        (rg_options.color == RG_COLOR_AUTO && !(no_color && *no_color) && rg_sink_is_terminal());
}

// The place of a finding: its own, or the free one where it belongs. NULL: the table is full. Where details were
// dropped, that of any which may be the same.
static struct known *find_place(const struct rg_finding *f) {
    uint64_t key = rg_finding_key(f), general_key = rg_finding_general_key(f);
    bool is_brief = f->has_block && f->block.is_brief;
    for (unsigned i = 0; i < KNOWN_MAX; i++) {
        struct known *k = &known[(general_key + i) % KNOWN_MAX];
        if (k->key == 0 || k->key == key || (is_brief && k->general_key == general_key)) {
            return k;
        }
    }
    return NULL;
}

static void resolve(uint32_t id, struct rg_frames *ret) {
    uintptr_t pcs[RG_STACK_DEPTH_MAX];
    struct rg_stack stack = rg_depot_get((struct rg_stack_id){id}, pcs, RG_STACK_DEPTH_MAX);
    rg_frames_resolve(&stack, ret);
}

static void resolve_steps(const struct rg_lineage *l, char (*places)[RG_STORY_PLACE]) {
    size_t kept = 0;
    for (size_t n = 0; n < l->steps; n++) {
        const struct rg_lineage_step *step = rg_lineage_get(l, n);
        if (!step) {
            n = l->steps - RG_LINEAGE_KEPT - 1;
            continue;
        }
        struct rg_buf b;
        rg_buf_init(&b, places[kept++], RG_STORY_PLACE);
        if (step->stack != 0) {
            resolve(step->stack, &frames);
            rg_text_put_place(&b, &frames);
        }
    }
}

static void tell(const struct rg_finding *f) {
    struct rg_stack access = {f->pcs, f->pc_count, f->epoch};
    story.finding = f;
    story.pid = rg_getpid();
    story.color = use_color;
    story.history = rg_options.history;
    rg_frames_resolve(&access, &story.access);
    if (f->has_block) {
        resolve(f->cut_off > 0 ? f->block.alloc_stack : f->block.end_stack, &story.moved);
        resolve(f->origin.alloc_stack, &story.born);
        resolve(f->today == RG_TODAY_LIVE ? 0 : f->end_stack, &story.ended);
        resolve_steps(&f->before, story.before);
        resolve_steps(&f->after, story.after);
    }
    if (f->trouble == RG_TROUBLE_LOST || f->trouble == RG_TROUBLE_RESULT) {
        resolve(f->failed_stack, &story.moved);
    }
    struct rg_buf b;
    rg_buf_init(&b, text, sizeof text);
    rg_text_put_report(&b, &story);
    rg_sink_write(b.data, b.len);
}

static RG_NORETURN void halt(void) {
    uint64_t set = 1UL << (SIGABRT - 1);
    rg_sys4(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&set, 0, 8);
    rg_sys3(SYS_tgkill, rg_getpid(), rg_gettid(), SIGABRT);
    rg_die("halt_on_error: still here after SIGABRT");
}

unsigned rg_report(struct rg_finding *f) {
    struct rg_stack access = {f->pcs, f->pc_count, f->epoch};
    rg_lock(RG_LOCK_REPORT);
    f->system_pcs = rg_frames_count_system(&access);
    struct known *k = find_place(f);
    unsigned number = k ? (unsigned)(k - known) + 1 : 0;
    bool is_new = k && k->key == 0;
    if (is_new) {
        k->key = rg_finding_key(f);
        k->general_key = rg_finding_general_key(f);
        known_count++;
        atomic_store(&k->occurrences, 1);
        tell(f);
    } else if (k) {
        atomic_fetch_add(&k->occurrences, 1);
    } else {
        atomic_fetch_add(&dropped, 1);
    }
    rg_unlock(RG_LOCK_REPORT);
    if (is_new && rg_options.halt_on_error) {
        rg_report_summary();
        halt();
    }
    return number;
}

void rg_report_again(unsigned number) {
    if (number > 0) {
        atomic_fetch_add(&known[number - 1].occurrences, 1);
    } else {
        atomic_fetch_add(&dropped, 1);
    }
}

unsigned rg_report_count(void) {
    rg_lock(RG_LOCK_REPORT);
    unsigned n = known_count;
    rg_unlock(RG_LOCK_REPORT);
    return n;
}

static size_t count_occurrences(void) {
    size_t n = atomic_load(&dropped);
    for (unsigned i = 0; i < KNOWN_MAX; i++) {
        n += known[i].key ? atomic_load(&known[i].occurrences) : 0;
    }
    return n;
}

static void put_lapses(struct rg_buf *b, const struct rg_seal_stats *seal) {
    if (rg_symbolizer_failure()) {
        rg_buf_fmt(b,
                   "==%d== realloc_guard: the helper that looks up source lines %s; reports show "
                   "functions and offsets\n",
                   rg_getpid(), rg_symbolizer_failure());
    }
    size_t lost = rg_sink_lost();
    if (lost > 0) {
        rg_buf_fmt(b,
                   "==%d== realloc_guard: %zu line%s of reports could not be written and %s lost\n",
                   rg_getpid(), lost, lost == 1 ? "" : "s", lost == 1 ? "is" : "are");
    }
    if (seal->lapsed == 0) {
        return;
    }
    rg_buf_fmt(b,
               "==%d== realloc_guard: %zu of %zu %s blocks could not be sealed by %s, the first "
               "after %zu; uses of those were not seen\n",
               rg_getpid(), seal->lapsed, seal->lapsed + seal->sealed,
               rg_options.seal_freed ? "moved or freed" : "moved", rg_seal_name(),
               seal->first_lapse_at);
}

void rg_report_summary(void) {
    struct rg_seal_stats seal = rg_seal_stats();
    struct rg_heap_stats heap = rg_heap_stats();
    rg_lock(RG_LOCK_REPORT);
    if (!summary_done && rg_options.luck) {
        rg_luck_tell();
    }
    bool anything = known_count > 0 || seal.lapsed > 0 || rg_options.verbosity > 0;
    if (!summary_done && rg_options.print_summary && anything) {
        size_t occurrences = count_occurrences();
        struct rg_buf b;
        rg_buf_init(&b, text, sizeof text);
        rg_buf_fmt(&b, "==%d== realloc_guard: %u misuse%s reported (%zu occurrence%s)", rg_getpid(),
                   known_count, known_count == 1 ? "" : "s", occurrences,
                   occurrences == 1 ? "" : "s");
        rg_buf_fmt(&b,
                   "; %zu block%s moved by realloc (%zu would have fitted), %zu left in place, "
                   "sealed by %s",
                   heap.moves, heap.moves == 1 ? "" : "s", heap.forced, heap.in_place,
                   rg_seal_name());
        if (seal.by_mprotect > 0) {
            rg_buf_fmt(&b, " (%zu by mprotect, where guard markers were refused)",
                       seal.by_mprotect);
        }
        rg_buf_str(&b, "\n");
        put_lapses(&b, &seal);
        rg_sink_write(b.data, b.len);
    }
    summary_done = true;
    rg_unlock(RG_LOCK_REPORT);
}

void rg_report_say(const char *format, ...) {
    char line[1000];
    struct rg_buf b;
    va_list ap;
    rg_buf_init(&b, line, sizeof line - 1);
    rg_buf_fmt(&b, "==%d== realloc_guard: ", rg_getpid());
    va_start(ap, format);
    rg_buf_vfmt(&b, format, ap);
    va_end(ap);
    // The last byte is kept for the end of the line.
    b.cap++;
    rg_buf_str(&b, "\n");
    rg_sink_write(b.data, b.len);
}

void rg_report_failing(uint32_t stack, size_t size) {
    char line[500];
    struct rg_buf b;
    rg_buf_init(&b, line, sizeof line);
    rg_buf_fmt(&b, "==%d== realloc_guard: realloc to %zu bytes at ", rg_getpid(), size);
    rg_lock(RG_LOCK_REPORT);
    resolve(stack, &frames);
    rg_text_put_place(&b, &frames);
    rg_buf_str(&b, " fails, as fail_realloc asks\n");
    rg_sink_write(b.data, b.len);
    rg_unlock(RG_LOCK_REPORT);
}

void rg_report_after_fork(void) {
    if (known_count > 0) {
        memset(known, 0, sizeof known);
        known_count = 0;
    }
    atomic_store(&dropped, 0);
    summary_done = false;
    rg_luck_after_fork();
    rg_sink_after_fork();
    rg_symbolizer_after_fork();
}
