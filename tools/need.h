// SPDX-License-Identifier: MIT
// Memory for a command that keeps what it learns until it ends, so most of it is never freed. Where there
// is none the tool says so in one line and exits with RG_EXIT_RUNNER; nothing here returns NULL.
#ifndef RG_TOOLS_NEED_H
#define RG_TOOLS_NEED_H

#include "base/compiler.h"

#include <stddef.h>
#include <stdio.h>

// Zero-filled.
void *rg_need(size_t size);

// Makes room for one more item behind the `count` that are there; the capacity is the next power of two.
// Returns where the items are now.
void *rg_need_room(void *items, size_t count, size_t item_size);

// Makes room for the item of that index where there is none yet; what is added is zero-filled, and of that only what is used
// takes memory. Returns where the items are now.
void *rg_need_index(void *items, size_t *cap, size_t index, size_t item_size);

char *rg_need_copy(const char *text);
char *rg_need_part(const char *text, size_t len);
// A stream that collects text, which is to be freed after fclose.
FILE *rg_need_stream(char **ret_text, size_t *ret_len);

char *rg_need_text(const char *format, ...) RG_PRINTF_LIKE(1, 2);

#endif
