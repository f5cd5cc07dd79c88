// SPDX-License-Identifier: MIT
// A call through the table of a freed object.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=call; freed=freed; allocated=allocated
#include <stdlib.h>

struct plugin {
    int (*run)(int argument);
};

static int twice(int argument) {
    return 2 * argument;
}

int main(void) {
    struct plugin *plugin = malloc(sizeof *plugin); // HERE: allocated
    plugin->run = twice;
    free(plugin);          // HERE: freed
    return plugin->run(0); // HERE: call
}
