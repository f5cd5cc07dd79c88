// SPDX-License-Identifier: MIT
// The heap against a model of it: random operations, each block's contents known, every address that
// realloc has vacated remembered. Seeded, so a failure happens again. Then the same by four threads,
// each with a cache of its own, that pass blocks to each other.
//
//   test_heap_model [SEED]    the seed to start from; 1 by default
#include "heap/usual.h"

#include "base/sys.h"
#include "support.h"

#include <pthread.h>
#include <sched.h>

enum {
    BLOCKS = 300,  // live ones of each thread, at most
    STEPS = 60000, // of the single thread; each of four does a third
    VALID_EVERY = 10000,
    THREADS = 4,
    MAILBOXES = 16,
    VACATED_MAX = 1 << 19,
};

static uint64_t first_seed = 1;

struct model_block {
    unsigned char *at;
    size_t size;
    uint64_t mark; // what its bytes are made from
};

struct model {
    struct rg_tcache *tcache;
    uint64_t seed;
    struct model_block blocks[BLOCKS];
    size_t count;
    uintptr_t stale[64]; // some addresses vacated lately
};

// Every address vacated so far, by all threads; open addressing, 0 is empty.
static _Atomic uintptr_t vacated[VACATED_MAX];
static _Atomic size_t vacated_count;

static size_t place_of(uintptr_t address) {
    return (address * 0x9e3779b97f4a7c15UL) >> 45 & (VACATED_MAX - 1);
}

static bool is_vacated(const void *p) {
    uintptr_t address = (uintptr_t)p;
    for (size_t i = place_of(address);; i = (i + 1) % VACATED_MAX) {
        uintptr_t there = atomic_load(&vacated[i]);
        if (there == address || there == 0) {
            return there == address;
        }
    }
}

static void note_vacated(struct model *m, const void *p) {
    uintptr_t address = (uintptr_t)p;
    require(atomic_fetch_add(&vacated_count, 1) < VACATED_MAX / 4 * 3);
    m->stale[random_below(&m->seed, RG_ARRAY_LEN(m->stale))] = address;
    for (size_t i = place_of(address);; i = (i + 1) % VACATED_MAX) {
        uintptr_t empty = 0;
        if (atomic_compare_exchange_strong(&vacated[i], &empty, address)) {
            return;
        }
        require(empty != address); // vacated twice: it was handed out again
    }
}

// Small blocks byte by byte, others at both ends and here and there.
static size_t stride_of(size_t size) {
    return size < 600 ? 1 : size < 20000 ? 61 : 4093;
}

static unsigned char byte_at(uint64_t mark, size_t i) {
    return (unsigned char)(mark >> i % 7 * 8 ^ i);
}

static void fill(const struct model_block *b) {
    for (size_t i = 0; i < b->size; i += stride_of(b->size)) {
        b->at[i] = byte_at(b->mark, i);
    }
    if (b->size > 0) {
        b->at[b->size - 1] = byte_at(b->mark, b->size - 1);
    }
}

// The first `size` bytes at `at`, which were filled as those of b.
static void check(const struct model_block *b, const unsigned char *at, size_t size) {
    for (size_t i = 0; i < size; i += stride_of(b->size)) {
        require(at[i] == byte_at(b->mark, i));
    }
    if (size > 0 && size == b->size) {
        require(at[size - 1] == byte_at(b->mark, size - 1));
    }
}

// Mostly small, with every order of magnitude up to 3 MiB.
static size_t random_size(struct model *m) {
    size_t r = random_below(&m->seed, 1000);
    size_t most = r < 700 ? 600 : r < 900 ? 5000 : r < 980 ? 60000 : r < 997 ? 1200000 : 3 << 20;
    return random_below(&m->seed, most);
}

static struct rg_origin origin(const struct model *m) {
    return (struct rg_origin){.stack = (uint32_t)m->seed, .thread = 1};
}

static void take_block(struct model *m, struct model_block b) {
    require(b.at != NULL && !is_vacated(b.at));
    fill(&b);
    m->blocks[m->count++] = b;
}

static struct model_block drop_block(struct model *m) {
    size_t i = random_below(&m->seed, m->count);
    struct model_block b = m->blocks[i];
    m->blocks[i] = m->blocks[--m->count];
    check(&b, b.at, b.size);
    return b;
}

static void allocate(struct model *m) {
    struct model_block b = {.size = random_size(m), .mark = next_random(&m->seed)};
    bool zero = b.mark % 4 == 0;
    size_t align = b.mark % 8 == 1 ? (size_t)1 << random_below(&m->seed, 14) : 16;
    b.at = rg_usual_alloc(m->tcache, b.size, align, RG_FAMILY_MALLOC, zero, origin(m));
    require(b.at != NULL && (uintptr_t)b.at % align == 0);
    if (zero && b.size > 1) {
        require(b.at[0] == 0 && memcmp(b.at, b.at + 1, b.size - 1) == 0);
    }
    take_block(m, b);
}

static void end_block(struct model *m) {
    struct model_block b = drop_block(m);
    if (next_random(&m->seed) % 16 == 0) {
        struct rg_resize how = {.release = true, .origin = origin(m)};
        void *none = b.at;
        require(rg_heap_resize(m->tcache, b.at, &how, &none) == RG_OK && none == NULL);
        note_vacated(m, b.at);
        return;
    }
    require(rg_heap_free(m->tcache, b.at, origin(m)) == RG_OK);
}

static void resize_block(struct model *m) {
    struct model_block b = drop_block(m);
    uint64_t r = next_random(&m->seed);
    size_t size = r % 4 == 0 ? random_size(m) : b.size + r / 4 % 100;
    struct rg_resize how = {.size = size, .move = r >> 32 & 1, .origin = origin(m)};
    void *new = NULL;
    require(rg_heap_resize(m->tcache, b.at, &how, &new) == RG_OK);
    require(!how.move || new != b.at);
    if (new != b.at) {
        require(!rg_is_readable(b.at, 1));
        note_vacated(m, b.at);
    }
    check(&b, new, size < b.size ? size : b.size);
    b.at = new;
    b.size = size;
    take_block(m, b);
}

// A misuse is told apart and changes nothing.
static void misuse(struct model *m) {
    void *stale = (void *)m->stale[random_below(&m->seed, RG_ARRAY_LEN(m->stale))];
    if (stale) {
        struct rg_resize how = {.size = 10, .move = true};
        void *new = NULL;
        require(rg_heap_free(m->tcache, stale, origin(m)) == RG_STALE);
        require(rg_heap_resize(m->tcache, stale, &how, &new) == RG_STALE);
        require(rg_heap_is_stale((uintptr_t)stale));
    }
    if (m->count > 0) {
        const struct model_block *b = &m->blocks[random_below(&m->seed, m->count)];
        size_t size;
        require(rg_heap_free(m->tcache, b->at + 1, origin(m)) == RG_INTERIOR);
        require(rg_heap_size(b->at, &size) == RG_OK && size == b->size);
        require(!rg_heap_is_stale((uintptr_t)b->at));
    }
}

static void step(struct model *m) {
    size_t r = random_below(&m->seed, 100);
    if (r < 5) {
        misuse(m);
    } else if (m->count < BLOCKS && (m->count == 0 || r < 40)) {
        allocate(m);
    } else if (r < 70) {
        end_block(m);
    } else {
        resize_block(m);
    }
}

static void begin(struct model *m, uint64_t seed) {
    m->seed = seed;
    m->tcache = rg_tcache_create();
    require(m->tcache != NULL);
}

static void finish(struct model *m) {
    while (m->count > 0) {
        require(!is_vacated(m->blocks[m->count - 1].at));
        end_block(m);
    }
    rg_tcache_flush(m->tcache);
}

static void agrees_with_the_model(void) {
    static struct model m;
    begin(&m, first_seed);
    for (int i = 1; i <= STEPS; i++) {
        step(&m);
        if (i % VALID_EVERY == 0) {
            require(rg_heap_is_valid());
        }
    }
    finish(&m);
    require(rg_heap_is_valid());
}

// One block at most in each, handed over by exchange.
static _Atomic(struct model_block *) mailboxes[MAILBOXES];

// Leaves a block in a mailbox and takes the one that was there.
static void pass_on(struct model *m) {
    struct model_block *letter = malloc(sizeof *letter);
    require(letter != NULL);
    *letter = drop_block(m);
    size_t box = random_below(&m->seed, MAILBOXES);
    struct model_block *other = atomic_exchange(&mailboxes[box], letter);
    if (other) {
        check(other, other->at, other->size);
        take_block(m, *other);
        free(other);
    }
}

static void *run_thread(void *arg) {
    struct model *m = arg;
    for (int i = 1; i <= STEPS / 3; i++) {
        step(m);
        if (i % 4 == 0 && m->count > 0) {
            pass_on(m);
        }
        if (i % VALID_EVERY == 0) {
            require(rg_heap_is_valid());
        }
    }
    finish(m);
    return NULL;
}

static void agrees_with_the_model_in_four_threads(void) {
    static struct model models[THREADS];
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        begin(&models[i], first_seed + 1000 + i);
        require(pthread_create(&threads[i], NULL, run_thread, &models[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (size_t i = 0; i < MAILBOXES; i++) {
        struct model_block *b = atomic_load(&mailboxes[i]);
        if (b) {
            require(!is_vacated(b->at));
            check(b, b->at, b->size);
            free(b);
        }
    }
    require(rg_heap_is_valid());
}

enum { CONTENDERS = 2, CONTESTED = 20000, ROUNDS = 5 };

static void *contested[CONTESTED];
static _Atomic unsigned wins[CONTESTED];
static _Atomic size_t progress[CONTENDERS];

// Ends each block, in step with the other thread, by free or by realloc.
static void *contend(void *arg) {
    size_t self = (size_t)arg;
    for (size_t i = 0; i < CONTESTED; i++) {
        atomic_store(&progress[self], i + 1);
        for (unsigned spins = 1; atomic_load(&progress[1 - self]) < i; spins++) {
            if (spins % 1000 == 0) {
                sched_yield();
            }
        }
        struct rg_resize how = {.release = true};
        void *none;
        enum rg_status status = self == 0 || i % 2
                                    ? rg_heap_free(NULL, contested[i], (struct rg_origin){0})
                                    : rg_heap_resize(NULL, contested[i], &how, &none);
        require(status == RG_OK || status == RG_ALREADY_FREE || status == RG_STALE ||
                status == RG_IN_PROGRESS);
        atomic_fetch_add(&wins[i], status == RG_OK);
    }
    return NULL;
}

static void lets_one_thread_end_a_block(void) {
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[CONTENDERS];
        memset(wins, 0, sizeof wins);
        memset(progress, 0, sizeof progress);
        for (size_t i = 0; i < CONTESTED; i++) {
            contested[i] =
                rg_heap_alloc(NULL, 24, 16, RG_FAMILY_MALLOC, false, (struct rg_origin){0});
            require(contested[i] != NULL);
        }
        for (size_t i = 0; i < CONTENDERS; i++) {
            require(pthread_create(&threads[i], NULL, contend, (void *)i) == 0);
        }
        for (size_t i = 0; i < CONTENDERS; i++) {
            pthread_join(threads[i], NULL);
        }
        for (size_t i = 0; i < CONTESTED; i++) {
            require(atomic_load(&wins[i]) == 1);
        }
    }
    require(rg_heap_is_valid());
}

int main(int argc, char **argv) {
    if (argc > 1) {
        first_seed = strtoull(argv[1], NULL, 0);
    }
    const struct CMUnitTest tests[] = {
        isolated(agrees_with_the_model),
        isolated(agrees_with_the_model_in_four_threads),
        isolated(lets_one_thread_end_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
