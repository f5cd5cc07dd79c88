// SPDX-License-Identifier: MIT
// Texts as every format takes them, see export.h.
#include "export.h"

#include "need.h"
#include "utf8.h"

#include <string.h>

char *rg_export_text(const char *text) {
    size_t len = 0;
    char *clean = rg_need(3 * strlen(text) + 1);
    while (*text) {
        size_t bytes = rg_utf8_bytes(text);
        if (bytes == 0) {
            len += (size_t)(rg_utf8_put(clean + len, 0xfffd) - (clean + len));
            text++;
        } else if (bytes == 1 && ((unsigned char)*text < ' ' || *text == 0x7f)) {
            clean[len++] = '?';
            text++;
        } else {
            memcpy(clean + len, text, bytes);
            len += bytes;
            text += bytes;
        }
    }
    return clean;
}
