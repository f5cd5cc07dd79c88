// SPDX-License-Identifier: MIT
// Writes made-up findings of every kind and shape, and every other line, for machines to the file JSON; the same
// findings for a person to the file TEXT: made_up JSON TEXT. Names hold whatever a name can hold. Of those with deep
// stacks, for which a line has no room, there is no text.
#include "report/json_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct rg_finding finding;
static struct rg_story story;
static char line[RG_JSON_LINE_CAP], text[RG_JSON_LINE_CAP];
static FILE *json_file, *text_file;
static unsigned number;

// No UTF-8: a byte alone, cut characters, a surrogate, what is not in the shortest form, what is too large.
#define NOT_UTF8                                                                                   \
    "\xff|\xc3|\xe2\x82|\xed\xa0\x80|\xc0\xaf|\xe0\x80\xaf|\xf4\x90\x80\x80|\xf0\x9f\x98"
#define UTF8 "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xed\x9f\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf\x7f"

static struct rg_frame *add_frame(struct rg_frames *r, const char *function, const char *file) {
    struct rg_frame *f = &r->frame[r->count++];
    *f = (struct rg_frame){.offset = 0x1234 + r->count, .pc = 0x7fff00001234 + r->count};
    strcpy(f->function, function);
    strcpy(f->file, file);
    strcpy(f->path, "/home/me/a\\b \"c\"\t" NOT_UTF8);
    strcpy(f->module, "a\\b \"c\"\t" NOT_UTF8);
    strcpy(f->path + strlen(f->path), "/");
    strcpy(f->path + strlen(f->path), f->module);
    strcpy(f->build_id, "0123456789abcdef");
    f->line = file[0] ? (int)(10 + r->count) : 0;
    return f;
}

static void fill_stack(struct rg_frames *r, const char *file) {
    memset(r, 0, sizeof *r);
    add_frame(r, "memcpy", "string/memcpy.S")->is_system = true;
    add_frame(r, "", "")->is_system = true;
    add_frame(r, "std::map<char, T<'\"'> >::operator[](\"\\\") const " UTF8, file)->inlined = true;
    add_frame(r, "", "")->column = 7;
    add_frame(r, "", "");
    struct rg_frame *f = add_frame(r, "generated", "");
    f->path[0] = f->module[0] = f->build_id[0] = 0;
    add_frame(r, "main", "/src/ma\"in\n\x01\x1f" NOT_UTF8 ".c")->column = 3;
    r->own = 2;
}

// As deep as it can be, of names that are as long as they can be written.
static void fill_deep_stack(struct rg_frames *r) {
    memset(r, 0, sizeof *r);
    while (r->count < RG_FRAMES_MAX) {
        struct rg_frame *f = add_frame(r, "f", "g");
        memset(f->function, 1, sizeof f->function - 1);
        memset(f->file, 2, sizeof f->file - 1);
        memset(f->path, 3, sizeof f->path - 1);
    }
}

static void fill_stacks(void) {
    fill_stack(&story.access, "/src/access.c");
    fill_stack(&story.moved, "/src/mo\xff"
                             "ved.c");
    fill_stack(&story.ended, "/src/ended.c");
    memset(&story.born, 0, sizeof story.born); // nothing is known
}

static void put_finding(bool has_text) {
    struct rg_buf b;
    story.finding = &finding;
    story.history = 1000;
    rg_buf_init(&b, line, sizeof line);
    rg_json_put_finding(&b, &story, ++number);
    fwrite(b.data, 1, b.len, json_file);
    if (has_text) {
        rg_buf_init(&b, text, sizeof text);
        rg_text_put_report(&b, &story);
        fwrite(b.data, 1, b.len, text_file);
    }
}

static void make_up_life(void) {
    memset(&finding.before, 0, sizeof finding.before);
    memset(&finding.after, 0, sizeof finding.after);
    for (uint32_t i = 0; i <= finding.moves_before; i++) {
        rg_lineage_add(&finding.before, i + 1, 100 - i);
    }
    bool is_moved = finding.block.state == RG_BLOCK_MOVED;
    for (uint32_t i = 0; is_moved && i <= finding.moves_since; i++) {
        rg_lineage_add(&finding.after, i / 2 + 50, i % 3 == 2 ? 0 : 200 + i);
    }
    for (unsigned i = 0; i < RG_STORY_STEPS; i++) {
        sprintf(story.before[i], "\"%u\".c:%u", i, i);
        sprintf(story.after[i], i == 1 ? "" : "after.c:%u", i);
    }
}

// All that a block of this state may be.
static void put_shapes(enum rg_block_state state) {
    for (unsigned shape = 0; shape < 48; shape++) {
        bool is_brief = shape & 1, is_end_brief = shape & 2;
        finding.has_block = true;
        finding.block = (struct rg_block_facts){
            .address = 0x10000,
            .size = shape & 4 ? 1 : 24,
            .state = state,
            .is_brief = is_brief && state != RG_BLOCK_LIVE && state != RG_BLOCK_MOVING,
            .family = (enum rg_family)(shape % 4),
            .moved_to = 0x20000,
            .end_thread = 2,
        };
        finding.address = 0x10000 + (shape * 7) % 40 - 4;
        finding.access_bytes = finding.operation <= RG_OP_WRITE ? shape % 3 : 0;
        finding.origin = finding.block;
        finding.origin.alloc_thread = 1;
        finding.knows_moved_size = state == RG_BLOCK_MOVED && (shape & 4);
        finding.moved_size = finding.knows_moved_size ? 20 + shape : 0;
        finding.today = (enum rg_today)(shape / 16);
        finding.today_address = 0x20000;
        finding.today_size = shape;
        finding.end_thread = 3;
        finding.end_is_brief = is_end_brief && finding.today != RG_TODAY_LIVE;
        finding.moves_before = shape % 5 == 4 ? 9 : shape % 5;
        finding.moves_since = state == RG_BLOCK_MOVED ? shape % 7 * 3 : 0;
        finding.call = finding.operation == RG_OP_READ && shape % 8 == 7 ? "fputs" : NULL;
        finding.argument = finding.call ? "s" : NULL;
        make_up_life();
        put_finding(true);
    }
}

static void put_kind(void) {
    static const enum rg_block_state all[] = {RG_BLOCK_LIVE,     RG_BLOCK_FREE,  RG_BLOCK_MOVED,
                                              RG_BLOCK_RELEASED, RG_BLOCK_ENDED, RG_BLOCK_UNUSED};
    static const enum rg_block_state moved[] = {RG_BLOCK_MOVED, RG_BLOCK_RELEASED, RG_BLOCK_UNUSED};
    static const enum rg_block_state freed[] = {RG_BLOCK_FREE, RG_BLOCK_ENDED, RG_BLOCK_UNUSED};
    static const enum rg_block_state busy[] = {RG_BLOCK_MOVING, RG_BLOCK_UNUSED};
    static const enum rg_block_state live[] = {RG_BLOCK_LIVE, RG_BLOCK_MOVING, RG_BLOCK_UNUSED};
    enum rg_trouble trouble = finding.trouble;
    const enum rg_block_state *states = trouble == RG_TROUBLE_STALE      ? moved
                                        : trouble == RG_TROUBLE_FREED    ? freed
                                        : trouble == RG_TROUBLE_BUSY     ? busy
                                        : trouble == RG_TROUBLE_INTERIOR ? all
                                                                         : live;
    finding.wanted = trouble == RG_TROUBLE_SIZE ? SIZE_MAX - 3 : 77;
    finding.times = 0;
    for (; *states != RG_BLOCK_UNUSED; states++) {
        finding.cut_off = trouble == RG_TROUBLE_BEYOND && number % 2 ? 16 : 0;
        put_shapes(*states);
    }
    if (trouble == RG_TROUBLE_INTERIOR || trouble == RG_TROUBLE_FOREIGN ||
        trouble == RG_TROUBLE_SIZE || trouble == RG_TROUBLE_LOST || trouble == RG_TROUBLE_RESULT) {
        finding.has_block = false;
        finding.times = trouble == RG_TROUBLE_SIZE ? 1UL << 62 : 0;
        put_finding(true);
    }
}

static bool can_be(void) {
    enum rg_operation operation = finding.operation;
    bool is_access = operation <= RG_OP_EXECUTE;
    switch (finding.trouble) {
    case RG_TROUBLE_BEYOND:
    case RG_TROUBLE_RESULT:
        return is_access;
    case RG_TROUBLE_OVERRUN:
        return !is_access && operation != RG_OP_USABLE_SIZE;
    case RG_TROUBLE_LOST:
        return operation == RG_OP_REALLOC;
    case RG_TROUBLE_LEAK:
        return operation == RG_OP_EXIT;
    default:
        return operation < RG_OP_FORK && rg_finding_kind_id(&finding)[0];
    }
}

static void put_kinds(void) {
    for (int operation = RG_OP_READ; operation <= RG_OP_EXIT; operation++) {
        for (int trouble = 0; trouble < RG_TROUBLE_TROUBLES; trouble++) {
            memset(&finding, 0, sizeof finding);
            finding.operation = (enum rg_operation)operation;
            finding.trouble = (enum rg_trouble)trouble;
            finding.thread = 3;
            finding.tid = 4712;
            finding.damage_first = number % 3;
            finding.damage_count = 1 + number % 2;
            finding.leaked_blocks = number % 3;
            finding.leaked_bytes = number % 3 * 40;
            finding.indirect_blocks = 2 - number % 2 * 2 + (number % 3 == 0);
            finding.indirect_bytes = finding.indirect_blocks * 7;
            strcpy(finding.thread_name, number % 2 ? "\"wor\\ker\"\n\xe2\x82" : "");
            if (can_be()) {
                put_kind();
            }
        }
    }
}

static void put_deep(void) {
    memset(&finding, 0, sizeof finding);
    finding.operation = RG_OP_WRITE;
    finding.trouble = RG_TROUBLE_STALE;
    fill_deep_stack(&story.access);
    fill_deep_stack(&story.moved);
    fill_deep_stack(&story.ended);
    fill_deep_stack(&story.born);
    finding.has_block = true;
    finding.block.state = RG_BLOCK_MOVED;
    finding.today = RG_TODAY_FREED;
    put_finding(false);
}

static void put_others(void) {
    struct rg_buf b;
    rg_buf_init(&b, line, sizeof line);
    rg_json_put_again(&b, number, 2);
    rg_json_put_note(&b, &(struct rg_note){.text = "a \"note\"\n" NOT_UTF8});
    rg_json_put_note(&b, &(struct rg_note){.topic = "lost", .text = "lost", .lines = 3});
    rg_json_put_note(&b, &(struct rg_note){.topic = "internal-error", .text = "a\nb\n"});
    rg_json_put_note(
        &b, &(struct rg_note){
                .topic = "failing", .text = "", .frames = &story.access, .size = SIZE_MAX});
    rg_json_put_note(
        &b, &(struct rg_note){.topic = "luck", .text = "luck", .frames = &story.born, .moves = 1});
    rg_json_put_note(&b, &(struct rg_note){.topic = "suppression",
                                           .text = "suppressed",
                                           .suppression = "stale-write:\"a\\\t" NOT_UTF8,
                                           .suppression_file = "/a \"b\"/" UTF8,
                                           .suppression_line = 3,
                                           .misuses = 1,
                                           .occurrences = 2});
    rg_json_put_summary(&b, &(struct rg_summary){
                                .misuses = number,
                                .occurrences = number + 1,
                                .not_kept = 1,
                                .suppressed = 2,
                                .suppressed_occurrences = 3,
                                .seal = {.lapsed = 2, .sealed = 9, .by_mprotect = 4},
                                .symbolizer_failure = "did not answer",
                                .lost_lines = 5,
                            });
    fwrite(b.data, 1, b.len, json_file);
    fill_deep_stack(&story.access);
    rg_buf_init(&b, line, 32 * 1024);
    rg_json_put_note(
        &b, &(struct rg_note){.topic = "luck", .text = "", .frames = &story.access, .moves = 1});
    fwrite(b.data, 1, b.len, json_file);
}

int main(int argc, char **argv) {
    json_file = argc == 3 ? fopen(argv[1], "w") : NULL;
    text_file = argc == 3 ? fopen(argv[2], "w") : NULL;
    if (!json_file || !text_file) {
        return 2;
    }
    story.pid = (int)getpid();
    fill_stacks();
    put_kinds();
    put_others();
    put_deep();
    return fclose(json_file) || fclose(text_file);
}
