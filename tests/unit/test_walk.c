// SPDX-License-Identifier: MIT
// Claims about the stack walk: whatever the frames, it gives what libunwind's cursor gives; and so does
// a capture, which may have seen the stack before.
#include "stack/walk.h"

#include "stack/capture.h"
#include "stack/libunwind.h"
#include "support.h"
#include "walk_frames.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { TREES = 1200, DEPTH = 40, COROUTINE_STACK = 256 * 1024 };

static struct rg_walker walker;
static struct rg_capture capture;
static size_t walks, frames_walked, shorter;

static const walk_frame_fn *const variants[] = {walk_frames_o0, walk_frames_o2, walk_frames_os,
                                                walk_frames_fp};

static void print_stack(const char *title, const uintptr_t *pcs, size_t count) {
    fprintf(stderr, "%s:\n", title);
    for (size_t i = 0; i < count; i++) {
        fprintf(stderr, "  %zu %#lx\n", i, pcs[i]);
    }
}

// The walk may end early where libunwind goes on, but never say anything else.
static void compare(const uintptr_t *ours, size_t our_count, const uintptr_t *theirs,
                    size_t their_count) {
    walks++;
    frames_walked += our_count;
    shorter += our_count < their_count;
    bool is_prefix =
        our_count <= their_count && memcmp(ours, theirs, our_count * sizeof *ours) == 0;
    if (!is_prefix) {
        print_stack("ours", ours, our_count);
        print_stack("libunwind's", theirs, their_count);
        abort();
    }
}

// As malloc would be called: a function with a frame pointer takes its caller's stack.
static RG_NOINLINE void check_here(void) {
    uintptr_t ours[RG_STACK_DEPTH_MAX], kept[RG_STACK_DEPTH_MAX], theirs[2 * RG_STACK_DEPTH_MAX];
    struct rg_caller caller = RG_CALLER();
    ucontext_t context;
    getcontext(&context);
    size_t our_count = rg_walk(&walker, &caller, ours, RG_STACK_DEPTH_MAX);
    size_t their_count = rg_libunwind_walk(&context, theirs, RG_ARRAY_LEN(theirs));
    struct rg_stack captured =
        rg_depot_get(rg_capture_stack(&capture, caller).id, kept, RG_STACK_DEPTH_MAX);
    require(captured.count == our_count);
    require(memcmp(captured.pcs, ours, our_count * sizeof ours[0]) == 0);
    size_t skip = 0;
    while (skip < their_count && theirs[skip] != caller.pc) {
        skip++;
    }
    require(skip < their_count);
    their_count -= skip;
    compare(ours, our_count, theirs + skip,
            their_count < RG_STACK_DEPTH_MAX ? their_count : RG_STACK_DEPTH_MAX);
}

static bool on_alternate_stack;
// volatile: the compiler believes that raise calls nothing here.
static struct walk_plan *volatile interrupted_plan;

static void continue_in_handler(int sig) {
    struct walk_plan *plan = interrupted_plan;
    (void)sig;
    plan->next(plan);
}

// Goes on in a signal handler.
static void go_through_signal(struct walk_plan *plan) {
    struct walk_plan *outer = interrupted_plan;
    interrupted_plan = plan;
    raise(SIGUSR1);
    interrupted_plan = outer;
}

static struct walk_plan *coroutine_plan;

static void continue_in_coroutine(void) {
    struct walk_plan *plan = coroutine_plan;
    plan->next(plan);
}

static void go_through_coroutine(struct walk_plan *plan) {
    ucontext_t here, there;
    void *stack =
        mmap(NULL, COROUTINE_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(stack != MAP_FAILED && getcontext(&there) == 0);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = COROUTINE_STACK;
    there.uc_link = &here;
    makecontext(&there, continue_in_coroutine, 0);
    coroutine_plan = plan;
    swapcontext(&here, &there);
    munmap(stack, COROUTINE_STACK);
}

static long next_frame(struct walk_plan *plan) {
    size_t r = random_below(&plan->seed, 100);
    if (plan->depth-- <= 0) {
        check_here();
        return 1;
    }
    if (r < 10) {
        check_here();
    }
    if (r == 50) {
        go_through_signal(plan);
        return 2;
    }
    // The kernel would start an alternate stack anew that is in use below a coroutine.
    if (r == 51 && !(on_alternate_stack && interrupted_plan)) {
        go_through_coroutine(plan);
        return 3;
    }
    const walk_frame_fn *frames = variants[random_below(&plan->seed, RG_ARRAY_LEN(variants))];
    long result = frames[random_below(&plan->seed, WALK_FRAME_COUNT)](plan, (long)(r * 3));
    return result + (long)r;
}

static void begin(void) {
    rg_libunwind_init();
    rg_libunwind_open();
    ucontext_t context;
    uintptr_t pcs[10];
    getcontext(&context);
    if (rg_libunwind_walk(&context, pcs, 10) == 0) {
        skip_isolated("libunwind.so.8 is not installed");
    }
}

static void handle(int sig, void (*fn)(int), int flags) {
    struct sigaction action = {.sa_handler = fn, .sa_flags = flags};
    require(sigaction(sig, &action, NULL) == 0);
}

static void walk_trees(int flags) {
    begin();
    handle(SIGUSR1, continue_in_handler, flags | SA_NODEFER);
    for (uint64_t i = 0; i < TREES; i++) {
        // Every other tree is the one before once more.
        uint64_t tree = i / 2;
        struct walk_plan plan = {
            .next = next_frame, .seed = tree * 77, .depth = (long)(tree % DEPTH) + 1};
        next_frame(&plan);
    }
    assert_true(walks > TREES && frames_walked > 10UL * TREES);
    assert_int_equal(shorter, 0);
}

static void gives_libunwinds_stack_in_random_call_trees(void) {
    walk_trees(0);
}

static void gives_libunwinds_stack_across_alternate_stacks(void) {
    static char stack[1 << 20];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    assert_int_equal(sigaltstack(&alternate, NULL), 0);
    on_alternate_stack = true;
    walk_trees(SA_ONSTACK);
}

// A frame further up the stack than any that is walked: the caller's rbp, and a return address.
static uintptr_t *other_frame;

static RG_NOINLINE long capture_twice(struct walk_plan *plan) {
    uintptr_t pcs[2][RG_STACK_DEPTH_MAX];
    struct rg_caller caller = RG_CALLER();
    struct rg_stack first =
        rg_depot_get(rg_capture_stack(&capture, caller).id, pcs[0], RG_STACK_DEPTH_MAX);
    (void)plan;
    other_frame[0] = *(uintptr_t *)caller.bp;
    other_frame[1] = (uintptr_t)&check_here + 1;
    caller.bp = (uintptr_t)other_frame;
    struct rg_stack second =
        rg_depot_get(rg_capture_stack(&capture, caller).id, pcs[1], RG_STACK_DEPTH_MAX);
    require(first.pcs[0] == second.pcs[0]);
    require(second.pcs[1] == other_frame[1] && first.pcs[1] != other_frame[1]);
    return 0;
}

// Same pc, same rsp, and nothing that was read has changed.
static void tells_callers_apart_by_their_rbp(void) {
    uintptr_t frame[2];
    struct walk_plan plan = {.next = capture_twice};
    other_frame = frame;
    walk_frames_o0[0](&plan, 1);
}

static void stops_at_the_depth_asked_for(void) {
    uintptr_t all[RG_STACK_DEPTH_MAX], some[RG_STACK_DEPTH_MAX + 1];
    struct rg_caller caller = RG_CALLER();
    size_t count = rg_walk(&walker, &caller, all, RG_STACK_DEPTH_MAX);
    assert_true(count > 3);
    assert_int_equal(all[0], caller.pc);
    for (size_t depth = 1; depth <= count; depth++) {
        some[depth] = 77;
        assert_int_equal(rg_walk(&walker, &caller, some, depth), depth);
        assert_memory_equal(some, all, depth * sizeof all[0]);
        assert_int_equal(some[depth], 77);
    }
}

static void look_up(uintptr_t pc) {
    uintptr_t pcs[2];
    struct rg_caller caller = RG_CALLER();
    caller.pc = pc + 1;
    rg_walk(&walker, &caller, pcs, 2);
}

static void keeps_two_rules_that_want_one_place(void) {
    struct rg_quick_table table = rg_quick_table(&walker);
    uintptr_t first = (uintptr_t)&check_here, second = first + 1;
    while (rg_quick_place(table, second) != rg_quick_place(table, first)) {
        second++;
    }
    look_up(first);
    look_up(second);
    unsigned place = rg_quick_place(table, first);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(table.rule[place].pc, second);
        assert_int_equal(table.rule[place ^ 1].pc, first);
        look_up(i % 2 ? second : first);
    }
}

static void keeps_its_rules_when_it_is_given_room(void) {
    static struct rg_quick_rule room[4 * RG_QUICK_OWN];
    uintptr_t pc = (uintptr_t)&check_here;
    look_up(pc);
    const unsigned place = rg_quick_place(rg_quick_table(&walker), pc);
    const struct rg_quick_rule rule = walker.own_quick[place];
    assert_int_equal(rule.pc, pc);
    assert_int_equal(rg_walk_wanted_rules(&walker), 0);
    // More pcs than fit, as long as it takes.
    for (uintptr_t other = pc + 1; !rg_walk_wanted_rules(&walker); other++) {
        look_up(other);
    }
    look_up(pc);
    assert_int_equal(rg_walk_wanted_rules(&walker), RG_ARRAY_LEN(room));
    rg_walk_give_room(&walker, room, RG_ARRAY_LEN(room));
    assert_int_equal(rg_walk_wanted_rules(&walker), 0);
    unsigned learnt = walker.learnt;
    look_up(pc);
    assert_int_equal(walker.learnt, learnt);
    assert_memory_equal(&room[rg_quick_place(rg_quick_table(&walker), pc)], &rule, sizeof rule);
}

static void gives_the_same_after_it_was_told_to_forget(void) {
    uintptr_t before[RG_STACK_DEPTH_MAX], after[RG_STACK_DEPTH_MAX];
    struct rg_caller caller = RG_CALLER();
    size_t count = rg_walk(&walker, &caller, before, RG_STACK_DEPTH_MAX);
    rg_walk_forget();
    assert_int_equal(rg_walk(&walker, &caller, after, RG_STACK_DEPTH_MAX), count);
    assert_memory_equal(before, after, count * sizeof before[0]);
}

// What rg_walk goes through in go_over_large_frame: a frame of several pages.
static RG_NOINLINE void walk_from_here(void) {
    uintptr_t pcs[RG_STACK_DEPTH_MAX];
    struct rg_caller caller = RG_CALLER();
    rg_walk(&walker, &caller, pcs, RG_STACK_DEPTH_MAX);
    require(walker.readable_from <= caller.sp);
}

static RG_NOINLINE void go_over_large_frame(void) {
    volatile char frame[5 * 4096];
    frame[0] = 1;
    walk_from_here();
    uintptr_t end = (uintptr_t)__builtin_frame_address(0);
    require(walker.readable_to > end);
    require(frame[0] == 1);
}

static void keeps_all_pages_of_a_large_frame_known(void) {
    begin();
    go_over_large_frame();
    uintptr_t from = walker.readable_from, to = walker.readable_to;
    go_over_large_frame();
    assert_int_equal(walker.readable_from, from);
    assert_int_equal(walker.readable_to, to);
}

static ucontext_t before_switch;
static bool is_deep;

static void walk_on_this_stack(void) {
    if (is_deep) {
        go_over_large_frame();
    } else {
        walk_from_here();
    }
}

static void (*on_this_stack)(void);

static void begin_on_this_stack(void) {
    on_this_stack();
}

static void run_on(char *stack) {
    ucontext_t there;
    assert_int_equal(getcontext(&there), 0);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = COROUTINE_STACK;
    there.uc_link = &before_switch;
    makecontext(&there, begin_on_this_stack, 0);
    swapcontext(&before_switch, &there);
}

static void walk_on(char *stack, bool deep) {
    is_deep = deep;
    on_this_stack = walk_on_this_stack;
    run_on(stack);
}

static void knows_two_stacks_that_take_turns(void) {
    char *stacks = mmap(NULL, 4UL * COROUTINE_STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(stacks != MAP_FAILED);
    begin();
    walk_on(stacks, true);
    uintptr_t from = walker.readable_from, to = walker.readable_to;
    assert_in_range(from, (uintptr_t)stacks, (uintptr_t)stacks + COROUTINE_STACK);
    for (int i = 0; i < 3; i++) {
        walk_on(stacks + 3UL * COROUTINE_STACK, false);
        assert_true(walker.readable_from > (uintptr_t)stacks + 2UL * COROUTINE_STACK);
        walk_on(stacks, false); // touches its last page only
        assert_int_equal(walker.readable_from, from);
        assert_int_equal(walker.readable_to, to);
    }
}

static RG_NOINLINE void capture_on_this_stack(void) {
    struct rg_caller caller = RG_CALLER();
    rg_capture_stack(&capture, caller);
}

static void recognises_stacks_that_take_turns(void) {
    char *stacks = mmap(NULL, 4UL * COROUTINE_STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(stacks != MAP_FAILED);
    begin();
    on_this_stack = capture_on_this_stack;
    uint64_t written = 0;
    for (int i = 0; i < 6; i++) {
        run_on(stacks + 3UL * COROUTINE_STACK);
        run_on(stacks);
        assert_true(i < 3 || capture.written == written);
        written = capture.written;
    }
    assert_true(written > 0);
}

static void ends_quietly_on_a_wild_frame(void) {
    uintptr_t pcs[RG_STACK_DEPTH_MAX];
    uint64_t seed = 21;
    for (int i = 0; i < 20000; i++) {
        uintptr_t sp = next_random(&seed) >> random_below(&seed, 64);
        uintptr_t bp = i % 2 ? sp + 16 : next_random(&seed);
        uintptr_t pc = i % 3 ? (uintptr_t)&check_here + random_below(&seed, 200) : bp;
        struct rg_caller caller = {pc, i % 4 ? sp & ~15UL : (uintptr_t)&sp, bp};
        errno = 123;
        size_t count = rg_walk(&walker, &caller, pcs, RG_STACK_DEPTH_MAX);
        require(count >= 1 && pcs[0] == pc && errno == 123);
    }
}

static size_t steps;

static void compare_context(int sig, siginfo_t *info, void *arg) {
    uintptr_t ours[RG_STACK_DEPTH_MAX], theirs[RG_STACK_DEPTH_MAX];
    (void)sig;
    (void)info;
    steps++;
    size_t our_count = rg_walk_context(&walker, arg, ours, RG_STACK_DEPTH_MAX);
    size_t their_count = rg_libunwind_walk(arg, theirs, RG_STACK_DEPTH_MAX);
    require((ours[0] & ~RG_PC_EXACT) == (uintptr_t)((ucontext_t *)arg)->uc_mcontext.gregs[REG_RIP]);
    compare(ours, our_count, theirs, their_count);
}

// From one to the other every instruction ends in SIGTRAP. In assembler, so that the unwind table is right
// in between too.
void begin_single_steps(void);
void end_single_steps(void);
#define CHANGE_TRAP_FLAG(name, instruction)                                                        \
    __asm__(".pushsection .text\n" name ":\n\t.cfi_startproc\n\tpushfq\n\t"                        \
            ".cfi_adjust_cfa_offset 8\n\t" instruction "\n\tpopfq\n\t"                             \
            ".cfi_adjust_cfa_offset -8\n\tret\n\t.cfi_endproc\n\t.popsection")
CHANGE_TRAP_FLAG("begin_single_steps", "orq $0x100, (%rsp)");
CHANGE_TRAP_FLAG("end_single_steps", "andq $~0x100, (%rsp)");

// Not instrumented, and no function is called that a sanitizer replaces: the handler must not interrupt the
// sanitizer while it holds a lock.
static RG_NO_SANITIZE long quiet_next(struct walk_plan *plan) {
    if (plan->depth-- <= 0) {
        return 1;
    }
    const walk_frame_fn *frames = variants[plan->seed++ % RG_ARRAY_LEN(variants)];
    return frames[plan->depth % WALK_FRAME_COUNT](plan, plan->depth);
}

static RG_NO_SANITIZE RG_NOINLINE void run_in_single_steps(struct walk_plan *plan) {
    begin_single_steps();
    quiet_next(plan);
    end_single_steps();
}

static void gives_libunwinds_stack_at_every_instruction(void) {
    begin();
    struct sigaction action = {.sa_sigaction = compare_context, .sa_flags = SA_SIGINFO};
    assert_int_equal(sigaction(SIGTRAP, &action, NULL), 0);
    for (uint64_t start = 0; start < RG_ARRAY_LEN(variants); start++) {
        struct walk_plan plan = {.next = quiet_next, .seed = start, .depth = 2 * WALK_FRAME_COUNT};
        run_in_single_steps(&plan);
    }
    assert_true(steps > 2000);
    assert_int_equal(shorter, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(gives_libunwinds_stack_in_random_call_trees),
        isolated(gives_libunwinds_stack_across_alternate_stacks),
        isolated(tells_callers_apart_by_their_rbp),
        isolated(stops_at_the_depth_asked_for),
        isolated(keeps_two_rules_that_want_one_place),
        isolated(keeps_its_rules_when_it_is_given_room),
        isolated(gives_the_same_after_it_was_told_to_forget),
        isolated(keeps_all_pages_of_a_large_frame_known),
        isolated(knows_two_stacks_that_take_turns),
        isolated(recognises_stacks_that_take_turns),
        isolated(ends_quietly_on_a_wild_frame),
        isolated(gives_libunwinds_stack_at_every_instruction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
