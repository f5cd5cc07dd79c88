// SPDX-License-Identifier: MIT
// Claims about what is remembered of walks: on a made-up stack, in which words change at random, a walk that
// may follow the one before it gives what a walk by itself gives, and so does a capture.
#include "stack/capture.h"

#include "base/vmem.h"
#include "support.h"
#include "walk_frames.h"

#include <sys/mman.h>

enum { WORDS = 4096, MARGIN = 64, LAPS = 100000, DEPTH = RG_STACK_DEPTH_MAX, POOL_MAX = 400 };

// Return addresses into frames of every kind, and what lies where none are: pointers a little further up, as saved
// frame pointers are.
static uintptr_t pool[POOL_MAX];
static size_t pool_count;
static uintptr_t made[WORDS];

static struct rg_walker maker, follower, fresh;
static struct rg_capture capture;

static const walk_frame_fn *const variants[] = {walk_frames_o0, walk_frames_o2, walk_frames_os,
                                                walk_frames_fp};

static bool is_wanted(uintptr_t pc) {
    for (size_t i = 0; i < pool_count; i++) {
        if (pool[i] == pc) {
            return false;
        }
    }
    // Walks through frames with other rules are not remembered: a few of them must do.
    struct rg_frame_rule rule;
    rg_cfi_find(pc - 1, &rule);
    return pool_count < POOL_MAX && (rule.kind == RG_RULE_OFFSET || pool_count % 50 == 49);
}

static RG_NOINLINE void fill_pool(void) {
    uintptr_t pcs[DEPTH];
    struct rg_caller caller = RG_CALLER();
    size_t count = rg_walk(&fresh, &caller, pcs, DEPTH);
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(pcs[i])) {
            pool[pool_count++] = pcs[i];
        }
    }
}

static long next_frame(struct walk_plan *plan) {
    if (plan->depth-- <= 0) {
        fill_pool();
        return 1;
    }
    const walk_frame_fn *frames = variants[random_below(&plan->seed, RG_ARRAY_LEN(variants))];
    return frames[random_below(&plan->seed, WALK_FRAME_COUNT)](plan, plan->depth) + 1;
}

static uintptr_t pointer_above(uint64_t *seed, const uintptr_t *word) {
    return (uintptr_t)(word + 1 + random_below(seed, 12));
}

static void begin(uint64_t *seed) {
    for (uint64_t i = 0; i < 200; i++) {
        struct walk_plan plan = {.next = next_frame, .seed = i, .depth = 12};
        next_frame(&plan);
    }
    for (size_t i = 0; i < WORDS - MARGIN; i++) {
        made[i] = pointer_above(seed, &made[i]);
    }
}

// Returns the size of the largest frame that needs no rbp.
static size_t find_largest_frame(uintptr_t *ret_pc) {
    size_t most = 0;
    for (size_t i = 0; i < pool_count; i++) {
        struct rg_frame_rule rule;
        rg_cfi_find(pool[i] - 1, &rule);
        if (rule.kind == RG_RULE_OFFSET && rule.cfa_register == RG_REG_RSP && rule.saved[1] == 0 &&
            (size_t)rule.cfa_offset > most) {
            most = (size_t)rule.cfa_offset;
            *ret_pc = pool[i];
        }
    }
    return most;
}

// The word of which the pc of a frame was read, or NULL.
static uintptr_t *slot_of(const struct rg_walk_trail *t, size_t frame) {
    uintptr_t *slot = (uintptr_t *)t->frame[frame].sp - 1;
    return t->is_exact && slot >= made && slot < &made[WORDS - MARGIN] ? slot : NULL;
}

// Where the stack ends it gets another frame, up to so many times.
static void add_frames(const struct rg_caller *caller, size_t count, uint64_t *seed) {
    for (size_t i = 0; i < count; i++) {
        const struct rg_walk_trail *t = rg_walk_trail(&maker, caller, DEPTH);
        uintptr_t *slot = slot_of(t, t->has_end ? t->count : t->count - 1);
        if (!slot || t->count == DEPTH) {
            return;
        }
        *slot = pool[random_below(seed, pool_count)];
    }
}

static bool reads_bp_at(const struct rg_walk_trail *t, uintptr_t at) {
    for (size_t i = 0; i < t->count; i++) {
        if (t->frame[i].reads_bp && t->frame[i].bp_at == at) {
            return true;
        }
    }
    return false;
}

// The same stack, and nothing that it depends on is missing.
static void compare_trails(const struct rg_walk_trail *t, const struct rg_walk_trail *want) {
    require(t->count == want->count && t->is_exact == want->is_exact);
    require(memcmp(t->pc, want->pc, t->count * sizeof t->pc[0]) == 0);
    if (!t->is_exact) {
        return;
    }
    require(t->has_end == want->has_end);
    for (size_t i = 0; i < t->count + t->has_end; i++) {
        require(t->pc[i] == want->pc[i] && t->frame[i].sp == want->frame[i].sp);
    }
    for (size_t i = 0; i < t->count; i++) {
        const struct rg_walk_frame *f = &t->frame[i], *other = &want->frame[i];
        require(!other->reads_bp || reads_bp_at(t, other->bp_at));
        require(!other->bp_matters || (f->bp_matters && f->bp == other->bp));
    }
}

static size_t compare(const struct rg_caller *caller, size_t depth) {
    uintptr_t kept[DEPTH];
    // Nothing to follow.
    fresh.trail[fresh.latest].is_exact = false;
    const struct rg_walk_trail *want = rg_walk_trail(&fresh, caller, depth);
    compare_trails(rg_walk_trail(&follower, caller, depth), want);
    if (depth == DEPTH) {
        struct rg_captured captured = rg_capture_stack(&capture, *caller);
        require(rg_depot_get(captured.id, kept, depth).count == want->count);
        require(memcmp(kept, want->pc, want->count * sizeof kept[0]) == 0);
        require(captured.site == rg_capture_site(want->pc, want->count));
    }
    return want->count;
}

// A word that the last walk has read, or one near it.
static uintptr_t *choose_word(uint64_t *seed) {
    const struct rg_walk_trail *t = &follower.trail[follower.latest];
    size_t i = random_below(seed, t->count + t->has_end);
    uintptr_t *slot = slot_of(t, i), *saved = (uintptr_t *)t->frame[i].bp_at;
    if (slot && saved && random_below(seed, 2)) {
        slot = saved;
    }
    return slot && random_below(seed, 8) ? slot : &made[random_below(seed, 400)];
}

// Some words become others, and sometimes again what they were.
static void change_words(const struct rg_caller *caller, uint64_t *seed) {
    for (size_t n = random_below(seed, 3); n > 0; n--) {
        uintptr_t *word = choose_word(seed), was = *word;
        size_t kind = random_below(seed, 8);
        *word = kind == 0 ? 0 : kind < 4 ? pool[random_below(seed, 8)] : pointer_above(seed, word);
        if (random_below(seed, 2)) {
            compare(caller, DEPTH);
            *word = was;
        }
    }
}

static void gives_what_a_walk_by_itself_gives_whatever_has_changed(void) {
    uint64_t seed = 5;
    size_t frames = 0;
    begin(&seed);
    for (size_t lap = 0; lap < LAPS; lap++) {
        // Of a few places, so that one walk comes to where another has been, with the same registers or not.
        uintptr_t *start = &made[4 * random_below(&seed, 4)];
        const struct rg_caller caller = {pool[random_below(&seed, 3)], (uintptr_t)start,
                                         (uintptr_t)&start[2 + 60 * random_below(&seed, 4)]};
        add_frames(&caller, random_below(&seed, 40), &seed);
        frames += compare(&caller, DEPTH);
        change_words(&caller, &seed);
        compare(&caller, 1 + random_below(&seed, 20));
    }
    assert_true(frames > 20UL * LAPS);
}

static void looks_at_no_page_that_a_walk_does_not_come_to(void) {
    enum { FRAMES = 20 };
    uint64_t seed = 6;
    uintptr_t pc = 0;
    begin(&seed);
    size_t size = find_largest_frame(&pc), length = FRAMES * size;
    assert_true(size > 2 * RG_PAGE_SIZE);
    char *stack = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(stack != MAP_FAILED);
    const struct rg_caller caller = {pc, (uintptr_t)stack, 0};
    for (size_t i = 1; i <= FRAMES; i++) {
        uintptr_t *slot = (uintptr_t *)(stack + i * size) - 1;
        *slot = i < FRAMES ? pc : 0;
    }
    for (size_t count = FRAMES; count > 0; count--) {
        uintptr_t *slot = (uintptr_t *)(stack + count * size) - 1;
        *slot = 0;
        assert_int_equal(compare(&caller, DEPTH), count);
        assert_int_equal(compare(&caller, DEPTH), count);
        // What is left ends with the page of the frame before.
        char *end = (char *)(((uintptr_t)slot - size + RG_PAGE_SIZE) & ~(RG_PAGE_SIZE - 1UL));
        munmap(end, (size_t)(stack + length - end));
        rg_walk_forget_stack(&fresh);
    }
}

// It would not be told whose bp that is.
static void remembers_no_walk_that_found_rbp_outside_of_the_frame(void) {
    uint64_t seed = 7;
    begin(&seed);
    const struct rg_caller caller = {pool[0], (uintptr_t)&made[8], 0};
    struct rg_quick_rule *rule =
        &fresh.own_quick[rg_quick_place(rg_quick_table(&fresh), pool[0] - 1)];
    for (int16_t eighths = -4; eighths < 2; eighths++) {
        *rule = (struct rg_quick_rule){
            .pc = pool[0] - 1, .cfa_offset = 16, .bp_eighths = eighths, .base = RG_QUICK_SP};
        fresh.trail[fresh.latest].is_exact = false;
        bool is_inside = eighths >= -2 && eighths <= 0;
        assert_int_equal(rg_walk_trail(&fresh, &caller, 2)->is_exact, is_inside);
    }
}

// The rule is one of an object that was at the place before.
static void follows_no_walk_from_before_an_unload(void) {
    uint64_t seed = 8;
    begin(&seed);
    const uintptr_t pc = pool[0] - 1;
    const struct rg_caller caller = {pool[0], (uintptr_t)&made[8], 0};
    made[9] = made[11] = pool[0];
    made[10] = made[12] = 0;
    struct rg_quick_table table = rg_quick_table(&follower);
    for (int32_t offset = 16; offset <= 32; offset += 16) {
        table.rule[rg_quick_place(table, pc)] =
            (struct rg_quick_rule){.pc = pc, .cfa_offset = offset, .base = RG_QUICK_SP};
        follower.trail[follower.latest].is_exact = false;
        assert_true(rg_walk_trail(&follower, &caller, DEPTH)->is_exact);
        rg_walk_forget();
        compare(&caller, DEPTH);
    }
}

static void forgets_before_a_load_what_depends_on_it(void) {
    uint64_t seed = 13;
    begin(&seed);
    rg_walk_forget();
    struct rg_caller caller = {pool[0], (uintptr_t)&made[8], 0};
    made[9] = 0;
    uintptr_t pcs[DEPTH];
    unsigned unloads = rg_walk_unloads();
    rg_walk(&fresh, &caller, pcs, DEPTH);
    rg_walk_before_load();
    assert_int_equal(rg_walk_unloads(), unloads);
    // Data, and code of no object.
    caller.pc = (uintptr_t)mmap(NULL, RG_PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 1; i < 3; i++) {
        rg_walk(&fresh, &caller, pcs, DEPTH);
        rg_walk_before_load();
        assert_int_equal(rg_walk_unloads(), unloads + (unsigned)i);
    }
}

// A frame without rbp, the smallest there is.
static size_t find_smallest_frame(uintptr_t *ret_pc) {
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < pool_count; i++) {
        struct rg_frame_rule rule;
        rg_cfi_find(pool[i] - 1, &rule);
        if (rule.kind == RG_RULE_OFFSET && rule.cfa_register == RG_REG_RSP && rule.saved[1] == 0 &&
            (size_t)rule.cfa_offset < least) {
            least = (size_t)rule.cfa_offset;
            *ret_pc = pool[i];
        }
    }
    return least;
}

// Of frames of one kind, all the way up.
static char *make_stack(size_t pages, uintptr_t pc) {
    uintptr_t *stack = mmap(NULL, pages * RG_PAGE_SIZE, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(stack != MAP_FAILED);
    for (size_t i = 0; i < pages * RG_PAGE_SIZE / sizeof *stack; i++) {
        stack[i] = pc;
    }
    return (char *)stack;
}

static struct rg_stack capture_at(const struct rg_caller *caller, uintptr_t *pcs) {
    return rg_depot_get(rg_capture_stack(&capture, *caller).id, pcs, DEPTH);
}

// The rule is from when there was no object at the place.
static void learns_a_rule_of_an_object_that_has_come(void) {
    uint64_t seed = 12;
    uintptr_t pc, pcs[DEPTH];
    begin(&seed);
    find_smallest_frame(&pc);
    const struct rg_caller caller = {pc, (uintptr_t)make_stack(2, pc), 0};
    struct rg_quick_table table = rg_quick_table(&follower);
    table.rule[rg_quick_place(table, pc - 1)] =
        (struct rg_quick_rule){.pc = pc - 1, .base = RG_QUICK_OUTSIDE};
    assert_int_equal(rg_walk(&follower, &caller, pcs, DEPTH), DEPTH);
    assert_true(rg_walk_trail(&follower, &caller, DEPTH)->is_exact);
}

static void ends_where_a_stack_is_smaller_than_the_one_before(void) {
    uint64_t seed = 9;
    uintptr_t pc, pcs[DEPTH];
    begin(&seed);
    const size_t size = find_smallest_frame(&pc);
    char *stack = make_stack(4, pc);
    // The first frame is another, and what follows is a walk of its own.
    struct rg_caller caller = {pc, (uintptr_t)stack + 2 * RG_PAGE_SIZE - 3 * size, 0};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rg_walk(&follower, &caller, pcs, DEPTH), DEPTH);
        assert_int_equal(rg_walk_trail(&fresh, &caller, DEPTH)->count, DEPTH);
        assert_int_equal(capture_at(&caller, pcs).count, DEPTH);
    }
    munmap(stack + 2UL * RG_PAGE_SIZE, 2UL * RG_PAGE_SIZE);
    assert_int_equal(rg_walk(&follower, &caller, pcs, DEPTH), 4);
    assert_int_equal(rg_walk_trail(&fresh, &caller, DEPTH)->count, 4);
    caller.sp -= size;
    assert_int_equal(capture_at(&caller, pcs).count, 5);
}

// Nothing is known of the page that rsp points to when it is the first byte after a stack.
static void looks_at_no_word_after_the_end_of_a_stack(void) {
    uint64_t seed = 10;
    uintptr_t pc, pcs[DEPTH];
    begin(&seed);
    const size_t size = find_smallest_frame(&pc);
    for (size_t below = 0; below < size; below += sizeof(uintptr_t)) {
        char *stack = make_stack(3, pc);
        const struct rg_caller caller = {pc, (uintptr_t)stack + RG_PAGE_SIZE - below, 0};
        for (int i = 0; i < 4; i++) {
            assert_int_equal(capture_at(&caller, pcs).count, DEPTH);
        }
        munmap(stack + RG_PAGE_SIZE, 2UL * RG_PAGE_SIZE);
        assert_int_equal(capture_at(&caller, pcs).count, 1);
        munmap(stack, RG_PAGE_SIZE);
    }
}

// A walk that a rule leads over the end of the stack reads what belongs to another, and is there no longer than that.
static void remembers_no_end_that_may_lie_beyond_the_stack(void) {
    uint64_t seed = 11;
    uintptr_t pc, pcs[DEPTH];
    begin(&seed);
    const size_t size = find_smallest_frame(&pc);
    char *stack = make_stack(2, pc);
    memset(stack + RG_PAGE_SIZE, 0, RG_PAGE_SIZE);
    const struct rg_caller caller = {pc, (uintptr_t)stack + RG_PAGE_SIZE - 3 * size, 0};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(capture_at(&caller, pcs).count, 4);
    }
    munmap(stack + RG_PAGE_SIZE, RG_PAGE_SIZE);
    assert_int_equal(capture_at(&caller, pcs).count, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(remembers_no_walk_that_found_rbp_outside_of_the_frame),
        isolated(follows_no_walk_from_before_an_unload),
        isolated(learns_a_rule_of_an_object_that_has_come),
        isolated(forgets_before_a_load_what_depends_on_it),
        isolated(ends_where_a_stack_is_smaller_than_the_one_before),
        isolated(looks_at_no_word_after_the_end_of_a_stack),
        isolated(remembers_no_end_that_may_lie_beyond_the_stack),
        isolated(looks_at_no_page_that_a_walk_does_not_come_to),
        isolated(gives_what_a_walk_by_itself_gives_whatever_has_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
