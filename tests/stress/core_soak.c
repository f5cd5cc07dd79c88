// SPDX-License-Identifier: MIT
// The heap alone, without the front, for as long as is wished: threads that allocate, resize, free and
// pass blocks on, with caches that go from thread to thread. Runs in rounds; between them, when nothing
// else runs, every invariant is checked: of each bin, of each block that the model knows, of addresses
// that were vacated, and of the slots, none of which may be lost or be in use twice. Works under the
// sanitizers.
//
//   core_soak [--seed N] [--seconds S | --operations N] [--threads T]
#include "heap/usual.h"

#include "base/lock.h"
#include "base/sys.h"
#include "heap/history.h"
#include "heap/seal.h"

#include "../unit/support.h"

#include <pthread.h>
#include <time.h>

enum {
    PLACES = 500,
    STALE = 500,
    THREADS_MAX = 64,
    MAILBOXES = 32,
    HISTORY = 5000, // few, so that details are dropped too
    ROUND = 10000,  // steps of each thread
};

static struct {
    uint64_t seed, seconds, steps;
    size_t threads;
} options = {.seed = 1, .steps = 100000, .threads = 4};

struct known {
    unsigned char *at;
    size_t size;
    uint64_t id; // its bytes are made from id and size
    uint32_t stack;
};

struct worker {
    size_t number;
    uint64_t step, random;
    struct rg_tcache *tcache;
    struct known places[PLACES];
    uintptr_t stale[STALE]; // some addresses that were vacated
};

static struct worker workers[THREADS_MAX];
static struct rg_tcache *caches[THREADS_MAX];
static uint64_t steps_in_round;

static struct mailbox {
    pthread_mutex_t lock;
    struct known letter;
} mailboxes[MAILBOXES];

static size_t stride_of(size_t size) {
    return size < 600 ? 1 : size < 20000 ? 61 : 4093;
}

static unsigned char byte_of(const struct known *b, size_t i) {
    uint64_t mark = (b->id ^ b->size) * 0x9e3779b97f4a7c15UL;
    return (unsigned char)(mark >> (i % 7 * 8) ^ i);
}

static void fill(const struct known *b) {
    for (size_t i = 0; i < b->size; i += stride_of(b->size)) {
        b->at[i] = byte_of(b, i);
    }
}

static void check(const struct known *b, const unsigned char *at, size_t known) {
    for (size_t i = 0; i < known; i += stride_of(b->size)) {
        require(at[i] == byte_of(b, i));
    }
}

// Mostly small, with every order of magnitude.
static size_t random_size(struct worker *w) {
    size_t kind = random_below(&w->random, 1000);
    size_t most = kind < 700 ? 600 : kind < 900 ? 5000 : kind < 990 ? 60000 : 2 << 20;
    return random_below(&w->random, most);
}

static struct rg_origin origin(const struct worker *w) {
    return (struct rg_origin){.stack = (uint32_t)(w->random >> (64 - RG_BLOCK_STACK_BITS)) | 1,
                              .thread = (uint16_t)w->number};
}

static void put_new(struct worker *w, struct known *b, void *at, size_t size, uint32_t stack) {
    require(at != NULL);
    *b = (struct known){at, size, next_random(&w->random), stack};
    fill(b);
}

static void allocate(struct worker *w, struct known *b) {
    size_t size = random_size(w);
    uint64_t kind = next_random(&w->random);
    size_t align = kind % 16 == 1 ? (size_t)1 << random_below(&w->random, 16) : 16;
    struct rg_origin from = origin(w);
    unsigned char *at =
        rg_usual_alloc(w->tcache, size, align, RG_FAMILY_MALLOC, kind % 4 == 0, from);
    require((uintptr_t)at % align == 0);
    for (size_t i = 0; kind % 4 == 0 && i < size; i += stride_of(size)) {
        require(at[i] == 0);
    }
    put_new(w, b, at, size, from.stack);
}

static void note_stale(struct worker *w, void *at) {
    w->stale[random_below(&w->random, STALE)] = (uintptr_t)at;
}

static void resize(struct worker *w, struct known *b) {
    uint64_t kind = next_random(&w->random);
    size_t size = kind % 4 == 0   ? b->size
                  : kind % 4 == 1 ? random_size(w)
                                  : b->size + kind / 4 % 100;
    struct rg_resize how = {.size = size,
                            .move = kind >> 32 & 3,
                            .release = (kind >> 40) % 32 == 0,
                            .origin = origin(w)};
    void *new = NULL;
    check(b, b->at, b->size);
    require(rg_heap_resize(w->tcache, b->at, &how, &new) == RG_OK);
    require((new == NULL) == how.release && (!how.move || new != b->at));
    if (new != b->at) {
        note_stale(w, b->at);
    }
    if (how.release) {
        *b = (struct known){0};
        return;
    }
    check(b, new, size < b->size ? size : b->size);
    put_new(w, b, new, size, new == b->at ? b->stack : how.origin.stack);
}

static void end(struct worker *w, struct known *b) {
    check(b, b->at, b->size);
    require(rg_heap_free(w->tcache, b->at, origin(w)) == RG_OK);
    *b = (struct known){0};
}

static void pass_on(struct worker *w, struct known *b) {
    struct mailbox *box = &mailboxes[random_below(&w->random, MAILBOXES)];
    pthread_mutex_lock(&box->lock);
    struct known other = box->letter;
    box->letter = *b;
    pthread_mutex_unlock(&box->lock);
    *b = other;
    if (b->at) {
        check(b, b->at, b->size);
    }
}

// Each step has random numbers of its own, so that it is the same whatever went before.
static void take_step(struct worker *w) {
    w->random = options.seed;
    w->random = next_random(&w->random) + w->number;
    w->random = next_random(&w->random) + w->step++;
    struct known *b = &w->places[random_below(&w->random, PLACES)];
    size_t kind = random_below(&w->random, 100);
    if (kind < 15) {
        pass_on(w, b);
    } else if (!b->at) {
        allocate(w, b);
    } else if (kind < 40) {
        end(w, b);
    } else {
        resize(w, b);
    }
}

static void *run_round(void *arg) {
    struct worker *w = arg;
    for (uint64_t i = 0; i < steps_in_round; i++) {
        take_step(w);
    }
    return NULL;
}

static void check_live(const struct known *b) {
    struct rg_block_facts facts;
    size_t size;
    if (!b->at) {
        return;
    }
    check(b, b->at, b->size);
    require(rg_heap_size(b->at, &size) == RG_OK && size == b->size);
    require(rg_heap_describe((uintptr_t)b->at + size / 2, &facts));
    require(facts.address == (uintptr_t)b->at && facts.state == RG_BLOCK_LIVE);
    require(facts.size == b->size && facts.alloc_stack == b->stack);
}

// The chain from a vacated address leads to a live block, or to one whose end is known.
static void check_stale(uintptr_t at) {
    struct rg_block_facts facts;
    if (!at || rg_seal_stats().lapsed > 0) {
        return;
    }
    require(rg_heap_is_stale(at) && !rg_is_readable((void *)at, 1));
    require(rg_heap_free(NULL, (void *)at, (struct rg_origin){0}) == RG_STALE);
    require(rg_heap_describe(at, &facts));
    while (facts.state == RG_BLOCK_MOVED && facts.fate == RG_FATE_LIVE) {
        uintptr_t from = facts.address;
        require(rg_heap_describe(facts.moved_to, &facts));
        require(facts.is_brief || facts.moved_from == from);
    }
}

struct count {
    size_t live, free, vacant; // vacant: vacated, and not used through a later generation yet
};
static struct count counts[RG_BINS];

// A block that was freed, and whose slot went on to a later generation, counts as released.
static enum rg_block_state state_of(const struct rg_view *v, size_t unit) {
    struct rg_block_facts facts;
    if (atomic_load(&v->history)) {
        bool was_used = rg_history_read(v, unit, &facts);
        return !was_used                      ? RG_BLOCK_UNUSED
               : facts.state == RG_BLOCK_FREE ? RG_BLOCK_RELEASED
                                              : facts.state;
    }
    uint64_t head = atomic_load(&rg_view_record_of(v, unit)->head);
    enum rg_block_state state = rg_head_state(head);
    bool is_vacated = head & RG_HEAD_VACATED;
    require(is_vacated ? state != RG_BLOCK_LIVE : !rg_state_is_stale(state));
    return is_vacated && state == RG_BLOCK_FREE ? RG_BLOCK_RELEASED : state;
}

static bool is_unused_later(const struct rg_view *v, size_t unit) {
    while ((v = atomic_load(&v->newer)) != NULL) {
        if (state_of(v, unit) != RG_BLOCK_UNUSED) {
            return false;
        }
    }
    return true;
}

static void count_unit(const struct rg_view *v, size_t unit) {
    struct count *c = &counts[v->size_class];
    enum rg_block_state state = state_of(v, unit);
    require(state != RG_BLOCK_MOVING);
    c->live += state == RG_BLOCK_LIVE;
    c->free += state == RG_BLOCK_FREE;
    // One physical slot is handed out through one generation only.
    if (state == RG_BLOCK_LIVE || state == RG_BLOCK_FREE) {
        require(is_unused_later(v, unit));
    }
    c->vacant += rg_state_is_stale(state) && atomic_load(&v->newer) && is_unused_later(v, unit);
}

static void count_view(struct rg_view *v, void *arg) {
    (void)arg;
    for (size_t unit = 0; unit < v->unit_count; unit++) {
        count_unit(v, unit);
    }
}

static size_t count_known_in_classes(const struct known *b) {
    return b->at && rg_view_find((uintptr_t)b->at)->kind != RG_VIEW_LARGE;
}

// No slot is lost: all that are not in use are in the free lists, since the caches are empty.
static void check_slots(size_t known) {
    size_t live = 0;
    memset(counts, 0, sizeof counts);
    rg_bin_each_view(count_view, NULL);
    for (unsigned c = 0; c < RG_BINS; c++) {
        size_t in_list = rg_bin_free_bytes(c) / rg_size_classes[c].slot_size;
        require(in_list >= counts[c].free + counts[c].vacant);
        live += counts[c].live;
    }
    require(live == known);
}

static void check_everything(void) {
    size_t known = 0;
    for (size_t i = 0; i < options.threads; i++) {
        rg_tcache_flush(caches[i]);
        for (size_t j = 0; j < PLACES; j++) {
            check_live(&workers[i].places[j]);
            known += count_known_in_classes(&workers[i].places[j]);
        }
        for (size_t j = 0; j < STALE; j++) {
            check_stale(workers[i].stale[j]);
        }
    }
    for (size_t i = 0; i < MAILBOXES; i++) {
        check_live(&mailboxes[i].letter);
        known += count_known_in_classes(&mailboxes[i].letter);
    }
    require(rg_heap_is_valid());
    check_slots(known);
    rg_lock_all();
    rg_bin_drop_retired();
    rg_unlock_all();
}

// Each round a cache is another thread's, and one thread has none.
static void run_all(uint64_t round, uint64_t steps) {
    pthread_t threads[THREADS_MAX];
    steps_in_round = steps;
    for (size_t i = 0; i < options.threads; i++) {
        size_t cache = (i + round) % (options.threads + 1);
        workers[i].tcache = cache < options.threads ? caches[cache] : NULL;
        require(pthread_create(&threads[i], NULL, run_round, &workers[i]) == 0);
    }
    for (size_t i = 0; i < options.threads; i++) {
        pthread_join(threads[i], NULL);
    }
    check_everything();
}

static uint64_t seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec;
}

static void read_options(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t value = strtoull(argv[i + 1], NULL, 0);
        if (!strcmp(argv[i], "--seed")) {
            options.seed = value;
        } else if (!strcmp(argv[i], "--seconds")) {
            options.seconds = value;
        } else if (!strcmp(argv[i], "--operations")) {
            options.steps = value;
        } else if (!strcmp(argv[i], "--threads") && value >= 1 && value <= THREADS_MAX) {
            options.threads = value;
        } else {
            fprintf(stderr, "core_soak: what is %s %s?\n", argv[i], argv[i + 1]);
            exit(2);
        }
    }
}

int main(int argc, char **argv) {
    read_options(argc, argv);
    printf("seed %lu, %zu threads\n", options.seed, options.threads);
    fflush(stdout);
    rg_history_init(HISTORY);
    for (size_t i = 0; i < MAILBOXES; i++) {
        pthread_mutex_init(&mailboxes[i].lock, NULL);
    }
    for (size_t i = 0; i < options.threads; i++) {
        workers[i].number = i;
        caches[i] = rg_tcache_create();
        require(caches[i] != NULL);
    }
    uint64_t start = seconds(), done = 0;
    for (uint64_t round = 0;
         options.seconds ? seconds() - start < options.seconds : done < options.steps; round++) {
        uint64_t left = options.seconds ? ROUND : options.steps - done;
        run_all(round, left < ROUND ? left : ROUND);
        done += left < ROUND ? left : ROUND;
    }
    printf("%zu blocks moved, %zu left in place; again with: --seed %lu --threads %zu "
           "--operations %lu\n",
           rg_heap_stats().moves, rg_heap_stats().in_place, options.seed, options.threads, done);
    return 0;
}
