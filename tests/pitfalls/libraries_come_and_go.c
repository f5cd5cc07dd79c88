// SPDX-License-Identifier: MIT
// What is remembered of libraries that have been unloaded is used again when they come back, one at a time
// or in turn at the same place: 2,000 rounds of dlopen and dlclose may not fill the memory. Must stay silent.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

enum { WARM_UP = 200, ROUNDS = 2000, STACKS = 20, ALLOWED_KB = 1024 };

static long pss_in_kb(void) {
    char line[200];
    long found = 0;
    FILE *rollup = fopen("/proc/self/smaps_rollup", "r");
    while (fgets(line, sizeof(line), rollup) && sscanf(line, "Pss: %ld", &found) != 1) {
    }
    fclose(rollup);
    return found;
}

// Allocates on many stacks, and once in the library.
static char *allocate(int depth, char *(*grow)(char *)) {
    char *block = malloc(100);
    if (depth > 0) {
        free(block);
        return allocate(depth - 1, grow);
    }
    return grow(block);
}

static void use(const char *path, const char *function) {
    void *plugin = dlopen(path, RTLD_NOW);
    if (!plugin) {
        exit(1);
    }
    free(allocate(STACKS, dlsym(plugin, function)));
    dlclose(plugin);
}

static long growth(char **plugins, int count) {
    static const char *const functions[] = {"grow_in_a", "grow_in_b"};
    long before = 0;
    for (int i = 0; i < ROUNDS; i++) {
        use(plugins[i % count], functions[i % count]);
        if (i == WARM_UP) {
            before = pss_in_kb();
        }
    }
    return pss_in_kb() - before;
}

int main(int argc, char **argv) {
    for (int count = 1; count <= 2; count++) {
        long kb = growth(argv + 1, count);
        printf("address: grew by %ld kB\n", kb);
        printf("bounded: %d\n", kb < ALLOWED_KB);
    }
    return 0;
}
