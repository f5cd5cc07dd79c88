// SPDX-License-Identifier: MIT
// Claims about what a capture remembers: which stacks, for how long, and that it tells them apart. That its stacks are
// those of a walk is claimed in test_walk.c.
#include "stack/capture.h"

#include "support.h"

static struct rg_capture capture;

static RG_NOINLINE struct rg_captured capture_here(void) {
    struct rg_caller caller = RG_CALLER();
    return rg_capture_stack(&capture, caller);
}

static void remembers_stacks_also_when_positions_are_used_up(void) {
    // Not in registers, which may be saved on the stack: that must not change.
    static volatile unsigned i;
    static volatile uint32_t written[5];
    for (i = 0; i < RG_ARRAY_LEN(written); i++) {
        if (i == 1) {
            capture.written = RG_TRACE_POSITIONS;
        }
        capture_here();
        written[i] = capture.written;
    }
    assert_int_equal(written[0], 0);
    assert_in_range(written[1], RG_TRACE_RING_MOST + 1, RG_TRACE_RING_MOST + RG_TRACE_RING_FIRST);
    assert_int_equal(written[4], written[1]);
}

static struct rg_trace_ref last_ref(void) {
    struct rg_trace_ref last = {0};
    for (unsigned set = 0; set < RG_TRACE_SETS; set++) {
        for (unsigned way = 0; way < RG_TRACE_WAYS; way++) {
            const struct rg_trace_ref ref = capture.ref[set][way];
            last = ref.position > last.position ? ref : last;
        }
    }
    return last;
}

static struct rg_trace *last_trace(void) {
    size_t unit = last_ref().position & (capture.ring_size - 1);
    return (struct rg_trace *)&capture.ring[unit * RG_TRACE_UNIT];
}

static void expect_nothing(void) {
    memset(capture.expected, 0, sizeof capture.expected);
}

static void set_all_refs(struct rg_trace_ref ref) {
    for (unsigned set = 0; set < RG_TRACE_SETS; set++) {
        for (unsigned way = 0; way < RG_TRACE_WAYS; way++) {
            capture.ref[set][way] = ref;
        }
    }
}

// Whatever a reference says, a trace of another caller at the same place is none of this one.
static void tells_callers_apart_whatever_leads_to_them(void) {
    static volatile unsigned i;
    static volatile uint32_t other, this;
    static struct rg_trace_ref ref;
    for (i = 0; i < 2; i++) {
        other = capture_here().id.v;
    }
    ref = last_ref();
    for (i = 0; i <= UINT8_MAX; i++) {
        ref.tag = (uint8_t)i;
        set_all_refs(ref);
        expect_nothing();
        this = capture_here().id.v;
        assert_true(this != other);
    }
}

static void passes_over_what_had_other_words(void) {
    static volatile unsigned i;
    static volatile uint32_t written;
    static struct rg_trace_ref ref;
    for (i = 0; i < 4; i++) {
        written = capture.written;
        capture_here();
        if (i > 0) {
            ref = last_ref();
            ref.sample ^= i == 2;
            set_all_refs(ref);
            expect_nothing();
        }
        assert_true(i == 0 || (capture.written > written) == (i != 2));
    }
}

static void compares_every_word(void) {
    // One call for all, or the stacks would differ.
    static volatile unsigned i, word;
    static volatile bool is_new;
    static volatile uint32_t written;
    for (i = 0; i < 2 || word < last_trace()->word_count; i++) {
        written = capture.written;
        capture_here();
        assert_int_equal(capture.written > written, is_new);
        is_new = i % 2 == 0;
        if (i > 0 && is_new) {
            last_trace()->value[word++]++;
        }
    }
    assert_true(word > 3);
}

static void remembers_a_stack_when_it_comes_for_the_second_time(void) {
    static volatile unsigned i;
    static volatile uint32_t written[3];
    for (i = 0; i < RG_ARRAY_LEN(written); i++) {
        capture_here();
        written[i] = capture.written;
    }
    assert_int_equal(written[0], 0);
    assert_true(written[1] > 0);
    assert_int_equal(written[2], written[1]);
}

static void enter_many_stacks(void) {
    while (rg_depot_count() < RG_TRACE_RING_FIRST / 2) {
        uintptr_t pc = 0x10000 + rg_depot_count();
        require(rg_depot_put(&pc, 1, 1).v != 0);
    }
}

// Whether both stacks are known afterwards: one remembered in this round of the ring, and one when so many units of it
// are left.
static bool remembers_two_in_round(uint32_t round, uint32_t left) {
    static volatile unsigned i;
    static volatile uint32_t written, began;
    static volatile bool knows_both = true;
    began = RG_TRACE_RING_MOST + round * RG_TRACE_RING_FIRST;
    for (i = 0; i < 8; i++) {
        if (i == 1) {
            capture.written = began + 1;
        } else if (i == 2) {
            assert_in_range(capture.written, began + 2, began + RG_TRACE_RING_FIRST / 2);
            assert_int_equal(capture.ring_size, RG_TRACE_RING_FIRST);
            capture.written = began + RG_TRACE_RING_FIRST - left;
        }
        written = capture.written;
        capture_here();
        if (i > 1) {
            capture_here();
        }
        knows_both &= i < 4 || capture.written == written;
    }
    assert_true(capture.written > began + RG_TRACE_RING_FIRST);
    return knows_both;
}

static void goes_round_where_there_are_few_stacks(void) {
    assert_false(remembers_two_in_round(0, 1));
    assert_int_equal(capture.ring_size, RG_TRACE_RING_FIRST);
}

static void remembers_what_it_did_when_there_is_more_room_for_it(void) {
    enter_many_stacks();
    assert_true(remembers_two_in_round(0, 1));
    assert_int_equal(capture.ring_size, RG_TRACE_RING_MOST);
}

static void gets_more_room_also_when_many_stacks_come_late(void) {
    enter_many_stacks();
    assert_true(remembers_two_in_round(10, 1));
    assert_int_equal(capture.ring_size, RG_TRACE_RING_MOST);
}

static void gets_more_room_when_a_round_ends_to_the_unit(void) {
    enter_many_stacks();
    assert_true(remembers_two_in_round(3, 0));
    assert_int_equal(capture.ring_size, RG_TRACE_RING_MOST);
}

static void expects_what_came_next_the_last_time(void) {
    static volatile unsigned i;
    static volatile uint64_t written;
    for (i = 0; i < 6; i++) {
        capture_here();
        capture_here();
        if (i == 2) {
            // There is no other way left to them.
            memset(capture.ref, 0, sizeof capture.ref);
            written = capture.written;
        }
    }
    assert_int_equal(capture.written, written);
}

static struct rg_captured captured_below;

// Frames that differ by their return addresses alone.
static RG_NOINLINE void go_this_way(unsigned frames, unsigned way);

static RG_NOINLINE void go_that_way(unsigned frames, unsigned way) {
    if (frames == 0) {
        captured_below = capture_here();
    } else {
        (way & 1 ? go_this_way : go_that_way)(frames - 1, way >> 1);
    }
    __asm__ volatile("");
}

static void go_this_way(unsigned frames, unsigned way) {
    if (frames == 0) {
        captured_below = capture_here();
    } else {
        (way & 1 ? go_this_way : go_that_way)(frames - 1, way >> 1);
    }
    __asm__ volatile("" ::: "memory");
}

static void tells_stacks_of_one_layout_apart(void) {
    enum { WAYS = 8, ROUNDS = 6 };
    static volatile uint32_t ids[WAYS], written;
    static volatile unsigned round, way;
    for (round = 0; round < ROUNDS; round++) {
        written = round == 2 ? capture.written : written;
        for (way = 0; way < WAYS; way++) {
            // In another order each time, so that none is expected.
            unsigned at = (way * (2 * round + 1) + round) % WAYS;
            go_that_way(12, at * 0x91);
            assert_true(round == 0 || ids[at] == captured_below.id.v);
            ids[at] = captured_below.id.v;
        }
        for (way = 1; way < WAYS; way++) {
            assert_true(ids[way] != ids[way - 1]);
        }
    }
    assert_int_equal(capture.written, written);
}

static void knows_more_stacks_of_a_caller_than_a_set_holds(void) {
    enum { WAYS = 3 * RG_TRACE_WAYS, ROUNDS = 8 };
    static volatile uint32_t written;
    static volatile unsigned round, way;
    for (round = 0; round < ROUNDS; round++) {
        written = round == 3 ? capture.written : written;
        for (way = 0; way < WAYS; way++) {
            go_that_way(12, way * 5);
        }
    }
    assert_int_equal(capture.written, written);
}

static RG_NOINLINE void go_a_wide_way(unsigned frames, unsigned way);

static RG_NOINLINE void go_a_narrow_way(unsigned frames, unsigned way) {
    if (frames == 0) {
        captured_below = capture_here();
    } else {
        (way & 1 ? go_a_wide_way : go_a_narrow_way)(frames - 1, way >> 1);
    }
    __asm__ volatile("");
}

static void go_a_wide_way(unsigned frames, unsigned way) {
    volatile char room[64];
    room[0] = 1;
    (way & 1 ? go_a_wide_way : go_a_narrow_way)(frames - 1, way >> 1);
    require(room[0] == 1);
}

// One caller at one place, by frames of two sizes in any order.
static void knows_stacks_of_many_layouts(void) {
    enum { ROUNDS = 6, FRAMES = 8, WIDE = 3 };
    static volatile uint32_t written;
    static volatile unsigned round, way;
    for (round = 0; round < ROUNDS; round++) {
        written = round == 2 ? capture.written : written;
        for (way = 0; way < 1U << (FRAMES - 4); way++) {
            if (__builtin_popcount(way) == WIDE) {
                expect_nothing();
                go_a_narrow_way(FRAMES, way);
            }
        }
    }
    assert_int_equal(capture.written, written);
    assert_true(written > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(remembers_stacks_also_when_positions_are_used_up),
        isolated(tells_callers_apart_whatever_leads_to_them),
        isolated(passes_over_what_had_other_words),
        isolated(compares_every_word),
        isolated(remembers_a_stack_when_it_comes_for_the_second_time),
        isolated(goes_round_where_there_are_few_stacks),
        isolated(remembers_what_it_did_when_there_is_more_room_for_it),
        isolated(gets_more_room_also_when_many_stacks_come_late),
        isolated(gets_more_room_when_a_round_ends_to_the_unit),
        isolated(expects_what_came_next_the_last_time),
        isolated(tells_stacks_of_one_layout_apart),
        isolated(knows_more_stacks_of_a_caller_than_a_set_holds),
        isolated(knows_stacks_of_many_layouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
