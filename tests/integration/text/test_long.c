// SPDX-License-Identifier: MIT
// More lines than the text has room for at first.
#include "text.h"

#include <stdio.h>

int main(void) {
    struct text text;
    bool ok = text_init(&text);
    for (int i = 0; ok && i < 1000; i++) {
        char line[32];
        snprintf(line, sizeof line, "line %d", i);
        ok = text_add(&text, line);
    }
    text_done(&text);
    return !ok;
}
