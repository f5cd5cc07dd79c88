// SPDX-License-Identifier: MIT
// Claims about the words of a report, on a made-up story.
#include "report/text.h"

#include "support.h"

static struct rg_finding finding;
static struct rg_story story;
static char text[65536];

static void add_frame(struct rg_frames *r, const char *function, const char *file, int line,
                      bool is_system) {
    struct rg_frame *f = &r->frame[r->count++];
    *f = (struct rg_frame){.line = line, .is_system = is_system, .offset = 0x1234};
    strcpy(f->function, function);
    strcpy(f->file, file);
    strcpy(f->module, is_system ? "libc.so.6" : "program");
}

// memcpy called by read_name, which was moved by grow in table.c.
static void begin(void) {
    memset(&story, 0, sizeof story);
    memset(&finding, 0, sizeof finding);
    story.finding = &finding;
    story.pid = 4711;
    add_frame(&story.access, "memcpy", "/build/glibc/memcpy.S", 12, true);
    add_frame(&story.access, "read_name", "/home/me/src/name.c", 77, false);
    add_frame(&story.access, "main", "/home/me/src/main.c", 5, false);
    story.access.own = 1;
    add_frame(&story.moved, "grow", "/home/me/src/table.c", 123, false);
    add_frame(&story.ended, "drop", "/home/me/src/drop.c", 9, false);
    add_frame(&story.born, "create", "/home/me/src/table.c", 45, false);
    finding.operation = RG_OP_READ;
    finding.trouble = RG_TROUBLE_STALE;
    finding.address = 0x10010;
    finding.access_bytes = 8;
    finding.thread = 3;
    finding.tid = 4712;
    strcpy(finding.thread_name, "worker");
    finding.has_block = true;
    finding.block = (struct rg_block_facts){
        .address = 0x10000,
        .size = 24,
        .state = RG_BLOCK_MOVED,
        .moved_to = 0x20000,
        .alloc_thread = 1,
        .end_thread = 2,
    };
    finding.origin = finding.block;
    finding.today = RG_TODAY_LIVE;
    finding.today_address = 0x20000;
    finding.today_size = 48;
}

static const char *put(void) {
    struct rg_buf b;
    rg_buf_init(&b, text, sizeof text);
    rg_text_put_report(&b, &story);
    assert_false(b.truncated);
    assert_true(b.len > 2);
    assert_string_equal(text + b.len - 2, "\n\n");
    return text;
}

#define assert_says(phrase)     assert_non_null(strstr(text, (phrase)))
#define assert_not_said(phrase) assert_null(strstr(text, (phrase)))

static void names_both_places_in_the_headline(void **state) {
    (void)state;
    begin();
    put();
    char *end = strchr(text, '\n');
    *end = 0;
    assert_string_equal(text, "==4711== stale read: name.c:77 uses a pointer that realloc moved "
                              "away from at table.c:123");
}

static void colours_only_when_asked(void **state) {
    (void)state;
    static char plain[sizeof text];
    begin();
    strcpy(plain, put());
    assert_null(strchr(plain, '\033'));
    story.color = true;
    put();
    assert_says("\033[1;31mstale read\033[0m");
    // Without the colours it is the same text, and each line that switches one on switches it off.
    static char stripped[sizeof text];
    size_t n = 0;
    bool is_on = false;
    for (const char *c = text; *c; c++) {
        if (*c == '\033') {
            is_on = strncmp(c, "\033[0m", 4) != 0;
            c = strchr(c, 'm');
        } else {
            stripped[n++] = *c;
        }
    }
    assert_false(is_on);
    assert_string_equal(stripped, plain);
}

static void says_where_in_the_old_block_the_address_lies(void **state) {
    (void)state;
    begin();
    put();
    assert_says(
        "read of 8 bytes at 0x10010, at offset 16 of the old block of 24 bytes, by thread 3 "
        "(tid 4712, \"worker\")");
    finding.address = 0x10018;
    put();
    assert_says("0 bytes past the end of the old block of 24 bytes");
    finding.address = 0xffff;
    put();
    assert_says("1 byte before the old block of 24 bytes");
    finding.access_bytes = 0;
    put();
    assert_says("read at 0xffff");
}

static void marks_the_first_frame_of_ones_own(void **state) {
    (void)state;
    begin();
    put();
    assert_says("\n       #0 memcpy  (libc.so.6+0x1234)\n    => #1 read_name  "
                "/home/me/src/name.c:77\n       #2 main  /home/me/src/main.c:5\n");
}

static void tells_the_life_of_a_block_that_moved_more_than_once(void **state) {
    (void)state;
    begin();
    put();
    assert_not_said("life of the block");
    finding.moves_before = 4;
    rg_lineage_add(&finding.before, 8, 24);
    rg_lineage_add(&finding.before, 7, 20);
    rg_lineage_add(&finding.before, 7, 18);
    rg_lineage_add(&finding.before, 6, 16);
    rg_lineage_add(&finding.before, 5, 1);
    strcpy(story.before[0], "d.c:4");
    strcpy(story.before[1], "c.c:3");
    strcpy(story.before[3], "a.c:1");
    finding.moves_since = 1;
    rg_lineage_add(&finding.after, 9, 48);
    rg_lineage_add(&finding.after, 10, 0);
    strcpy(story.after[0], "e.c:5");
    strcpy(story.after[1], "f.c:6");
    finding.today = RG_TODAY_FREED;
    put();
    assert_says("  life of the block\n"
                "         1 byte   allocated at a.c:1\n"
                "        16 bytes  moved at an unknown place\n"
                "        20 bytes  moved 2 times at c.c:3, first to 18\n"
                "        24 bytes  moved at d.c:4\n"
                "                =>  the pointer that was used is from here\n"
                "        48 bytes  moved at e.c:5\n"
                "         ? bytes  moved at f.c:6\n"
                "                    freed at drop.c:9\n"
                "  advice: ");
}

static void leaves_the_middle_of_a_long_life_out(void **state) {
    (void)state;
    begin();
    finding.moves_before = 9;
    for (uint32_t n = 0; n < 10; n++) {
        rg_lineage_add(&finding.before, n + 1, 100 - n);
    }
    for (unsigned n = 0; n < RG_STORY_STEPS; n++) {
        sprintf(story.before[n], "step.c:%u", n);
    }
    finding.origin.is_brief = true;
    put();
    assert_says("        91 bytes  what was before is not known any more\n"
                "        92 bytes  moved at step.c:4\n"
                "        93 bytes  moved at step.c:3\n"
                "               ...  4 more moves\n"
                "        98 bytes  moved at step.c:2\n"
                "        99 bytes  moved at step.c:1\n"
                "       100 bytes  moved at step.c:0\n"
                "                =>  the pointer that was used is from here\n");
    assert_says("                    live today\n");
}

static void tells_what_became_of_the_block(void **state) {
    (void)state;
    begin();
    put();
    assert_says("today the block is live at 0x20000 (48 bytes)");
    assert_not_said("drop.c");
    finding.moves_since = 2;
    put();
    assert_says("today the block, moved 2 more times, is live at 0x20000");
    finding.today = RG_TODAY_FREED;
    finding.moves_since = 1;
    finding.end_thread = 5;
    put();
    assert_says("moved 1 more time, is gone: freed by thread 5");
    assert_says("/home/me/src/drop.c:9");
    finding.today = RG_TODAY_RELEASED;
    put();
    assert_says("is gone: freed by realloc(pointer, 0) by thread 5");
}

static void tells_where_the_block_was_born(void **state) {
    (void)state;
    begin();
    finding.origin.size = 1;
    put();
    assert_says("allocated (1 byte) by thread 1\n");
    assert_says("/home/me/src/table.c:45");
    finding.moves_before = 3;
    put();
    assert_says("allocated (1 byte) by thread 1, and moved 3 times before that\n");
}

static void tells_of_a_block_freed_by_realloc_to_zero(void **state) {
    (void)state;
    begin();
    finding.operation = RG_OP_FREE;
    finding.block.state = RG_BLOCK_RELEASED;
    put();
    assert_says("stale free: name.c:77 uses a pointer that realloc(pointer, 0) freed at "
                "table.c:123\n");
    assert_says("freed by realloc(pointer, 0), by thread 2");
    assert_says("advice: realloc with size 0 at table.c:123 has freed the block");
}

static void tells_of_a_double_free(void **state) {
    (void)state;
    begin();
    finding.operation = RG_OP_FREE;
    finding.trouble = RG_TROUBLE_FREED;
    finding.block.state = RG_BLOCK_FREE;
    finding.address = finding.block.address;
    finding.access_bytes = 0;
    put();
    assert_says("double free: name.c:77 uses a block that was freed at table.c:123");
    assert_says("free of 0x10000, at offset 0 of the block of 24 bytes");
    assert_says("freed by thread 2");
    assert_not_said("today");
}

static void tells_of_a_pointer_that_is_none_of_ours(void **state) {
    (void)state;
    begin();
    finding.operation = RG_OP_FREE;
    finding.trouble = RG_TROUBLE_FOREIGN;
    finding.has_block = false;
    put();
    assert_says("passes a pointer that no allocation returned\n");
    assert_not_said("allocated (");
    assert_not_said("moved by realloc");
    finding.trouble = RG_TROUBLE_INTERIOR;
    finding.has_block = true;
    finding.block.state = RG_BLOCK_LIVE;
    put();
    assert_says("passes a pointer into the middle of memory of the heap\n");
    assert_says("pass the pointer that the allocation returned, 0x10000.");
}

static void advises_to_compute_an_inner_pointer_anew(void **state) {
    (void)state;
    begin();
    put();
    assert_says("advice: the result of the realloc at table.c:123 was not stored back where this "
                "access takes its pointer from.");
    assert_not_said("compute it anew");
    story.access.own = 0;
    story.access.frame[0].is_system = false;
    put();
    assert_says("compute it anew after realloc");
    finding.address = finding.block.address;
    put();
    assert_not_said("compute it anew");
}

static void makes_do_without_lines_functions_or_stacks(void **state) {
    (void)state;
    begin();
    struct rg_frame *f = &story.access.frame[1];
    f->file[0] = 0;
    put();
    assert_says(": read_name (program) uses");
    f->function[0] = 0;
    strcpy(f->build_id, "abcdef");
    put();
    assert_says(": program+0x1234 uses");
    assert_says("=> #1 ??  (program+0x1234) build-id abcdef");
    f->module[0] = 0;
    put();
    assert_says(": ?+0x1234 uses");
    story.access.own = story.access.count;
    put();
    assert_says(": memcpy.S:12 uses");
    story.moved.count = 0;
    story.moved.own = 0;
    put();
    assert_says("away from at an unknown place\n");
    assert_says("(no stack was recorded)");
}

static void takes_no_block_that_is_being_moved_for_a_freed_one(void **state) {
    (void)state;
    begin();
    finding.trouble = RG_TROUBLE_BEYOND;
    finding.block.state = RG_BLOCK_MOVING;
    finding.moves_before = 2;
    rg_lineage_add(&finding.before, 1, 24);
    rg_lineage_add(&finding.before, 2, 16);
    rg_lineage_add(&finding.before, 3, 8);
    put();
    assert_says("past the end of a block of 24 bytes");
    assert_says("  life of the block\n");
    assert_not_said("freed");
    assert_not_said("today");
}

static void says_that_details_were_dropped(void **state) {
    (void)state;
    begin();
    story.history = 1000;
    finding.block.is_brief = finding.origin.is_brief = finding.end_is_brief = true;
    finding.today = RG_TODAY_FREED;
    put();
    assert_says("moved by realloc from 24 bytes, to 0x20000\n    => #0 grow");
    assert_says(
        "today the block is gone: freed\n  who allocated it was dropped: such details are kept of "
        "the last 1000 blocks that realloc moved; the option history=N keeps those of the last N");
    assert_not_said("by thread 2");
    assert_not_said("drop.c");
    assert_not_said("create");
    finding.block.is_brief = false;
    finding.moves_before = 2;
    put();
    assert_says("moved 2 times before that; who allocated it was dropped");
    assert_says("by thread 2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_both_places_in_the_headline),
        cmocka_unit_test(colours_only_when_asked),
        cmocka_unit_test(says_where_in_the_old_block_the_address_lies),
        cmocka_unit_test(marks_the_first_frame_of_ones_own),
        cmocka_unit_test(tells_the_life_of_a_block_that_moved_more_than_once),
        cmocka_unit_test(leaves_the_middle_of_a_long_life_out),
        cmocka_unit_test(tells_what_became_of_the_block),
        cmocka_unit_test(tells_where_the_block_was_born),
        cmocka_unit_test(tells_of_a_block_freed_by_realloc_to_zero),
        cmocka_unit_test(tells_of_a_double_free),
        cmocka_unit_test(tells_of_a_pointer_that_is_none_of_ours),
        cmocka_unit_test(advises_to_compute_an_inner_pointer_anew),
        cmocka_unit_test(makes_do_without_lines_functions_or_stacks),
        cmocka_unit_test(takes_no_block_that_is_being_moved_for_a_freed_one),
        cmocka_unit_test(says_that_details_were_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
