// SPDX-License-Identifier: MIT
// Signals, as the program sees them and as they are. The guard's handlers for SIGSEGV, SIGTRAP and the stand-in of
// SIGSEGV stay first and SIGSEGV is never really blocked; sigaction, signal, sigprocmask and their kin
// are interposed and keep up the program's own view. What is not the guard's goes to the program's
// handler, or to the default action, as if the guard were not there.
#ifndef RG_FRONT_SIGNALS_H
#define RG_FRONT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

// Installs the handlers. Called once, before there are threads.
// rg_mask_init goes with it.
void rg_signals_init(void);

// Gives a SIGSEGV or SIGTRAP that is not ours to the program. Called in the handler; returns if the interrupted code
// is to go on (or to fault again, under the default action).
void rg_signals_pass_on(int sig, siginfo_t *info, ucontext_t *context);

// Whether a fault with that signal in code with that mask will come to a handler of the program's.
bool rg_signals_is_handled(int sig, const ucontext_t *context);

// Keeps a SIGSEGV that was sent pending, as its stand-in, until that is not blocked. Another thread may take it.
void rg_signals_defer(siginfo_t *info);

// Sends a signal that was sent to this thread (SI_TKILL) or process, and came at the wrong time, once more.
void rg_signals_send_again(int sig, siginfo_t *info);

// The kernel takes the handler away where a debugger's breakpoint or step meets a thread that blocks
// SIGTRAP. Before a step it must be there.
void rg_signals_keep_trap(void);

// Lets the default action happen, by the interrupted instruction where that will fault again.
void rg_signals_take_default(int sig, const siginfo_t *info);

// Whether a SIGBUS comes to the guard's handler in every process that runs on this memory.
bool rg_signals_have_bus(void);

// In fault.c: the handlers.
void rg_fault_on_segv(int sig, siginfo_t *info, void *arg);
void rg_fault_on_trap(int sig, siginfo_t *info, void *arg);
void rg_fault_on_bus(int sig, siginfo_t *info, void *arg);

#endif
