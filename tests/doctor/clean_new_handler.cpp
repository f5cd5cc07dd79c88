// SPDX-License-Identifier: MIT
// new[] has no memory at first; the handler gives some back, and the C++ library's new[] gets it from the guard's new.
#include "doctor.h"

#include <new>
#include <sys/resource.h>

static struct rlimit before;

static void give_back(void) {
    setrlimit(RLIMIT_AS, &before);
    puts("given back");
}

static void work(void) {
    const size_t huge = (size_t)3 << 30;
    getrlimit(RLIMIT_AS, &before);
    struct rlimit limited = before;
    limited.rlim_cur = (size_t)5 << 29;
    setrlimit(RLIMIT_AS, &limited);
    std::set_new_handler(give_back);
    char *volatile block = new (std::nothrow) char[huge];
    puts(block ? "a block" : "none");
    delete[] block;
    std::set_new_handler(nullptr);
}
