// SPDX-License-Identifier: MIT
// Claims about which findings are suppressed, and how they are counted, on made-up stories.
#include "report/suppressed.h"

#include "../support/temporary.h"
#include "base/options.h"
#include "report/sink.h"
#include "support.h"

static struct rg_finding finding;
static struct rg_story story;
static char said[4096];

static void note(const char *text, size_t len) {
    require(strlen(said) + len < sizeof said);
    strncat(said, text, len);
}

static void add_frame(struct rg_frames *r, const char *function) {
    struct rg_frame *f = &r->frame[r->count++];
    *f = (struct rg_frame){0};
    strcpy(f->function, function);
    strcpy(f->path, "/bin/program");
}

// A write by copy_name, called by main, to a block from make_name.
static void begin(const char *lines) {
    char name[] = "/tmp/rg-suppressed-" SIX_X;
    int fd = mkstemp(name);
    require(fd >= 0 && write(fd, lines, strlen(lines)) == (ssize_t)strlen(lines) && close(fd) == 0);
    strcpy(rg_options.suppressions, name);
    rg_suppressed_init();
    unlink(name);
    rg_sink_set(note);
    story.finding = &finding;
    add_frame(&story.access, "copy_name");
    add_frame(&story.access, "main");
    add_frame(&story.born, "make_name");
    finding.operation = RG_OP_WRITE;
    finding.trouble = RG_TROUBLE_STALE;
}

static void assert_counts(size_t misuses, size_t occurrences) {
    struct rg_suppressed_counts counts = rg_suppressed_count();
    assert_int_equal(counts.misuses, misuses);
    assert_int_equal(counts.occurrences, occurrences);
}

static void counts_a_finding_that_it_knows(void) {
    unsigned number = 0;
    begin("stale-read:*\nstale-write:copy\n*:*\n");
    assert_true(rg_suppressed_is_on());
    assert_int_equal(rg_suppressed_find(7), 0);
    assert_true(rg_suppressed_check(&story, 7, &number));
    assert_true(number > 0);
    assert_int_equal(rg_suppressed_find(7), number);
    assert_int_equal(rg_suppressed_find(8), 0);
    rg_suppressed_again(number);
    assert_counts(1, 3);
    // Of several suppressions the first one has done it.
    rg_suppressed_tell();
    assert_non_null(strstr(said, "suppressed 1 misuse (3 occurrences) by /tmp/"));
    assert_non_null(strstr(said, ":2: stale-write:copy\n"));
    assert_null(strstr(said, ":3:"));
}

static void leaves_other_findings_alone(void) {
    unsigned number = 17;
    begin("stale-read:*\nstale-write:make_name\n");
    assert_false(rg_suppressed_check(&story, 7, &number));
    assert_int_equal(number, 17);
    assert_int_equal(rg_suppressed_find(7), 0);
    assert_counts(0, 0);
    rg_suppressed_tell();
    assert_string_equal(said, "");
}

static void knows_an_overrun_by_its_allocation(void) {
    unsigned number;
    begin("overrun:make_name\n");
    finding.operation = RG_OP_FREE;
    finding.trouble = RG_TROUBLE_OVERRUN;
    assert_true(rg_suppressed_check(&story, 7, &number));
    story.born.count = 0;
    assert_false(rg_suppressed_check(&story, 8, &number));
}

// All are suppressed, whether or not there is room for them.
static void suppresses_more_findings_than_it_keeps(void) {
    enum { FINDINGS = 5000 };
    size_t kept = 0;
    begin("stale-write:copy_name\n");
    for (uint64_t key = 1; key <= FINDINGS; key++) {
        unsigned number = 17;
        assert_true(rg_suppressed_check(&story, key, &number));
        kept += number > 0;
    }
    assert_in_range(kept, 4000, 4999);
    assert_counts(FINDINGS, FINDINGS);
    for (uint64_t key = 1; key <= FINDINGS; key++) {
        kept -= rg_suppressed_find(key) > 0;
    }
    assert_int_equal(kept, 0);
    assert_int_equal(rg_suppressed_find(FINDINGS + 1), 0);
}

static void counts_from_zero_in_a_child(void) {
    unsigned number;
    begin("*:copy_name\n");
    assert_true(rg_suppressed_check(&story, 7, &number));
    rg_suppressed_after_fork();
    assert_counts(0, 0);
    assert_int_equal(rg_suppressed_find(7), 0);
    assert_true(rg_suppressed_check(&story, 7, &number));
    assert_counts(1, 1);
}

static void is_off_without_a_suppression(void) {
    unsigned number;
    begin("# none\n");
    assert_false(rg_suppressed_is_on());
    assert_false(rg_suppressed_check(&story, 7, &number));
    assert_counts(0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(counts_a_finding_that_it_knows),
        isolated(leaves_other_findings_alone),
        isolated(knows_an_overrun_by_its_allocation),
        isolated(suppresses_more_findings_than_it_keeps),
        isolated(counts_from_zero_in_a_child),
        isolated(is_off_without_a_suppression),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
