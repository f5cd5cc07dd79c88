// SPDX-License-Identifier: MIT
// The start of the program: main is called through a function of ours, so that a return from it can end
// with the guard's exit status. State: the program's main.
#include "base/compiler.h"
#include "front/exit.h"

#include <dlfcn.h>
#include <string.h>

typedef int main_fn(int argc, char **argv, char **environment);

static main_fn *program_main;

static int call_main(int argc, char **argv, char **environment) {
    return rg_exit_status(program_main(argc, argv, environment));
}

// The C library has one function for both of its symbol versions; old programs pass init and fini.
RG_EXPORT int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
                                void (*fini)(void), void (*rtld_fini)(void), void *stack_end);
RG_EXPORT int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
                                void (*fini)(void), void (*rtld_fini)(void), void *stack_end) {
    int (*next)(main_fn *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);
    void *symbol = dlsym(RTLD_NEXT, "__libc_start_main");
    memcpy(&next, &symbol, sizeof next);
    program_main = main;
    return next(call_main, argc, argv, init, fini, rtld_fini, stack_end);
}
