// SPDX-License-Identifier: MIT
// A long run of everything that an allocator meets, every byte of every block known and looked at all the
// time. Runs in rounds of a fixed number of steps, each by new threads; between rounds, when nothing
// else runs, the process's memory is measured. Prints a line for each, and at the end how to see the same
// decisions again. tests/stress/guarded_soak.py runs it and judges what it prints.
#include "soak.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

struct options options;
thread_local worker *self;

static const uint64_t ROUND = 2500; // steps of each thread

static worker workers[THREADS_MAX];
static pthread_barrier_t all_here;
static uint64_t steps_in_round;

void fail(const char *what, const block *b, size_t at) {
    dprintf(STDERR_FILENO, "soak: %s; seed %lu, thread %u, step %lu of %u threads, process %d\n",
            what, options.seed, self ? self->number : 0, self ? self->step : 0, options.threads,
            getpid());
    if (b) {
        dprintf(STDERR_FILENO, "soak: block of %zu bytes at %p, byte %zu\n", b->size,
                static_cast<void *>(b->at), at);
    }
    abort();
}

static void *run_round(void *arg) {
    worker &w = *static_cast<worker *>(arg);
    self = &w;
    begin_signals();
    pthread_barrier_wait(&all_here);
    if (w.step == 0 && w.number == 0) {
        reach_high_water(w);
    }
    for (uint64_t i = 0; i < steps_in_round; i++) {
        take_step(w);
    }
    await_child(w);
    check_vacated(w);
    pthread_barrier_wait(&all_here);
    end_signals();
    return nullptr;
}

static void run_all(uint64_t steps) {
    pthread_t threads[THREADS_MAX];
    steps_in_round = steps;
    for (unsigned i = 0; i < options.threads; i++) {
        if (pthread_create(&threads[i], nullptr, run_round, &workers[i]) != 0) {
            fail("a thread could not be started");
        }
    }
    for (unsigned i = 0; i < options.threads; i++) {
        pthread_join(threads[i], nullptr);
    }
}

// The figure after `key` in a file of /proc, in kB.
static long read_kb(const char *path, const char *key) {
    char text[8192];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (got <= 0) {
        fail("a file of /proc cannot be read");
    }
    close(fd);
    text[got] = '\0';
    const char *line = strstr(text, key);
    return line ? strtol(line + strlen(key), nullptr, 10) : 0;
}

static double seconds() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

static void print_point(double took) {
    counters sum = {};
    uint64_t live = bytes_in_mailboxes();
    for (const worker &w : workers) {
        auto *to = reinterpret_cast<uint64_t *>(&sum);
        auto *from = reinterpret_cast<const uint64_t *>(&w.count);
        for (size_t i = 0; i < sizeof sum / sizeof *to; i++) {
            to[i] += from[i];
        }
        for (const block &b : w.places) {
            live += b.size;
        }
    }
    dprintf(STDOUT_FILENO,
            "point seconds=%.1f operations=%lu forks=%lu spawns=%lu throws=%lu signals=%lu "
            "plugins=%lu unloads=%lu threads=%lu passed=%lu moved_small=%lu moved_pages=%lu "
            "moved_large=%lu pages_of_pages=%lu pages_of_large=%lu live=%lu pss=%ld pte=%ld\n",
            took, sum.operations, sum.forks, sum.spawns, sum.throws, sum.signals, sum.plugins,
            sum.unloads, sum.threads, sum.passed, sum.moved_small, sum.moved_pages, sum.moved_large,
            sum.pages_of_pages, sum.pages_of_large, live / 1024,
            read_kb("/proc/self/smaps_rollup", "\nPss:"), read_kb("/proc/self/status", "\nVmPTE:"));
}

static void read_options(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        uint64_t value = i + 1 < argc ? strtoull(argv[i + 1], nullptr, 0) : 0;
        bool is_number = true;
        if (!strcmp(argv[i], "--seed")) {
            options.seed = value;
        } else if (!strcmp(argv[i], "--seconds")) {
            options.seconds = value;
        } else if (!strcmp(argv[i], "--operations")) {
            options.steps = value;
        } else if (!strcmp(argv[i], "--resizes") && value <= 75) {
            options.resizes = static_cast<unsigned>(value);
        } else if (!strcmp(argv[i], "--threads") && value >= 1 && value <= THREADS_MAX) {
            options.threads = static_cast<unsigned>(value);
        } else if (!strcmp(argv[i], "--plugins") && i + 2 < argc) {
            options.plugins[0] = argv[++i];
            options.plugins[1] = argv[i + 1];
        } else {
            is_number = false;
        }
        if (is_number) {
            i++;
        } else if (!strcmp(argv[i], "--no-moves")) {
            options.moves = false;
        } else if (!strcmp(argv[i], "--always")) {
            options.always = true;
        } else if (!strcmp(argv[i], "--guarded")) {
            options.guarded = true;
        } else if (!strcmp(argv[i], "--sealed")) {
            options.sealed = true;
        } else {
            dprintf(STDERR_FILENO,
                    "usage: soak [--seed N] [--seconds S | --operations N] [--threads T] "
                    "[--plugins A B] [--resizes PERCENT | --no-moves] [--always] [--guarded] "
                    "[--sealed]\n");
            exit(2);
        }
    }
}

int main(int argc, char **argv) {
    if (argc == 2 && !strcmp(argv[1], "--executed")) {
        return be_executed();
    }
    read_options(argc, argv);
    dprintf(STDOUT_FILENO, "seed %lu, %u threads\n", options.seed, options.threads);
    install_handler();
    pthread_barrier_init(&all_here, nullptr, options.threads);
    for (unsigned i = 0; i < options.threads; i++) {
        workers[i].number = i;
    }
    double start = seconds();
    uint64_t done = 0;
    while (options.seconds ? seconds() - start < static_cast<double>(options.seconds)
                           : done < options.steps) {
        uint64_t left = options.seconds ? ROUND : options.steps - done;
        run_all(left < ROUND ? left : ROUND);
        done += left < ROUND ? left : ROUND;
        print_point(seconds() - start);
    }
    dprintf(STDOUT_FILENO, "again with: --seed %lu --threads %u --operations %lu\n", options.seed,
            options.threads, done);
    return 0;
}
