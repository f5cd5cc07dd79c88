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
#include "report/description.h"
#include "report/expected.h"
#include "report/json_line.h"
#include "report/luck.h"
#include "report/note.h"
#include "report/sink.h"
#include "report/start.h"
#include "report/suppressed.h"
#include "report/symbolizer.h"
#include "report/text.h"

#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

enum { KNOWN_MAX = 4096 };

struct known {
    uint64_t key, general_key;
    unsigned number; // from 1 on, in the order in which they were found
    _Atomic size_t occurrences;
};

static struct known
    known[KNOWN_MAX]; // open addressing by general key; a place's handle is its index + 1
static _Atomic unsigned known_count;
static _Atomic size_t dropped; // occurrences of findings that found no place in the table
static bool use_color;
static bool summary_done;

static struct rg_story story;
static struct rg_frames frames; // of one step at a time
static char text[RG_JSON_LINE_CAP];

static bool is_for_machines(void) {
    return rg_options.format == RG_FORMAT_JSON;
}

void rg_report_init(const char *const *environment) {
    const char *no_color = rg_environment_find(environment, "NO_COLOR", 8);
    rg_sink_init(environment);
    use_color =
        rg_options.color == RG_COLOR_ALWAYS ||
        (rg_options.color == RG_COLOR_AUTO && !(no_color && *no_color) && rg_sink_is_terminal());
    if (is_for_machines()) {
        use_color = false;
        rg_start_init();
    }
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
    rg_frames_resolve(&stack, (size_t)rg_options.malloc_context_size, ret);
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

static void gather(const struct rg_finding *f) {
    struct rg_stack access = {f->pcs, f->pc_count, f->epoch};
    story.finding = f;
    story.pid = rg_getpid();
    story.color = use_color;
    story.is_description = false;
    story.history = rg_options.history;
    rg_frames_resolve(&access, RG_STACK_DEPTH_MAX, &story.access);
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
}

// Of what is asked for, and not a misuse.
static void gather_description(const struct rg_finding *f) {
    bool is_live = f->has_block && !rg_finding_has_end(f);
    gather(f);
    story.is_description = true;
    resolve(is_live ? f->block.moved_from ? f->block.alloc_stack : 0 : f->block.end_stack,
            &story.moved);
    // Of a live block it is that of the last realloc, if it failed.
    if (f->has_block && f->block.state == RG_BLOCK_LIVE) {
        resolve(f->block.end_stack, &story.ended);
    }
}

_Static_assert((size_t)RG_TOLD_MOST >= sizeof text, "there is room for any report");

static void keep_told(struct rg_finding *f, const struct rg_buf *b, unsigned number) {
    f->number = number;
    if (f->told) {
        memcpy(f->told, b->data, b->len + 1);
        f->told_len = b->len;
    }
}

// What was gathered.
static void tell(struct rg_finding *f, unsigned number) {
    struct rg_buf b;
    if (is_for_machines()) {
        rg_start_write_once(text, sizeof text);
    }
    rg_buf_init(&b, text, sizeof text);
    if (is_for_machines()) {
        rg_json_put_finding(&b, &story, number);
    } else {
        rg_text_put_report(&b, &story);
    }
    rg_sink_write(b.data, b.len);
    keep_told(f, &b, number);
}

static RG_NORETURN void halt(void) {
    uint64_t set = 1UL << (SIGABRT - 1);
    rg_sys4(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&set, 0, 8);
    rg_sys3(SYS_tgkill, rg_getpid(), rg_gettid(), SIGABRT);
    rg_die("halt_on_error: still here after SIGABRT");
}

// A program reads how often a finding has occurred also where the process is killed.
static bool is_told(size_t occurrences) {
    return (occurrences & (occurrences - 1)) == 0;
}

void rg_report_tell_again(unsigned handle) {
    const struct known *k = &known[handle - 1];
    char line[200];
    struct rg_buf b;
    rg_buf_init(&b, line, sizeof line);
    rg_json_put_again(&b, k->number, atomic_load(&k->occurrences));
    rg_sink_write(b.data, b.len);
}

// Handles of suppressed findings are above those of the table.
static unsigned take_suppressed(struct rg_finding *f, unsigned number) {
    f->is_suppressed = true;
    return number > 0 ? KNOWN_MAX + number : 0;
}

// k: where the finding is to be kept, or NULL.
static unsigned take_new(struct rg_finding *f, struct known *k) {
    unsigned number = 0;
    if (k || rg_suppressed_is_on()) {
        gather(f);
    }
    if (rg_suppressed_is_on() && rg_suppressed_check(&story, rg_finding_key(f), &number)) {
        return take_suppressed(f, number);
    }
    if (!k) {
        atomic_fetch_add(&dropped, 1);
        return 0;
    }
    k->key = rg_finding_key(f);
    k->general_key = rg_finding_general_key(f);
    k->number = ++known_count;
    atomic_store(&k->occurrences, 1);
    tell(f, k->number);
    return (unsigned)(k - known) + 1;
}

unsigned rg_report(struct rg_finding *f) {
    struct rg_stack access = {f->pcs, f->pc_count, f->epoch};
    if (rg_expected_take(f)) {
        f->is_suppressed = true;
        return 0;
    }
    rg_lock(RG_LOCK_REPORT);
    f->system_pcs = rg_frames_count_system(&access);
    struct known *k = find_place(f);
    bool is_known = k && k->key != 0;
    unsigned handle = is_known ? (unsigned)(k - known) + 1 : 0;
    unsigned suppressed = is_known ? 0 : rg_suppressed_find(rg_finding_key(f));
    if (suppressed > 0) {
        handle = take_suppressed(f, suppressed);
    } else if (!is_known) {
        handle = take_new(f, k);
    } else if (rg_report_again(handle)) {
        rg_report_tell_again(handle);
    }
    rg_unlock(RG_LOCK_REPORT);
    return handle;
}

void rg_report_halt_if_asked(void) {
    if (rg_options.halt_on_error) {
        rg_report_summary();
        halt();
    }
}

// Those that a report takes after its own, in their order.
static const enum rg_lock_id needed[] = {RG_LOCK_REPORT, RG_LOCK_DEPOT, RG_LOCK_MODULES,
                                         RG_LOCK_VMEM, RG_LOCK_ARENA};

bool rg_report_can_describe(void) {
    for (size_t i = 0; i < RG_ARRAY_LEN(needed); i++) {
        if (!rg_lock_try(needed[i])) {
            return false;
        }
        rg_unlock(needed[i]);
    }
    return true;
}

size_t rg_report_describe(const struct rg_finding *f, char *ret_text) {
    struct rg_buf b;
    rg_lock(RG_LOCK_REPORT);
    rg_buf_init(&b, text, sizeof text);
    gather_description(f);
    story.color = use_color && !ret_text;
    rg_description_put(&b, &story);
    if (ret_text) {
        memcpy(ret_text, b.data, b.len + 1);
    } else {
        rg_description_write(&b);
    }
    rg_unlock(RG_LOCK_REPORT);
    return b.len;
}

bool rg_report_again(unsigned handle) {
    if (handle > KNOWN_MAX) {
        rg_suppressed_again(handle - KNOWN_MAX);
        return false;
    }
    if (handle == 0) {
        atomic_fetch_add(&dropped, 1);
        return false;
    }
    size_t before = atomic_fetch_add(&known[handle - 1].occurrences, 1);
    return is_for_machines() && is_told(before + 1);
}

unsigned rg_report_count(void) {
    rg_lock(RG_LOCK_REPORT);
    unsigned n = known_count;
    rg_unlock(RG_LOCK_REPORT);
    return n;
}

unsigned rg_report_count_so_far(void) {
    return known_count;
}

static size_t count_occurrences(void) {
    size_t n = atomic_load(&dropped);
    for (unsigned i = 0; i < KNOWN_MAX; i++) {
        n += known[i].key ? atomic_load(&known[i].occurrences) : 0;
    }
    return n;
}

static void put_lapses(struct rg_buf *b, const struct rg_summary *s) {
    if (s->symbolizer_failure) {
        rg_buf_fmt(b,
                   "==%d== realloc_guard: the helper that looks up source lines %s; reports show "
                   "functions and offsets\n",
                   rg_getpid(), s->symbolizer_failure);
    }
    if (s->lost_lines > 0) {
        rg_buf_fmt(b,
                   "==%d== realloc_guard: %zu line%s of reports could not be written and %s lost\n",
                   rg_getpid(), s->lost_lines, s->lost_lines == 1 ? "" : "s",
                   s->lost_lines == 1 ? "is" : "are");
    }
    if (s->seal.lapsed == 0) {
        return;
    }
    rg_buf_fmt(b,
               "==%d== realloc_guard: %zu of %zu %s blocks could not be sealed by %s, the first "
               "after %zu; uses of those were not seen\n",
               rg_getpid(), s->seal.lapsed, s->seal.lapsed + s->seal.sealed,
               rg_options.seal_freed ? "moved or freed" : "moved", rg_seal_name(),
               s->seal.first_lapse_at);
}

static void put_summary(struct rg_buf *b, const struct rg_summary *s) {
    rg_buf_fmt(b, "==%d== realloc_guard: %zu misuse%s reported (%zu occurrence%s)", rg_getpid(),
               s->misuses, s->misuses == 1 ? "" : "s", s->occurrences,
               s->occurrences == 1 ? "" : "s");
    if (s->suppressed > 0) {
        rg_buf_fmt(b, ", %zu suppressed", s->suppressed);
    }
    rg_buf_fmt(b,
               "; %zu block%s moved by realloc (%zu would have fitted), %zu left in place, "
               "sealed by %s",
               s->heap.moves, s->heap.moves == 1 ? "" : "s", s->heap.forced, s->heap.in_place,
               rg_seal_name());
    if (s->seal.by_mprotect > 0) {
        rg_buf_fmt(b, " (%zu by mprotect, where guard markers were refused)", s->seal.by_mprotect);
    }
    rg_buf_str(b, "\n");
    put_lapses(b, s);
}

static void tell_counts(void) {
    for (unsigned i = 0; i < KNOWN_MAX; i++) {
        if (known[i].key && !is_told(atomic_load(&known[i].occurrences))) {
            rg_report_tell_again(i + 1);
        }
    }
}

static void tell_summary(const struct rg_summary *s) {
    struct rg_buf b;
    if (is_for_machines()) {
        rg_start_write_once(text, sizeof text);
    }
    rg_buf_init(&b, text, sizeof text);
    if (is_for_machines()) {
        rg_json_put_summary(&b, s);
    } else {
        put_summary(&b, s);
    }
    rg_sink_write(b.data, b.len);
}

void rg_report_summary(void) {
    struct rg_summary s = {.seal = rg_seal_stats(), .heap = rg_heap_stats()};
    rg_lock(RG_LOCK_REPORT);
    if (!summary_done && rg_options.luck) {
        rg_luck_tell();
    }
    if (!summary_done && is_for_machines()) {
        tell_counts();
    }
    const struct rg_suppressed_counts suppressed = rg_suppressed_count();
    if (!summary_done && rg_options.print_suppressions) {
        rg_suppressed_tell();
    }
    bool anything =
        known_count > 0 || suppressed.misuses > 0 || s.seal.lapsed > 0 || rg_options.verbosity > 0;
    if (!summary_done && rg_options.print_summary && anything) {
        s.misuses = known_count;
        s.occurrences = count_occurrences();
        s.not_kept = atomic_load(&dropped);
        s.suppressed = suppressed.misuses;
        s.suppressed_occurrences = suppressed.occurrences;
        s.symbolizer_failure = rg_symbolizer_failure();
        s.lost_lines = rg_sink_lost();
        tell_summary(&s);
    }
    summary_done = true;
    rg_unlock(RG_LOCK_REPORT);
}

void rg_report_say(const char *format, ...) {
    char line[1000];
    struct rg_buf b;
    va_list ap;
    rg_buf_init(&b, line, sizeof line);
    va_start(ap, format);
    rg_buf_vfmt(&b, format, ap);
    va_end(ap);
    const struct rg_note note = {.text = line};
    if (is_for_machines()) {
        rg_lock(RG_LOCK_REPORT);
        rg_note_write(&note);
        rg_unlock(RG_LOCK_REPORT);
    } else {
        rg_note_write(&note);
    }
}

void rg_report_failing(uint32_t stack, size_t size) {
    char line[500];
    struct rg_buf b;
    rg_buf_init(&b, line, sizeof line);
    rg_buf_fmt(&b, "realloc to %zu bytes at ", size);
    rg_lock(RG_LOCK_REPORT);
    resolve(stack, &frames);
    rg_text_put_place(&b, &frames);
    rg_buf_str(&b, " fails, as fail_realloc asks");
    rg_note_write(
        &(struct rg_note){.topic = "failing", .text = line, .frames = &frames, .size = size});
    rg_unlock(RG_LOCK_REPORT);
}

void rg_report_crash(const char *what) {
    static char crash_line[32 * 1024];
    struct rg_buf b;
    if (is_for_machines()) {
        rg_start_write_once(crash_line, sizeof crash_line);
        rg_buf_init(&b, crash_line, sizeof crash_line);
        rg_json_put_note(&b, &(struct rg_note){.topic = "internal-error", .text = what});
        rg_sink_write(b.data, b.len);
    } else {
        rg_sink_write(what, strlen(what));
    }
}

void rg_report_after_fork(void) {
    if (known_count > 0) {
        memset(known, 0, sizeof known);
        known_count = 0;
    }
    atomic_store(&dropped, 0);
    summary_done = false;
    if (is_for_machines()) {
        rg_start_after_fork();
    }
    rg_suppressed_after_fork();
    rg_luck_after_fork();
    rg_sink_after_fork();
    rg_symbolizer_after_fork();
}
