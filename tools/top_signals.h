// SPDX-License-Identifier: MIT
// The signals of `realloc-guard top`: they wait in a descriptor until the view looks, so that it always gives the
// terminal back. One that the caller ignores (nohup) stays ignored. A pipe without a reader is an error of write.
#ifndef RG_TOOLS_TOP_SIGNALS_H
#define RG_TOOLS_TOP_SIGNALS_H

// Blocks SIGCHLD, SIGWINCH and what asks to stop: SIGINT, SIGTERM, SIGHUP, SIGQUIT. Returns the descriptor, or -errno.
int rg_top_signals_take(void);

// As they were before; also in a child, which is about to become the program.
void rg_top_signals_give_back(void);

// The number of the next one that has come, or 0.
int rg_top_signals_next(int fd);

#endif
