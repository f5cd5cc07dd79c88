// SPDX-License-Identifier: MIT
// Claims about what is kept of moved blocks for ever: every detail of the latest, the realloc of all.
#include "heap/history.h"

#include "base/sys.h"
#include "heap/usual.h"
#include "support.h"

#include <pthread.h>

enum { BLOCKS = 20000, MOVES = 3 };

// What is expected at each address that a block has had.
static struct rg_block_facts expected[BLOCKS * (MOVES + 1)];
static size_t expected_count;

static struct rg_origin anybody(uint64_t *seed) {
    return (struct rg_origin){.stack =
                                  1 + (uint32_t)random_below(seed, (1 << RG_BLOCK_STACK_BITS) - 1),
                              .thread = (uint16_t)random_below(seed, 1 << 16)};
}

static size_t any_size(uint64_t *seed) {
    size_t most = random_below(seed, 20) == 0 ? 20000 : 300;
    return random_below(seed, most);
}

static char *move_by(char *p, size_t size, struct rg_origin who) {
    struct rg_resize how = {.size = size, .move = true, .origin = who};
    void *q = NULL;
    require(rg_heap_resize(NULL, p, &how, &q) == RG_OK && (q != p || size == 0));
    return q;
}

static void release_by(char *p, struct rg_origin who) {
    struct rg_resize how = {.release = true, .origin = who};
    void *q = NULL;
    require(rg_heap_resize(NULL, p, &how, &q) == RG_OK);
}

static struct rg_block_facts *expect(char *p, size_t size, enum rg_family family) {
    struct rg_block_facts *e = &expected[expected_count++];
    *e = (struct rg_block_facts){
        .address = (uintptr_t)p, .size = size, .state = RG_BLOCK_MOVED, .family = family};
    return e;
}

// The life of one block: allocated, moved a few times, and freed, by a free that seals or one that does not, or
// released, or left alone.
static void live(uint64_t *seed) {
    enum rg_family family = (enum rg_family)random_below(seed, 3);
    size_t size = any_size(seed);
    struct rg_origin who = anybody(seed);
    char *p = rg_heap_alloc(NULL, size, 16, family, false, who);
    uintptr_t from = 0;
    struct rg_block_facts *e = NULL;
    for (int i = 1 + (int)random_below(seed, MOVES); i > 0; i--) {
        e = expect(p, size, family);
        e->moved_from = from;
        e->alloc_stack = who.stack;
        e->alloc_thread = who.thread;
        from = (uintptr_t)p;
        who = anybody(seed);
        e->end_stack = who.stack;
        e->end_thread = who.thread;
        size = any_size(seed);
        p = move_by(p, size, who);
        e->moved_to = (uintptr_t)p;
    }
    struct rg_origin mover = who;
    who = anybody(seed);
    uint64_t end = random_below(seed, 40);
    if (end > 0) {
        if (end % 3 == 0) {
            require(rg_heap_free_sealed(NULL, p, who) == RG_OK);
            struct rg_block_facts *ended = expect(p, size, family);
            ended->state = RG_BLOCK_ENDED;
            ended->moved_from = from;
            ended->alloc_stack = mover.stack;
            ended->alloc_thread = mover.thread;
            ended->end_stack = who.stack;
            ended->end_thread = who.thread;
        } else {
            end % 2 == 0 ? release_by(p, who) : (void)rg_heap_free(NULL, p, who);
        }
        e->fate = RG_FATE_FREED;
        e->fate_stack = who.stack;
        e->fate_thread = who.thread;
    }
}

static void live_all(void) {
    uint64_t seed = 11;
    for (int i = 0; i < BLOCKS; i++) {
        live(&seed);
    }
}

static struct rg_block_facts describe(uintptr_t address) {
    struct rg_block_facts facts;
    require(rg_heap_describe(address, &facts));
    return facts;
}

// What every block keeps.
static void check_essence(const struct rg_block_facts *f, const struct rg_block_facts *e) {
    require(f->address == e->address && f->size == e->size && f->state == e->state);
    require(f->moved_to == e->moved_to && f->end_stack == e->end_stack && f->fate == e->fate);
}

static void check_details(const struct rg_block_facts *f, const struct rg_block_facts *e) {
    require(f->family == e->family && f->moved_from == e->moved_from);
    require(f->alloc_stack == e->alloc_stack && f->alloc_thread == e->alloc_thread);
    require(f->end_thread == e->end_thread);
    if (e->fate == RG_FATE_FREED) {
        require(f->fate_stack == e->fate_stack && f->fate_thread == e->fate_thread);
    }
}

static void packs_without_loss(void) {
    live_all();
    struct rg_history_stats stats = rg_history_stats();
    assert_true(stats.packed > expected_count / 2);
    assert_int_equal(stats.brief, 0);
    for (size_t i = 0; i < expected_count; i++) {
        struct rg_block_facts facts = describe(expected[i].address);
        require(!facts.is_brief);
        check_essence(&facts, &expected[i]);
        check_details(&facts, &expected[i]);
    }
    assert_true(rg_heap_is_valid());
}

static void drops_details_of_the_oldest_only(void) {
    enum { KEPT = 5000 };
    rg_history_init(KEPT);
    live_all();
    struct rg_history_stats stats = rg_history_stats();
    assert_true(stats.brief > expected_count / 4);
    assert_true(stats.packed - stats.brief >= KEPT);
    size_t brief = 0;
    for (size_t i = 0; i < expected_count; i++) {
        struct rg_block_facts facts = describe(expected[i].address);
        check_essence(&facts, &expected[i]);
        brief += facts.is_brief;
        if (!facts.is_brief && (!facts.moved_from || !describe(facts.moved_from).is_brief)) {
            check_details(&facts, &expected[i]);
        }
    }
    // The others were released.
    assert_in_range(brief, stats.brief / 2, stats.brief);
    assert_true(rg_heap_is_valid());
}

static void check_answers(uintptr_t address, enum rg_block_state state) {
    enum rg_status status = state == RG_BLOCK_ENDED ? RG_ALREADY_FREE : RG_STALE;
    char *p = (char *)address;
    struct rg_resize how = {.size = 10};
    void *q;
    size_t size;
    require(rg_heap_is_stale(address) && !rg_is_readable(p, 1));
    require(rg_heap_free(NULL, p, (struct rg_origin){0}) == status);
    require(rg_heap_resize(NULL, p, &how, &q) == status);
    require(rg_heap_size(p, &size) == status);
    require(rg_heap_free(NULL, p + 1, (struct rg_origin){0}) == RG_INTERIOR);
}

static void answers_as_before(void) {
    rg_history_init(5000);
    live_all();
    for (size_t i = 0; i < expected_count; i++) {
        check_answers(expected[i].address, expected[i].state);
    }
}

static void note_unused(struct rg_view *v, void *arg) {
    for (size_t unit = 0; v->retired && unit < v->unit_count; unit++) {
        struct rg_block_facts facts;
        uintptr_t at = rg_view_block(v, unit);
        if (!rg_heap_describe(at, &facts)) {
            ++*(size_t *)arg;
            require(!rg_heap_is_stale(at));
            require(rg_heap_free(NULL, (void *)at, (struct rg_origin){0}) == RG_INTERIOR);
        }
    }
}

static void knows_units_that_never_held_a_block(void) {
    size_t unused = 0;
    live_all();
    rg_bin_each_view(note_unused, &unused);
    assert_true(unused > 100);
}

// --- Threads: one moves blocks, others free them and look at their former addresses ---

enum { CONSUMERS = 3, ROUNDS = 5000 };

static struct mailbox {
    _Atomic(char *) now;
    char *former;
} mailboxes[CONSUMERS];

// Blocks of one size: moves of some use up views in which others were freed.
static void knows_who_freed_a_block_in_a_view_that_is_done_for(void) {
    enum { TIMES = 300, LIVE = 64, SIZE = 1000 };
    static char *freed[TIMES * LIVE];
    uint64_t seed = 3;
    for (uint32_t round = 0; round < TIMES; round++) {
        char *p[LIVE];
        for (size_t i = 0; i < LIVE; i++) {
            p[i] = rg_heap_alloc(NULL, SIZE, 16, RG_FAMILY_MALLOC, false, anybody(&seed));
        }
        for (size_t i = 0; i < LIVE; i++) {
            struct rg_origin who = {.stack = 1 + round, .thread = (uint16_t)i};
            p[i] = i % 2 == 0 ? move_by(p[i], 5000, who) : p[i];
            freed[round * LIVE + i] = p[i];
            require(rg_heap_free(NULL, p[i], who) == RG_OK);
        }
    }
    size_t packed = 0;
    for (size_t i = 1; i < TIMES * LIVE; i += 2) {
        struct rg_block_facts facts = describe((uintptr_t)freed[i]);
        if (facts.state == RG_BLOCK_MOVED) {
            continue; // a later block, at the same address
        }
        bool is_packed = atomic_load(&rg_view_find((uintptr_t)freed[i])->history) != NULL;
        packed += is_packed;
        require(rg_heap_is_stale((uintptr_t)freed[i] + 8) == is_packed);
        require(facts.state == RG_BLOCK_FREE && facts.size == SIZE);
        require(!is_packed || facts.end_stack >= 1 + i / LIVE);
        require(!is_packed || facts.end_thread % 2 == 1);
        require(rg_heap_free(NULL, freed[i], anybody(&seed)) == RG_ALREADY_FREE);
    }
    assert_true(packed > TIMES * LIVE / 4);
    assert_true(rg_heap_is_valid());
}

static void *consume(void *arg) {
    size_t number = (size_t)arg;
    struct mailbox *box = &mailboxes[number];
    struct rg_origin who = {.stack = 1000 + (uint32_t)number, .thread = (uint16_t)number};
    for (int i = 0; i < ROUNDS; i++) {
        char *p;
        while (!(p = atomic_load(&box->now))) {
            sched_yield();
        }
        struct rg_block_facts f = describe((uintptr_t)box->former);
        require(f.state == RG_BLOCK_MOVED && f.moved_to == (uintptr_t)p && f.end_stack == 2);
        require(f.fate == RG_FATE_LIVE && f.size == 20);
        require(rg_heap_free(NULL, p, who) == RG_OK);
        f = describe((uintptr_t)box->former);
        require(f.state == RG_BLOCK_MOVED && f.fate == RG_FATE_FREED && f.end_stack == 2);
        require(f.is_brief || (f.fate_stack == who.stack && f.fate_thread == who.thread));
        atomic_store(&box->now, NULL);
    }
    return NULL;
}

static void produce(struct mailbox *box) {
    box->former =
        rg_heap_alloc(NULL, 20, 16, RG_FAMILY_MALLOC, false, (struct rg_origin){.stack = 1});
    char *p = move_by(box->former, 30, (struct rg_origin){.stack = 2});
    atomic_store(&box->now, p);
}

static void loses_no_fate_while_it_packs(void) {
    pthread_t threads[CONSUMERS];
    rg_history_init(100);
    for (size_t i = 0; i < CONSUMERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, consume, (void *)i), 0);
    }
    int sent[CONSUMERS] = {0};
    for (size_t left = (size_t)ROUNDS * CONSUMERS, i = 0; left > 0; i = (i + 1) % CONSUMERS) {
        if (sent[i] < ROUNDS && !atomic_load(&mailboxes[i].now)) {
            produce(&mailboxes[i]);
            sent[i]++;
            left--;
        }
    }
    for (size_t i = 0; i < CONSUMERS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_true(rg_history_stats().brief > ROUNDS);
    assert_true(rg_heap_is_valid());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(packs_without_loss),
        isolated(drops_details_of_the_oldest_only),
        isolated(answers_as_before),
        isolated(knows_units_that_never_held_a_block),
        isolated(knows_who_freed_a_block_in_a_view_that_is_done_for),
        isolated(loses_no_fate_while_it_packs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
