// SPDX-License-Identifier: MIT
// Lines of text in one buffer that grows: the library that each of the example projects tests.
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct text {
    char *start;
    size_t size, room;
    size_t last; // where the last line begins
};

bool text_init(struct text *text);
void text_done(struct text *text);

// Adds the line, unless it is the same as the last one. Returns whether it has added it.
bool text_add(struct text *text, const char *line);

#ifdef __cplusplus
}
#endif

#endif
