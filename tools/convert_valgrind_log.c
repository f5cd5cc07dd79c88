// SPDX-License-Identifier: MIT
// convert --to valgrind-log: the text report, in a log as valgrind's memcheck writes it. What reads such logs (CTest) looks
// for lines with a process id in front, and for the sentences that memcheck opens a report with; both are here, and
// then our own report.
#include "convert.h"

#include "convert_valgrind.h"
#include "need.h"
#include "text_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put_system_call(FILE *out, const struct rg_value *v) {
    const char *argument = rg_value_text(v, "system_call.argument");
    fputs("Syscall param ", out);
    rg_put_printable(out, rg_value_text(v, "system_call.function"));
    fputs("(", out);
    rg_put_printable(out, argument ? argument : "");
    fputs(") points to unaddressable byte(s)\n", out);
}

// Of leaks, and of a block that was lost. CTest does not count those that only leaked blocks lead to; what leads to them it
// does.
static void put_lost(FILE *out, const struct rg_value *v, const char *how, size_t number,
                     size_t count) {
    uint64_t blocks = 1, bytes = rg_value_number_or_0(v, "block.size");
    if (rg_value_at(v, "leak")) {
        const bool is_direct = rg_value_number_or_0(v, "leak.direct_blocks") > 0;
        blocks = rg_value_number_or_0(v, is_direct ? "leak.direct_blocks" : "leak.indirect_blocks");
        bytes = rg_value_number_or_0(v, is_direct ? "leak.direct_bytes" : "leak.indirect_bytes");
    }
    fprintf(out, "%" PRIu64 " bytes in %" PRIu64 " blocks are %s lost in loss record %zu of %zu\n",
            bytes, blocks, how, number, count);
}

// memcheck's own sentence. What only the guard knows as an error is one of free, since CTest counts no others.
static void put_opening(FILE *out, const struct rg_value *v, size_t number, size_t count) {
    const char *kind = rg_valgrind_kind(v);
    uint64_t size = rg_value_number_or_0(v, "access_size");
    if (!strcmp(kind, "InvalidRead") || !strcmp(kind, "InvalidWrite")) {
        fprintf(out, "Invalid %s of size %" PRIu64 "\n", kind[7] == 'R' ? "read" : "write", size);
    } else if (!strcmp(kind, "InvalidJump")) {
        fputs("Jump to the invalid address stated on the next line\n", out);
    } else if (!strcmp(kind, "SyscallParam")) {
        put_system_call(out, v);
    } else if (!strcmp(kind, "MismatchedFree")) {
        fputs("Mismatched free() / delete / delete []\n", out);
    } else if (!strcmp(kind, "Leak_DefinitelyLost")) {
        put_lost(out, v, "definitely", number, count);
    } else if (!strcmp(kind, "Leak_IndirectlyLost")) {
        put_lost(out, v, "indirectly", number, count);
    } else {
        fputs("Invalid free() / delete / delete[] / realloc()\n", out);
    }
}

// Each line of the text, which ends with a newline, with what every line of the log begins with.
static void put_lines(FILE *out, const char *text, uint64_t pid) {
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        fprintf(out, "==%" PRIu64 "== %.*s\n", pid, (int)(end - text), text);
    }
}

void rg_convert_valgrind_log(struct rg_conversion *c) {
    for (size_t i = 0; i < c->merge.count; i++) {
        const struct rg_merged *f = c->merge.findings[i];
        const struct rg_value *v = rg_conversion_read(c, f);
        char *text = NULL;
        size_t len = 0;
        FILE *report = rg_need_stream(&text, &len);
        put_opening(report, v, i + 1, c->merge.count);
        rg_convert_text_report(report, f, v);
        fclose(report);
        put_lines(c->out, text, f->first.pid);
        free(text);
    }
}
