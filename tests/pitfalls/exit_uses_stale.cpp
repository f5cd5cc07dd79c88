// SPDX-License-Identifier: MIT
// Stale reads at the very end are still reported: in a thread's and main's thread-local destructors, in an
// atexit handler and in the destructor of a static object.
// REPORT: stale read; access=thread; now=live
// REPORT: stale read; access=thread; now=live
// REPORT: stale read; access=handler; now=live
// REPORT: stale read; access=object; now=live
#include "stale.h"
#include <cstdio>
#include <thread>

struct of_program {
    char *old = make_stale(50);
    ~of_program() {
        volatile char byte = *old; // HERE: object
        std::puts("destructor of the program");
    }
};

struct of_thread {
    char *old = make_stale(60);
    ~of_thread() {
        volatile char byte = *old; // HERE: thread
        std::puts("destructor of a thread");
    }
    void touch() {
    }
};

static of_program object;
static thread_local of_thread local;
static char *old;

int main() {
    old = make_stale(70);
    std::atexit([] {
        volatile char byte = *old; // HERE: handler
        std::puts("atexit");
    });
    std::thread([] { local.touch(); }).join();
    local.touch();
    return 0;
}
