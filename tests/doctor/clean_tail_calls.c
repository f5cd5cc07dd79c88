// SPDX-License-Identifier: MIT
// As tail_calls.c, but the calls have no more to give or take than the block can hold, whatever they are told.
#include "doctor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

// A connection by TCP takes what it does not store. Returns whether as much as was sent was taken.
static int listen_and_drop(char *block, size_t size) {
    struct sockaddr_in at;
    socklen_t length = sizeof at;
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0), sender = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 1) ||
        getsockname(listener, (struct sockaddr *)&at, &length) ||
        connect(sender, (struct sockaddr *)&at, sizeof at)) {
        return 0;
    }
    int receiver = accept(listener, NULL, NULL);
    ssize_t sent = send(sender, "0123456789012345678901234567890123456789", 40, 0);
    return sent == 40 && recv(receiver, block, size, MSG_TRUNC) == sent;
}

static void work(void) {
    char *block = (char *)malloc(block_size);
    FILE *empty = fopen("/dev/null", "r");
    size_t half = block_size / 2;
    int ends[2], sink = open("/dev/null", O_WRONLY);
    block = (char *)realloc(block, half);
    memset(block, 'x', half);
    struct iovec pieces[2] = {{block, 5}, {block + 5, 2 * block_size}};

    int done = pipe(ends) == 0;
    done = done && write(ends[1], "0123456789", 10) == 10;
    done = done && read(ends[0], block, 2 * block_size) == 10;
    done = done && write(ends[1], "abcdefgh", 8) == 8;
    done = done && readv(ends[0], pieces, 2) == 8;
    done = done && fread(block, 2 * block_size, 1, empty) == 0;
    done = done && write(sink, block, half) == (ssize_t)half;
    done = done && write(-1, block, 2 * block_size) == -1;
    done = done && readlink("/proc/self/cwd/", block, 2 * block_size) == -1;
    int pair[2];
    done = done && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
    done = done && write(pair[1], "ABC", 3) == 3;
    done = done && recv(pair[0], block, 2 * block_size, 0) == 3;
    done = done && listen_and_drop(block, 2 * block_size);
    printf("%d %.10s %c\n", done, block, block[half - 1]);
    free(block);
}
