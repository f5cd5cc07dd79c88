// SPDX-License-Identifier: MIT
// A program in C, without C++ or libgcc_s of its own, opens a plug-in that throws: the exception must go
// through the plug-in's own unwinder and be caught. Must stay silent.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    free(realloc(malloc(10), 100));
    void *plugin = dlopen(argv[1], RTLD_NOW);
    int (*function)(int) = plugin ? (int (*)(int))dlsym(plugin, "throw_and_catch") : NULL;
    if (!function) {
        return 1;
    }
    int caught = 0;
    for (int i = 0; i < 100; i++) {
        caught += function(i) == i;
    }
    printf("caught: %d\n", caught);
    return dlclose(plugin);
}
