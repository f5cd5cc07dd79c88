// SPDX-License-Identifier: MIT
// Claims about which blocks are thought likely to be moved.
#include "heap/mobility.h"

#include "support.h"

enum { SITE = 1234, CLASS = 3 };

static void expects_nothing_of_a_new_site(void) {
    assert_int_equal(RG_MOBILITY_STAYS, rg_mobility_expect(SITE, CLASS));
    rg_mobility_note_blocks(SITE, CLASS, 100);
    assert_int_equal(RG_MOBILITY_STAYS, rg_mobility_expect(SITE, CLASS));
}

static void expects_moves_where_several_blocks_were_moved(void) {
    rg_mobility_note_move(SITE, CLASS);
    assert_int_equal(RG_MOBILITY_STAYS, rg_mobility_expect(SITE, CLASS));
    rg_mobility_note_move(SITE, CLASS);
    assert_int_not_equal(RG_MOBILITY_STAYS, rg_mobility_expect(SITE, CLASS));
    assert_int_equal(RG_MOBILITY_STAYS, rg_mobility_expect(SITE, CLASS + 1));
    assert_int_equal(RG_MOBILITY_STAYS, rg_mobility_expect(SITE + 1, CLASS));
}

static void expects_none_where_moves_are_rare(void) {
    for (int i = 0; i < 1000; i++) {
        rg_mobility_note_move(SITE, CLASS);
        rg_mobility_note_blocks(SITE, CLASS, 32);
    }
    assert_int_equal(RG_MOBILITY_STAYS, rg_mobility_expect(SITE, CLASS));
}

static void tells_what_moves_often_from_what_may(void) {
    rg_mobility_note_blocks(SITE, CLASS, 100);
    for (int i = 0; i < 20; i++) {
        rg_mobility_note_move(SITE, CLASS);
    }
    assert_int_equal(RG_MOBILITY_MAY_MOVE, rg_mobility_expect(SITE, CLASS));
    for (int i = 0; i < 40; i++) {
        rg_mobility_note_move(SITE, CLASS);
    }
    assert_int_equal(RG_MOBILITY_MOVES, rg_mobility_expect(SITE, CLASS));
}

static void follows_a_site_that_changes(void) {
    rg_mobility_note_blocks(SITE, CLASS, 10000);
    for (int i = 0; i < 60000; i++) {
        rg_mobility_note_move(SITE, CLASS);
    }
    assert_int_not_equal(RG_MOBILITY_STAYS, rg_mobility_expect(SITE, CLASS));
    for (int i = 0; i < 10000; i++) {
        rg_mobility_note_blocks(SITE, CLASS, 64);
    }
    assert_int_equal(RG_MOBILITY_STAYS, rg_mobility_expect(SITE, CLASS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(expects_nothing_of_a_new_site),
        isolated(expects_moves_where_several_blocks_were_moved),
        isolated(expects_none_where_moves_are_rare),
        isolated(tells_what_moves_often_from_what_may),
        isolated(follows_a_site_that_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
