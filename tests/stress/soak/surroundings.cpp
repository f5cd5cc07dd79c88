// SPDX-License-Identifier: MIT
// What a program does around its allocations: exceptions through frames that own blocks, plug-ins that
// come and go and leave blocks behind, signal handlers that allocate.
#include "soak.h"

#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <memory>
#include <pthread.h>
#include <stdexcept>
#include <string>

namespace {
// Ends its block on the way out of the frame.
struct owned {
    worker &w;
    block b;
    explicit owned(worker &owner) : w(owner), b(make_block(owner.random)) {
    }
    ~owned() {
        end_block(w, b);
    }
};
} // namespace

[[gnu::noinline]] static void descend(worker &w, size_t depth) {
    owned mine(w);
    std::string text(20 + depth * 40, 't');
    if (depth == 0) {
        throw std::runtime_error(text);
    }
    descend(w, depth - 1);
    check_block(mine.b);
}

void throw_and_catch(worker &w) {
    size_t depth = w.random.below(6);
    bool caught = false;
    try {
        descend(w, depth);
    } catch (const std::runtime_error &e) {
        caught = std::string(e.what()) == std::string(20, 't');
    }
    if (!caught) {
        fail("an exception did not arrive as it was thrown");
    }
    w.count.throws++;
}

template <typename function> static function *find(void *handle, const char *name) {
    void *at = dlsym(handle, name);
    if (!at) {
        fail("a plug-in lacks a function");
    }
    return reinterpret_cast<function *>(at);
}

// The block outlives the plug-in that made it.
void use_plugin(worker &w, block &b) {
    const char *path = options.plugins[w.random.below(2)];
    size_t size = random_size(w.random);
    if (!path) {
        return;
    }
    void *handle = dlopen(path, RTLD_NOW);
    if (!handle) {
        fail(dlerror());
    }
    end_block(w, b);
    b = adopt_block(find<void *(size_t)>(handle, "plugin_make")(size), size, w.random);
    if (find<int(int)>(handle, "plugin_throw")(7) != 7) {
        fail("an exception of a plug-in did not arrive");
    }
    dlclose(handle);
    w.count.plugins++;
    handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    if (handle) {
        dlclose(handle); // in use by another thread
    } else {
        w.count.unloads++;
    }
}

static pthread_t threads[THREADS_MAX];
static thread_local block handlers;
static thread_local bool takes_signals;
static thread_local random_numbers handlers_random;

static void on_signal(int) {
    if (!takes_signals) {
        return;
    }
    if (handlers.at) {
        check_block(handlers);
        free(handlers.at);
    }
    size_t size = 1 + handlers_random.below(3000);
    handlers = adopt_block(malloc(size), size, handlers_random);
    if (options.moves) {
        block before = handlers;
        handlers.at = static_cast<unsigned char *>(realloc(before.at, size));
        check_block(handlers);
    }
}

void install_handler() {
    struct sigaction action = {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
}

void begin_signals() {
    threads[self->number] = pthread_self();
    handlers_random.state = self->number;
    takes_signals = true;
}

// No thread sends any more.
void end_signals() {
    takes_signals = false;
    free(handlers.at);
    handlers = block{};
}

// A handler may not allocate, as a rule, when it interrupts malloc; under the guard it may. Without it a
// thread signals itself, while it is elsewhere.
void send_signal(worker &w, pid_t thread) {
    w.count.signals++;
    pthread_kill(options.guarded ? threads[thread] : pthread_self(), SIGUSR1);
}
