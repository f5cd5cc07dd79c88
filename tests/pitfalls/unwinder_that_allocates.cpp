// SPDX-License-Identifier: MIT
// What an unwinder calls may allocate itself and so come back to the guard: a program's own
// dl_iterate_phdr, which allocates, prints and reads the environment. Exceptions pass through it, and a
// stale read is still reported.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <cstdio>
#include <dlfcn.h>
#include <link.h>

static int calls;

extern "C" int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data) {
    using function = int (*)(int (*)(struct dl_phdr_info *, size_t, void *), void *);
    static auto next = reinterpret_cast<function>(dlsym(RTLD_NEXT, "dl_iterate_phdr"));
    calls++;
    char *block = static_cast<char *>(std::realloc(std::malloc(100), 5000));
    std::snprintf(block, 5000, "%d %s", calls, std::getenv("PATH"));
    int result = next(callback, data);
    std::free(block);
    return result;
}

int main() {
    try {
        throw 1;
    } catch (int) {
        std::puts("caught");
    }
    dl_iterate_phdr([](struct dl_phdr_info *, size_t, void *) { return 1; }, nullptr);
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    std::printf("called: %d\n", calls > 0);
    return 0;
}
