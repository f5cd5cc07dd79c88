// SPDX-License-Identifier: MIT
// A program that brings its own malloc: operator new of the C++ library goes to it, as do strings, and the
// guard has nothing to do. It says so, once. What dlerror has to say stays when a thread is created and a sandbox
// entered: the guard opens no library either.
// BARE: realloc
// TEXT: ^==\d+== realloc_guard: malloc of this program is that of /\S+/own_malloc, not the guard's: nothing is checked; remedy: [^\n]+\n$
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/prctl.h>

static char pool[1 << 22];
static size_t used;
static int calls;

static bool is_in_pool(const void *block) {
    return block >= pool && block < pool + sizeof(pool);
}

extern "C" void *malloc(size_t size) {
    void *block = pool + used;
    used += (size + 31) & ~size_t{15};
    calls++;
    return block;
}

extern "C" void free(void *) {
}

extern "C" void *calloc(size_t count, size_t size) {
    return malloc(count * size);
}

extern "C" void *realloc(void *block, size_t size) {
    void *larger = malloc(size);
    return block ? std::memcpy(larger, block, size) : larger;
}

static void *run(void *arg) {
    return arg;
}

static void keep_error() {
    pthread_t thread;
    dlopen("no-such-library.so.1", RTLD_NOW);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (pthread_create(&thread, nullptr, run, nullptr) == 0) {
        pthread_join(thread, nullptr);
    }
    const char *error = dlerror();
    std::printf("dlerror: %s\n", error ? error : "nothing");
}

int main() {
    int before = calls;
    int *numbers = new int[10];
    std::string text(100, 'x');
    std::printf("own malloc called: %d, new: %d, string: %d, strdup: %d\n", calls > before,
                is_in_pool(numbers), is_in_pool(text.data()), is_in_pool(strdup("text")));
    delete[] numbers;
    keep_error();
    return 0;
}
