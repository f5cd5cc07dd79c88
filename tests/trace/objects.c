// SPDX-License-Identifier: MIT
// Two plug-ins that take turns, most likely at one address: each of their stacks must be told with the right one.
#include "told.h"

#include <dlfcn.h>
#include <string.h>

static void use(const char *path, size_t size) {
    void *plugin = dlopen(path, RTLD_NOW);
    void *symbol = plugin ? dlsym(plugin, "allocate_there") : NULL;
    void *(*allocate)(size_t);
    if (!symbol) {
        abort();
    }
    memcpy(&allocate, &symbol, sizeof allocate);
    free(allocate(size));
    dlclose(plugin);
}

int main(int argc, char **argv) {
    for (int i = 0; i < 10; i++) {
        use(argv[1], 9001);
        use(argv[2], 9002);
    }
    return argc < 3;
}
