// SPDX-License-Identifier: MIT
// The signals of `realloc-guard failures`, from its first run to its table: those that ask it to stop wait until it
// looks for them, so that it leaves neither a process nor a folder behind. One that the caller ignores (nohup)
// stays ignored. A pipe without a reader and a file that is too long are errors of write, not the end.
#ifndef RG_TOOLS_FAILURES_SIGNALS_H
#define RG_TOOLS_FAILURES_SIGNALS_H

// Blocks SIGCHLD and what asks to stop: SIGINT, SIGTERM, SIGHUP, SIGQUIT.
void rg_signals_take(void);

// As they were before; also in a child, which is about to become the program.
void rg_signals_give_back(void);

// Sleeps until a child ends, a signal asks to stop or the time is up. Returns the number of that signal, or 0.
int rg_signals_wait(double seconds);

// Ends the process by that signal, without a core.
void rg_signals_end_by(int number);

#endif
