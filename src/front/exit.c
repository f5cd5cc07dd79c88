// SPDX-License-Identifier: MIT
// The end of the process: the summary, and the exit status that says that something was reported. The
// library's destructor does it for exit and for a return from main; _exit and its kin are interposed. A
// process that is killed, aborts or executes another program keeps its own status; its reports are out.
// No state.
#include "base/compiler.h"
#include "base/options.h"
#include "base/sys.h"
#include "front/init.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// The status to end with. A vfork child runs on its parent's memory, and its end is not the end of that.
static int conclude(int status) {
    if (rg_getpid() != rg_init_pid()) {
        return status;
    }
    rg_report_summary();
    bool replace = rg_report_count() > 0 && rg_options.exitcode != 0;
    return replace ? rg_options.exitcode : status;
}

__attribute__((destructor)) static void on_exit_of_library(void) {
    // exit() has run the program's handlers and will end with the program's own status; to end with
    // another one, do the rest of its work here.
    int status = conclude(0);
    if (status != 0) {
        fflush(NULL);
        rg_sys2(SYS_exit_group, status, 0);
    }
}

RG_NORETURN static void leave(int status) {
    status = conclude(status);
    for (;;) {
        rg_sys2(SYS_exit_group, status, 0);
    }
}

RG_EXPORT void _exit(int status) {
    leave(status);
}

RG_EXPORT void _Exit(int status) {
    leave(status);
}
