// SPDX-License-Identifier: MIT
// Claims about frame rules, on code whose unwind table is written out here.
#include "stack/cfi.h"

#include "support.h"

#include <signal.h>
#include <string.h>

// Each label stands at an instruction whose rule is asked for.
__asm__(".pushsection .text\n"
        "cfi_plain:\n\t.cfi_startproc\n\tnop\n"
        "\tpush %rbp\n\t.cfi_def_cfa_offset 16\n\t.cfi_offset %rbp, -16\n"
        "cfi_pushed:\tmov %rsp, %rbp\n\t.cfi_def_cfa_register %rbp\n"
        "cfi_framed:\tpush %rbx\n\t.cfi_offset %rbx, -24\n\tpush %r12\n\t.cfi_offset %r12, -32\n"
        "cfi_saved:\tnop\n\t.cfi_remember_state\n"
        "\tpop %r12\n\t.cfi_restore %r12\n\tpop %rbx\n\t.cfi_restore %rbx\n"
        "\tpop %rbp\n\t.cfi_restore %rbp\n\t.cfi_def_cfa %rsp, 8\n"
        "cfi_restored:\tret\n\t.cfi_restore_state\n"
        "cfi_again:\tnop\n\t.cfi_undefined %rip\n"
        "cfi_outermost:\tnop\n\t.cfi_endproc\n"
        "cfi_large:\n\t.cfi_startproc\n\t.cfi_def_cfa_offset 1000008\n"
        "cfi_large_at:\tnop\n\t.cfi_endproc\n"
        // A realigned frame: CFA = memory at rbp - 8; rbp at rbp, rbx at rbp - 16.
        "cfi_realigned:\n\t.cfi_startproc\n"
        "\t.cfi_escape 0x0f, 0x03, 0x76, 0x78, 0x06\n\t.cfi_escape 0x10, 0x06, 0x02, 0x76, 0x00\n"
        "\t.cfi_escape 0x10, 0x03, 0x02, 0x76, 0x70\n"
        "cfi_realigned_at:\tnop\n\t.cfi_endproc\n"
        // The procedure linkage table's: CFA = rsp + 8 + ((rip & 15) >= 11 ? 8 : 0).
        "\t.balign 16\ncfi_plt:\n\t.cfi_startproc\n"
        "\t.cfi_escape 0x0f, 0x0b, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22\n"
        "\t.skip 16, 0x90\n\t.cfi_endproc\n"
        // An expression that is none of these, and a return address in a register.
        "cfi_odd:\n\t.cfi_startproc\n\t.cfi_escape 0x0f, 0x04, 0x77, 0x08, 0x06, 0x06\n"
        "cfi_odd_at:\tnop\n\t.cfi_endproc\n"
        "cfi_moved:\n\t.cfi_startproc\n\t.cfi_register %rip, %rcx\n"
        "cfi_moved_at:\tnop\n\t.cfi_endproc\n"
        "cfi_signal:\n\t.cfi_startproc\n\t.cfi_signal_frame\n"
        "cfi_signal_at:\tnop\n\t.cfi_endproc\n"
        "cfi_none:\tnop\n\tnop\n"
        ".popsection\n");
extern const char cfi_plain[], cfi_pushed[], cfi_framed[], cfi_saved[], cfi_restored[], cfi_again[],
    cfi_outermost[], cfi_large_at[], cfi_realigned_at[], cfi_plt[], cfi_odd_at[], cfi_moved_at[],
    cfi_signal_at[], cfi_none[];

#ifdef __SANITIZE_THREAD__
enum { UNDER_THREAD_SANITIZER = 1 };
#else
enum { UNDER_THREAD_SANITIZER = 0 };
#endif

enum { RBX = 0, RBP = 1, R12 = 2 }; // places in `saved`

static struct rg_frame_rule rule_at(const char *pc) {
    struct rg_frame_rule rule;
    memset(&rule, 0x55, sizeof rule);
    rg_cfi_find((uintptr_t)pc, &rule);
    assert_int_equal(rule.pc, (uintptr_t)pc);
    return rule;
}

static void check_cfa(const char *pc, int kind, unsigned reg, long offset) {
    struct rg_frame_rule rule = rule_at(pc);
    assert_int_equal(rule.kind, kind);
    assert_int_equal(rule.cfa_register, reg);
    assert_int_equal(rule.cfa_offset, offset);
}

static void follows_a_frame_from_its_making_to_its_end(void **state) {
    (void)state;
    check_cfa(cfi_plain, RG_RULE_OFFSET, RG_REG_RSP, 8);
    check_cfa(cfi_plain + 1, RG_RULE_OFFSET, RG_REG_RSP, 8);
    check_cfa(cfi_pushed, RG_RULE_OFFSET, RG_REG_RSP, 16);
    check_cfa(cfi_framed, RG_RULE_OFFSET, RG_REG_RBP, 16);
    check_cfa(cfi_restored, RG_RULE_OFFSET, RG_REG_RSP, 8);
    check_cfa(cfi_again, RG_RULE_OFFSET, RG_REG_RBP, 16);
    check_cfa(cfi_large_at, RG_RULE_OFFSET, RG_REG_RSP, 1000008);
}

static void knows_where_registers_are_saved(void **state) {
    (void)state;
    assert_int_equal(rg_saved_registers[RBX], RG_REG_RBX);
    assert_int_equal(rg_saved_registers[RBP], RG_REG_RBP);
    assert_int_equal(rg_saved_registers[R12], RG_REG_R12);
    assert_int_equal(rule_at(cfi_plain).saved[RBP], 0);
    assert_int_equal(rule_at(cfi_framed).saved[RBP], -2);
    assert_int_equal(rule_at(cfi_framed).saved[RBX], 0);
    assert_int_equal(rule_at(cfi_saved).saved[RBX], -3);
    assert_int_equal(rule_at(cfi_saved).saved[R12], -4);
    assert_int_equal(rule_at(cfi_restored).saved[RBX], 0);
    assert_int_equal(rule_at(cfi_restored).saved[RBP], 0);
    assert_int_equal(rule_at(cfi_again).saved[R12], -4);
}

static void follows_a_realigned_frame(void **state) {
    (void)state;
    check_cfa(cfi_realigned_at, RG_RULE_DEREF, RG_REG_RBP, -8);
    assert_int_equal(rule_at(cfi_realigned_at).saved[RBP], RG_SAVED_AT_RBP);
    assert_int_equal(rule_at(cfi_realigned_at).saved[RBX], RG_SAVED_NOWHERE);
}

static void follows_a_stub_of_the_procedure_linkage_table(void **state) {
    (void)state;
    for (int i = 0; i < 16; i++) {
        check_cfa(cfi_plt + i, RG_RULE_OFFSET, RG_REG_RSP, i < 11 ? 8 : 16);
    }
}

static void knows_the_outermost_frame(void **state) {
    (void)state;
    assert_int_equal(rule_at(cfi_outermost).kind, RG_RULE_END);
}

static const char *handler_returns_to;

static RG_NOINLINE void note_return(int sig) {
    (void)sig;
    handler_returns_to = __builtin_return_address(0);
}

static void knows_the_return_from_a_signal_handler(void **state) {
    (void)state;
    assert_int_equal(rule_at(cfi_signal_at).kind, RG_RULE_SIGNAL);
    struct sigaction action = {.sa_handler = note_return};
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    raise(SIGUSR1);
    assert_non_null(handler_returns_to);
    // ThreadSanitizer calls handlers itself.
    int kind = rule_at(handler_returns_to - 1).kind;
    assert_int_equal(kind, UNDER_THREAD_SANITIZER ? RG_RULE_OFFSET : RG_RULE_SIGNAL);
}

static void gives_no_rule_for_what_it_does_not_follow(void **state) {
    (void)state;
    int local;
    assert_int_equal(rule_at(cfi_odd_at).kind, RG_RULE_NONE);
    assert_int_equal(rule_at(cfi_moved_at).kind, RG_RULE_NONE);
    assert_int_equal(rule_at(cfi_none).kind, RG_RULE_NONE);
    assert_int_equal(rule_at((char *)&local).kind, RG_RULE_NONE);
    assert_int_equal(rule_at((char *)&handler_returns_to).kind, RG_RULE_NONE);
    const uintptr_t wild[] = {0, 1, 4096, (uintptr_t)1 << 47, ~0UL, 1UL << 63};
    for (size_t i = 0; i < RG_ARRAY_LEN(wild); i++) {
        assert_int_equal(rule_at((char *)wild[i]).kind, RG_RULE_NONE);
    }
}

// Every byte of the C library's code: whatever its tables hold, the reader gets through.
static void gets_through_the_tables_of_the_c_library(void **state) {
    (void)state;
    uintptr_t middle = (uintptr_t)&qsort;
    size_t known = 0, count = 0;
    for (long at = -100000; at < 100000; at += 3, count++) {
        struct rg_frame_rule rule;
        rg_cfi_find(middle + (uintptr_t)at, &rule);
        known += rule.kind != RG_RULE_NONE;
    }
    assert_true(known * 10 > count * 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_a_frame_from_its_making_to_its_end),
        cmocka_unit_test(knows_where_registers_are_saved),
        cmocka_unit_test(follows_a_realigned_frame),
        cmocka_unit_test(follows_a_stub_of_the_procedure_linkage_table),
        cmocka_unit_test(knows_the_outermost_frame),
        cmocka_unit_test(knows_the_return_from_a_signal_handler),
        cmocka_unit_test(gives_no_rule_for_what_it_does_not_follow),
        cmocka_unit_test(gets_through_the_tables_of_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
