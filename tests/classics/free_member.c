// SPDX-License-Identifier: MIT
// free of a member in place of the structure that it is in.
// NATIVE: undefined
// REPORT: free middle; access=free; allocated=allocated
#include <stdlib.h>

struct message {
    int length;
    char text[60];
};

int main(void) {
    struct message *message = malloc(sizeof *message); // HERE: allocated
    message->length = 3;
    free(message->text); // HERE: free
    return 0;
}
