// SPDX-License-Identifier: MIT
// realloc-guard failures: which state file is meant, and why one is refused.
#include "cmd_failures.h"

#include "cmd_prepare.h"
#include "need.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse_state(const struct rg_failures *f, enum rg_state_trouble trouble,
                        const char *detail) {
    static const char *const texts[] = {
        [RG_STATE_SYSTEM] = "%s; make it writable, or name another with --state=FILE",
        [RG_STATE_EXISTS] = "it exists already%s; --resume goes on with it, --restart overwrites "
                            "it, --state=FILE names another",
        [RG_STATE_BUSY] =
            "another realloc-guard is writing to it%s; wait for that, or name another "
            "with --state=FILE",
        [RG_STATE_FOREIGN] = "it is something else than results of this tool%s, and is left alone; "
                             "name another with --state=FILE",
        [RG_STATE_COMMAND] = "it is of another command, folder or set of options%s; --restart "
                             "overwrites it, --state=FILE names another",
        [RG_STATE_PROGRAM] = "%s has changed since; --restart begins anew and overwrites it, "
                             "--state=FILE names another",
        [RG_STATE_DAMAGED] = "line %s is damaged; --restart begins anew and overwrites it, "
                             "--state=FILE names another",
    };
    char text[PATH_MAX + 300];
    const char *at = strstr(texts[trouble], "%s");
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - texts[trouble]), texts[trouble],
             detail ? detail : "", at + 2);
    return rg_fail("state file %s: %s", f->request.state, text);
}

// What a state file must agree in: where, with what input and which options, and the words.
static void describe_command(struct rg_failures *f) {
    char cwd[PATH_MAX] = "", input[PATH_MAX] = "";
    const char *options = getenv("REALLOC_GUARD_OPTIONS");
    size_t words = 0;
    while (f->request.program[words]) {
        words++;
    }
    f->state.words = rg_need((words + 3) * sizeof *f->state.words);
    f->state.words[0] = rg_need_copy(getcwd(cwd, sizeof cwd) ? cwd : "");
    f->state.words[1] = rg_need_copy(realpath(f->request.input, input) ? input : f->request.input);
    f->state.words[2] = rg_need_copy(options ? options : "");
    for (size_t i = 0; i < words; i++) {
        f->state.words[3 + i] = f->request.program[i];
    }
    f->state.word_count = words + 3;
}

int rg_failures_open_state(struct rg_failures *f) {
    describe_command(f);
    const char *files[3];
    size_t count = 0;
    char *detail;
    files[count++] = f->target.path;
    if (strcmp(f->target.path, f->target.checked) != 0) {
        files[count++] = f->target.checked;
    }
    struct stat st;
    // A device may have no end.
    if (stat(f->request.input, &st) == 0 && S_ISREG(st.st_mode)) {
        files[count++] = f->request.input;
    }
    enum rg_state_trouble trouble = rg_state_open(&f->state, f->request.state, f->request.resumes,
                                                  f->request.restarts, files, count, &detail);
    if (trouble == RG_STATE_DAMAGED) {
        detail = rg_need_text("%zu", f->state.line);
    }
    return trouble == RG_STATE_OK ? 0 : refuse_state(f, trouble, detail);
}
