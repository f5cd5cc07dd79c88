// SPDX-License-Identifier: MIT
// What a worker does at each step.
#include "soak.h"

#include <mutex>
#include <pthread.h>
#include <vector>

enum { MAILBOXES = 32 };

static struct mailbox {
    std::mutex lock;
    block letter;
} mailboxes[MAILBOXES];

static block &pick_place(worker &w) {
    return w.places[w.random.below(100) ? 1 + w.random.below(PLACES - 1) : 0];
}

// Leaves what is in the place for whoever comes next, and takes what was left before.
static void pass_on(worker &w, block &b) {
    mailbox &box = mailboxes[&b == w.places ? 0 : 1 + w.random.below(MAILBOXES - 1)];
    box.lock.lock();
    block other = box.letter;
    box.letter = b;
    box.lock.unlock();
    b = other;
    w.count.passed++;
    if (b.at) {
        check_block(b);
    }
}

uint64_t bytes_in_mailboxes() {
    uint64_t bytes = 0;
    for (mailbox &box : mailboxes) {
        bytes += box.letter.size;
    }
    return bytes;
}

static void use_place(worker &w, block &b) {
    size_t kind = w.random.below(100);
    if (!b.at) {
        b = &b == w.places ? make_large_block(w.random) : make_block(w.random);
    } else if (kind < 25) {
        end_block(w, b);
    } else if (kind < 25 + options.resizes) {
        resize_block(w, b);
    } else {
        change_block(b, w.random);
    }
}

// Freed memory that an allocator keeps for later grows with the largest amount that was ever in use of a
// size, and that creeps up for as long as a run lasts. So the amounts go up first to what is never reached
// again. Not with moves: they use up what was freed, and growth would be hidden for a while.
void reach_high_water(worker &w) {
    static const size_t BYTES = 5 * MIB, COUNT = 500;
    std::vector<block> blocks;
    w.random.state = options.seed + w.number;
    for (size_t size = 16; !options.moves && size < 3 * MIB; size += size / 16) {
        for (size_t i = 0; i < COUNT && i <= BYTES / size; i++) {
            blocks.push_back(adopt_block(malloc(size), size, w.random));
        }
        for (block &b : blocks) {
            end_block(w, b);
        }
        blocks.clear();
    }
}

// Works on a few blocks of the worker that waits for it.
static void *be_helper(void *arg) {
    worker &w = *static_cast<worker *>(arg);
    self = &w;
    for (int i = 0; i < 20; i++) {
        use_place(w, pick_place(w));
    }
    return nullptr;
}

void run_helper_thread(worker &w) {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, be_helper, &w) != 0) {
        fail("a thread could not be started");
    }
    pthread_join(thread, nullptr);
    w.count.threads++;
}

// Each step has random numbers of its own, so that it is the same whatever went before.
static uint64_t number_of(const worker &w) {
    random_numbers r{options.seed};
    r.state = r.next() + w.number;
    r.state = r.next() + w.step;
    return r.next();
}

void take_step(worker &w) {
    w.random.state = number_of(w);
    size_t kind = w.random.below(10000);
    block &b = pick_place(w);
    w.count.operations++;
    if (kind < 8500) {
        use_place(w, b);
    } else if (kind < 9800) {
        pass_on(w, b);
    } else if (kind < 9900) {
        throw_and_catch(w);
    } else if (kind < 9960) {
        send_signal(w, static_cast<pid_t>(w.random.below(options.threads)));
    } else if (kind < 9980) {
        run_helper_thread(w);
    } else if (kind < 9990) {
        use_plugin(w, w.places[1]);
    } else if (kind < 9998) {
        start_child(w);
    }
    w.step++;
}
