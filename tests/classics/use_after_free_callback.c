// SPDX-License-Identifier: MIT
// A callback ends the connection that its caller goes on with.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=read; freed=freed; allocated=allocated
#include <stdlib.h>

struct connection {
    void (*on_data)(struct connection *connection);
    int pending;
};

static void close_it(struct connection *connection) {
    free(connection); // HERE: freed
}

static int serve(struct connection *connection) {
    connection->on_data(connection);
    return connection->pending; // HERE: read
}

int main(void) {
    struct connection *connection = malloc(sizeof *connection); // HERE: allocated
    connection->on_data = close_it;
    connection->pending = 0;
    return serve(connection) & 1;
}
