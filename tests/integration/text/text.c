// SPDX-License-Identifier: MIT
#include "text.h"

#include <stdlib.h>
#include <string.h>

bool text_init(struct text *text) {
    *text = (struct text){.start = calloc(1, 4096), .room = 4096};
    return text->start;
}

void text_done(struct text *text) {
    free(text->start);
}

static bool reserve(struct text *text, size_t more) {
    if (text->size + more > text->room) {
        size_t room = 2 * (text->size + more);
        char *start = realloc(text->start, room);
        if (!start) {
            return false;
        }
        text->start = start;
        text->room = room;
    }
    return true;
}

bool text_add(struct text *text, const char *line) {
    const char *last = text->start + text->last;
    size_t size = strlen(line) + 1;
    if (!reserve(text, size) || strcmp(last, line) == 0) { // HERE: the text may have moved
        return false;
    }
    text->last = text->size;
    memcpy(text->start + text->size, line, size);
    text->size += size;
    return true;
}
