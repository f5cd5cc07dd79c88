// SPDX-License-Identifier: MIT
// A plug-in in a namespace of its own (dlmopen) has its own C library and its own malloc, which the guard
// is not in: its blocks are not ours and must not be mixed up. Must stay silent.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    void *plugin = dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW);
    if (!plugin) {
        puts(dlerror());
        return 1;
    }
    void (*take)(char *) = (void (*)(char *))dlsym(plugin, "deepbind_take");
    char *(*give)(void) = (char *(*)(void))dlsym(plugin, "deepbind_give");
    char *(*grow)(char *) = (char *(*)(char *))dlsym(plugin, "deepbind_grow");
    void (*use_library)(void) = (void (*)(void))dlsym(plugin, "deepbind_use_library");
    for (int i = 0; i < 100; i++) {
        char *block = grow(give());
        free(realloc(malloc(100), 5000));
        if (i == 0) {
            puts(block);
        }
        take(block);
        use_library();
    }
    return 0;
}
