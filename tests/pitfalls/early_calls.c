// SPDX-License-Identifier: MIT
// A library that the program early_library_calls is linked with. Its constructor runs before the guard's.
#include "stale.h"
#include <fcntl.h>
#include <unistd.h>

int early_descriptor;
ssize_t early_result;

__attribute__((constructor)) static void set_up(void) {
    char buffer[10];
    int fd = open("/dev/zero", O_RDONLY);
    if (read(fd, buffer, sizeof buffer) != sizeof buffer) {
        abort();
    }
    close(fd);
    char *path = make_stale(100), *room = make_stale(100);
    strcpy(buffer, "/dev/zero");
    fd = open(buffer, O_RDONLY);
    early_result = read(fd, room, 10);
    close(fd);
    early_descriptor = open(path, O_RDONLY); // "aaa..."
}
