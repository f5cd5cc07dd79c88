// SPDX-License-Identifier: MIT
// The system is handed what realloc has cut off. The call does what it would have done alone.
// NATIVE: undefined
// REPORT: read past the end; access=written; moved=cut; allocated=allocated
// REPORT: write past the end; access=received; moved=cut; allocated=allocated
// REPORT: write past the end; access=random; moved=cut; allocated=allocated
// REPORT: read past the end; access=gathered; moved=cut; allocated=allocated
// REPORT: write past the end; access=streamed; moved=cut; allocated=allocated
// TEXT: by the system, for write \(argument buf\), 0 bytes past the end of the block of 16 bytes
// TEXT: by the system, for writev \(argument iov\), 0 bytes past the end of the block of 16 bytes
// TEXT: by the system, for fread \(argument ptr\), 0 bytes past the end of the block of 16 bytes
#include "doctor.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

static void work(void) {
    char *block = (char *)malloc(block_size); // HERE: allocated
    FILE *zeros = fopen("/dev/zero", "r");
    size_t half = block_size / 32 * 16, most = block_size - 1;
    int sink = open("/dev/null", O_WRONLY);
    int source = open("/dev/zero", O_RDONLY);
    memset(block, 'x', block_size);
    block = (char *)realloc(block, half); // HERE: cut

    ssize_t written = write(sink, block, most);   // HERE: written
    ssize_t received = read(source, block, most); // HERE: received
    int first = block[0], last = block[half - 1];
    ssize_t random = getrandom(block + half - 1, 1 + half, 0); // HERE: random
    struct iovec pieces[2] = {{block, half}, {block, most}};
    ssize_t gathered = writev(sink, pieces, 2);     // HERE: gathered
    size_t streamed = fread(block, 1, most, zeros); // HERE: streamed
    printf("%d %d %d %d %d, %d %d\n", written == (ssize_t)most, received == (ssize_t)most,
           random == (ssize_t)(1 + half), gathered == (ssize_t)(half + most), streamed == most,
           first, last);
    free(block);
}
