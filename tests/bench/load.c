// SPDX-License-Identifier: MIT
// Runs one synthetic load by its name, as scripts/bench does, and prints its checksum.
#include "load.h"

#include "bench.h"

#include <stdio.h>

double part_begin(void) {
    return ns_of(CLOCK_PROCESS_CPUTIME_ID);
}

void part_end(const char *name, double begun) {
    printf("part %s %.6f\n", name, (ns_of(CLOCK_PROCESS_CPUTIME_ID) - begun) / 1e9);
}

static const struct {
    const char *name;
    uint64_t (*run)(void);
} loads[] = {
    {"random", load_random},   {"live", load_live},     {"deep", load_deep},
    {"list", load_list},       {"tree", load_tree},     {"vectors", load_vectors},
    {"strings", load_strings}, {"shrink", load_shrink}, {"pipeline", load_pipeline},
    {"threads", load_threads}, {"starts", load_starts}, {"nothing", load_nothing},
    {"compute", load_compute},
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc == 2 && i < sizeof loads / sizeof *loads; i++) {
        if (!strcmp(argv[1], loads[i].name)) {
            printf("%016lx\n", (unsigned long)loads[i].run());
            return 0;
        }
    }
    fprintf(stderr, "usage: load NAME, a name of the table in load.c\n");
    return 2;
}
