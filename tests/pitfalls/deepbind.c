// SPDX-License-Identifier: MIT
// A plug-in that was opened with RTLD_DEEPBIND binds to the C library's malloc and free: blocks go from it
// to the program and back, and from the C library to it. Must stay silent.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    void *plugin = dlopen(argv[1], RTLD_NOW | RTLD_DEEPBIND);
    if (!plugin) {
        return 1;
    }
    void (*take)(char *) = (void (*)(char *))dlsym(plugin, "deepbind_take");
    char *(*give)(void) = (char *(*)(void))dlsym(plugin, "deepbind_give");
    char *(*grow)(char *) = (char *(*)(char *))dlsym(plugin, "deepbind_grow");
    void (*use_library)(void) = (void (*)(void))dlsym(plugin, "deepbind_use_library");
    free(give());
    char *block = realloc(give(), 3000);
    puts(block);
    block = grow(block);
    puts(block);
    take(block);
    take(grow(strdup("copied")));
    use_library();
    return 0;
}
