// SPDX-License-Identifier: MIT
// What is remembered of a library that has been unloaded is used again when it comes back: 2,000 rounds of
// dlopen and dlclose may not fill the memory. Must stay silent.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

enum { WARM_UP = 200, ROUNDS = 2000, ALLOWED_KB = 2048 };

static long pss_in_kb(void) {
    char line[200];
    long found = 0;
    FILE *rollup = fopen("/proc/self/smaps_rollup", "r");
    while (fgets(line, sizeof(line), rollup) && sscanf(line, "Pss: %ld", &found) != 1) {
    }
    fclose(rollup);
    return found;
}

int main(int argc, char **argv) {
    long before = 0;
    for (int i = 0; i < ROUNDS; i++) {
        void *plugin = dlopen(argv[1], RTLD_NOW);
        if (!plugin) {
            return 1;
        }
        free(malloc(100));
        dlclose(plugin);
        if (i == WARM_UP) {
            before = pss_in_kb();
        }
    }
    long growth = pss_in_kb() - before;
    printf("address: grew by %ld kB\n", growth);
    printf("bounded: %d\n", growth < ALLOWED_KB);
    return 0;
}
