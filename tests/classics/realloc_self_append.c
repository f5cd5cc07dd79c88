// SPDX-License-Identifier: MIT
// A text is appended to itself: the source moves away while room is made for it.
// NATIVE: undefined
// REPORT: stale read; access=read; moved=moved; allocated=allocated; now=live
#include <stdlib.h>
#include <string.h>

struct text {
    char *data;
    size_t length;
};

static void append(struct text *text, const char *more, size_t length) {
    text->data = realloc(text->data, text->length + length); // HERE: moved
    memcpy(text->data + text->length, more, length);         // HERE: read
    text->length += length;
}

int main(void) {
    struct text text = {malloc(100), 100}; // HERE: allocated
    memset(text.data, 'x', 100);
    append(&text, text.data + 50, 50);
    return 0;
}
