// SPDX-License-Identifier: MIT
// The error code is read from the request after the request is gone.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=read; freed=freed; allocated=allocated
#include <stdlib.h>

struct request {
    int id, error;
};

static int finish(struct request *request) {
    free(request);         // HERE: freed
    return request->error; // HERE: read
}

int main(void) {
    struct request *request = calloc(1, sizeof *request); // HERE: allocated
    finish(request);
    return 0;
}
