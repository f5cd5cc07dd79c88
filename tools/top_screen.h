// SPDX-License-Identifier: MIT
// The terminal, by ncurses. One at a time.
#ifndef RG_TOOLS_TOP_SCREEN_H
#define RG_TOOLS_TOP_SCREEN_H

#include "top_lines.h"

#include <stdbool.h>

// Whether `fd` is a terminal that can be drawn on.
bool rg_top_screen_can(int fd);

// Takes the terminal: writes to standard output, reads keys from `input`. Returns false where ncurses does not know it.
bool rg_top_screen_open(int input);

// Gives it back as it was. May be called at any time, also when it is not open.
void rg_top_screen_close(void);

// The size, which may have changed.
void rg_top_screen_size(size_t *ret_columns, size_t *ret_rows);

void rg_top_screen_draw(const struct rg_top_lines *lines);

// The next key (enum rg_top_key, or a byte) that was typed, or -1.
int rg_top_screen_key(void);

#endif
