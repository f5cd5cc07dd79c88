// SPDX-License-Identifier: MIT
// What the files of the soak share. A worker is a thread of one round. What it does at each step follows
// from the seed, its number and the number of the step alone; what it meets there (which of its places
// hold blocks) may depend on other threads, which leave blocks in mailboxes for it.
#ifndef TESTS_STRESS_SOAK_H
#define TESTS_STRESS_SOAK_H

#include <cstddef>
#include <cstdint>
#include <sys/types.h>

// The first place of each worker is for blocks over 1 MiB: few and always there, so that what is live stays
// about the same.
enum { PLACES = 2000, THREADS_MAX = 64, VACATED = 512 };
static const size_t MIB = 1u << 20;

struct options {
    uint64_t seed = 1;
    uint64_t seconds = 0;    // 0: as many steps as `steps` says
    uint64_t steps = 100000; // of each thread
    unsigned threads = 4;
    // Of 100 uses of a block so many change its size, by realloc or, without moves, as realloc would.
    unsigned resizes = 45;
    bool moves = true;
    bool always = false;  // realloc moves each block
    bool guarded = false; // what only the guard promises: handlers may allocate
    bool sealed = false;  // old addresses stay inaccessible
    const char *plugins[2] = {nullptr, nullptr};
};
extern options options;

// splitmix64
struct random_numbers {
    uint64_t state;
    uint64_t next();
    size_t below(size_t n) {
        return static_cast<size_t>(next() % n);
    }
};

// Who provided a block, and so how it ends.
enum class family : uint8_t { none, malloc, operator_new };

struct block {
    unsigned char *at = nullptr;
    size_t size = 0;
    uint64_t id = 0; // its bytes are made from id and size
    family from = family::none;
};

struct counters {
    uint64_t operations, forks, spawns, throws, signals, plugins, unloads, threads, passed;
    // Blocks moved by realloc, by what the guard does with their size: shared pages up to half a page,
    // private pages up to 1 MiB, mappings of their own. And the whole pages that those covered.
    uint64_t moved_small, moved_pages, moved_large, pages_of_pages, pages_of_large;
};

struct worker {
    unsigned number;
    uint64_t step;
    random_numbers random;
    block places[PLACES];
    block more[PLACES];         // in use only at the start
    uintptr_t vacated[VACATED]; // some addresses that realloc moved blocks away from
    pid_t child;                // not waited for yet, or 0
    counters count;
};

// The worker that is running in this thread.
extern thread_local worker *self;

// Says what is wrong, where, and how to see it again, and aborts.
[[noreturn]] void fail(const char *what, const block *b = nullptr, size_t at = 0);

// blocks.cpp: each function checks the bytes that must be there, and leaves new ones.
size_t random_size(random_numbers &r);
block make_block(random_numbers &r);
block make_large_block(random_numbers &r);
block adopt_block(void *at, size_t size, random_numbers &r);
void check_block(const block &b);
void change_block(block &b, random_numbers &r);
void resize_block(worker &w, block &b);
void end_block(worker &w, block &b);
void check_vacated(const worker &w);

// worker.cpp
void take_step(worker &w);
void reach_high_water(worker &w);
void run_helper_thread(worker &w);
uint64_t bytes_in_mailboxes();

// children.cpp
void start_child(worker &w);
void await_child(worker &w);
int be_executed();

// surroundings.cpp: what a program does around its allocations.
void throw_and_catch(worker &w);
void use_plugin(worker &w, block &b);
void send_signal(worker &w, pid_t thread);
void install_handler();
void begin_signals();
void end_signals();

#endif
