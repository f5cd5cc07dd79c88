// SPDX-License-Identifier: MIT
// Children, while the other workers go on. Of the inherited blocks a child looks at those of the worker
// that forked: the others are in the middle of a change.
#include "soak.h"

#include <cerrno>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char exe[] = "/proc/self/exe", executed[] = "--executed";
static char *const arguments[] = {exe, executed, nullptr};

static void use_inherited(worker &w) {
    for (const block &b : w.places) {
        if (b.at) {
            check_block(b);
        }
    }
    check_vacated(w);
    for (int i = 0; i < 200; i++) {
        block &b = w.places[1 + w.random.below(PLACES - 1)];
        if (!b.at) {
            b = make_block(w.random);
        } else if (w.random.below(2)) {
            resize_block(w, b);
        } else {
            end_block(w, b);
        }
    }
    throw_and_catch(w);
    for (const block &b : w.places) {
        if (b.at) {
            check_block(b);
        }
    }
}

[[noreturn]] static void be_child(worker &w, size_t kind) {
    w.child = 0;
    if (kind < 3) {
        use_inherited(w);
    } else if (kind == 3) {
        execve(exe, arguments, environ);
        _exit(99);
    }
    _exit(0);
}

int be_executed() {
    static worker w;
    self = &w;
    for (block &b : w.places) {
        b = make_block(w.random);
        resize_block(w, b);
    }
    for (block &b : w.places) {
        end_block(w, b);
    }
    return 0;
}

void await_child(worker &w) {
    int status = 0;
    if (w.child == 0) {
        return;
    }
    while (waitpid(w.child, &status, 0) < 0) {
        if (errno != EINTR) {
            fail("a child cannot be waited for");
        }
    }
    w.child = 0;
    if (status != 0) {
        fail("a child failed");
    }
}

void start_child(worker &w) {
    size_t kind = w.random.below(6);
    await_child(w);
    if (kind == 5) {
        w.count.spawns++;
        if (posix_spawn(&w.child, exe, nullptr, nullptr, arguments, environ) != 0) {
            fail("a program could not be started");
        }
        return;
    }
    w.count.forks++;
    pid_t pid = fork();
    if (pid < 0) {
        fail("fork failed");
    }
    if (pid == 0) {
        be_child(w, kind);
    }
    w.child = pid;
}
