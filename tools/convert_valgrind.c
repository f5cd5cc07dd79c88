// SPDX-License-Identifier: MIT
// convert --to valgrind-xml: protocol 4 of valgrind's memcheck, which editors and continuous integration read. All kinds
// are those that memcheck has long had, since readers refuse others.
#include "convert_valgrind.h"

#include "convert.h"

#include "base/compiler.h"
#include "convert_facts.h"
#include "convert_fingerprint.h"
#include "need.h"
#include "xml_writer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_text(const struct rg_value *v, const char *path, const char *wanted) {
    const char *text = rg_value_text(v, path);
    return text && !strcmp(text, wanted);
}

// By what is wrong with the pointer or the call.
static const char *kind_of_trouble(const struct rg_value *v) {
    static const struct {
        const char *trouble, *kind;
    } rows[] = {
        {"family", "MismatchedFree"},    {"sized", "MismatchedFree"}, {"overrun", "InvalidWrite"},
        {"zero", "ClientCheck"},         {"size", "ClientCheck"},     {"aligned", "ClientCheck"},
        {"lost", "Leak_DefinitelyLost"},
    };
    for (size_t i = 0; i < RG_ARRAY_LEN(rows); i++) {
        if (is_text(v, "trouble", rows[i].trouble)) {
            return rows[i].kind;
        }
    }
    if (is_text(v, "trouble", "leak")) {
        bool is_direct = rg_value_number_or_0(v, "leak.direct_blocks") > 0;
        return is_direct ? "Leak_DefinitelyLost" : "Leak_IndirectlyLost";
    }
    return NULL;
}

// By what the program did.
const char *rg_valgrind_kind(const struct rg_value *v) {
    static const struct {
        const char *operation, *kind;
    } rows[] = {
        {"read", "InvalidRead"},
        {"write", "InvalidWrite"},
        {"execution", "InvalidJump"},
        {"malloc_usable_size", "InvalidRead"},
    };
    const char *kind = kind_of_trouble(v);
    if (kind) {
        return kind;
    }
    if (rg_value_at(v, "system_call")) {
        return "SyscallParam";
    }
    for (size_t i = 0; i < RG_ARRAY_LEN(rows); i++) {
        if (is_text(v, "operation", rows[i].operation)) {
            return rows[i].kind;
        }
    }
    return "InvalidFree";
}

static void put_source(struct rg_xml *x, const struct rg_conversion *c, const struct rg_value *f) {
    const char *file = rg_value_text(f, "file");
    uint64_t line = rg_value_number_or_0(f, "line");
    if (!file) {
        return;
    }
    char *path = rg_conversion_path(c, file);
    const char *base = rg_base_name(path);
    size_t dir_len = (size_t)(base - path);
    if (dir_len > 0) {
        // The root keeps its slash.
        char *dir = rg_need_part(path, dir_len > 1 ? dir_len - 1 : 1);
        rg_xml_element(x, "dir", dir);
        free(dir);
    }
    rg_xml_element(x, "file", base);
    if (line > 0) {
        rg_xml_element_number(x, "line", line);
    }
    free(path);
}

static void put_frame(struct rg_xml *x, const struct rg_conversion *c, const struct rg_value *f) {
    const char *module = rg_value_text(f, "module");
    const char *function = rg_value_text(f, "function");
    rg_xml_open(x, "frame");
    rg_xml_element(x, "ip", rg_value_text(f, "pc"));
    if (module) {
        rg_xml_element(x, "obj", module);
    }
    if (function) {
        rg_xml_element(x, "fn", function);
    }
    put_source(x, c, f);
    rg_xml_close(x, "frame");
}

// A stack has one frame at least.
static void put_stack(struct rg_xml *x, const struct rg_conversion *c,
                      const struct rg_value *stack) {
    const struct rg_value *f = stack ? stack->first : NULL;
    rg_xml_open(x, "stack");
    if (!f) {
        rg_xml_open(x, "frame");
        rg_xml_element(x, "ip", "0x0");
        rg_xml_close(x, "frame");
    }
    for (; f; f = f->next) {
        put_frame(x, c, f);
    }
    rg_xml_close(x, "stack");
}

static void put_what(struct rg_xml *x, const struct rg_value *v, const char *kind) {
    char *what = rg_need_text("%s: %s", rg_value_text(v, "title"), rg_value_text(v, "message"));
    if (strncmp(kind, "Leak_", 5) != 0) {
        rg_xml_element(x, "what", what);
    } else {
        rg_xml_open(x, "xwhat");
        rg_xml_element(x, "text", what);
        uint64_t bytes = rg_value_number_or_0(v, "leak.direct_bytes") +
                         rg_value_number_or_0(v, "leak.indirect_bytes");
        uint64_t blocks = rg_value_number_or_0(v, "leak.direct_blocks") +
                          rg_value_number_or_0(v, "leak.indirect_blocks");
        rg_xml_element_number(x, "leakedbytes",
                              blocks > 0 ? bytes : rg_value_number_or_0(v, "block.size"));
        rg_xml_element_number(x, "leakedblocks", blocks > 0 ? blocks : 1);
        rg_xml_close(x, "xwhat");
    }
    free(what);
}

static void put_unique(struct rg_xml *x, const struct rg_merged *f) {
    char text[24];
    snprintf(text, sizeof text, "0x%" PRIx64, f->fingerprint);
    rg_xml_element(x, "unique", text);
}

static void put_advice(struct rg_xml *x, const struct rg_merged *f, const struct rg_value *v) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = rg_need_stream(&text, &len);
    rg_put_met(out, f);
    fprintf(out, "; advice: %s", rg_value_text(v, "advice"));
    fclose(out);
    rg_xml_element(x, "auxwhat", text);
    free(text);
}

static void put_error(struct rg_xml *x, struct rg_conversion *c, const struct rg_merged *f) {
    const struct rg_value *v = rg_conversion_read(c, f);
    struct rg_finding_stack stacks[RG_FINDING_STACKS];
    size_t count = rg_finding_stacks(v, stacks);
    const char *kind = rg_valgrind_kind(v);
    bool is_access = count > 0 && stacks[0].stack == rg_value_at(v, "stack");
    rg_xml_open(x, "error");
    put_unique(x, f);
    // valgrind's first thread is 1.
    rg_xml_element_number(x, "tid", rg_value_number_or_0(v, "thread.number") + 1);
    if (rg_value_text(v, "thread.name")) {
        rg_xml_element(x, "threadname", rg_value_text(v, "thread.name"));
    }
    rg_xml_element(x, "kind", kind);
    put_what(x, v, kind);
    put_stack(x, c, rg_value_at(v, "stack"));
    for (size_t i = is_access; i < count; i++) {
        rg_xml_element(x, "auxwhat", stacks[i].title);
        put_stack(x, c, stacks[i].stack);
    }
    put_advice(x, f, v);
    rg_xml_close(x, "error");
}

static void put_status(struct rg_xml *x, const char *state) {
    rg_xml_open(x, "status");
    rg_xml_element(x, "state", state);
    rg_xml_element(x, "time", "00:00:00:00.000");
    rg_xml_close(x, "status");
}

static void put_head(struct rg_xml *x, const struct rg_conversion *c) {
    const struct rg_merged *first = c->merge.count > 0 ? c->merge.findings[0] : NULL;
    rg_xml_element_number(x, "protocolversion", 4);
    rg_xml_element(x, "protocoltool", "memcheck");
    rg_xml_open(x, "preamble");
    rg_xml_element(x, "line",
                   "realloc_guard " RG_VERSION ", not valgrind: its reports in valgrind's format");
    rg_xml_close(x, "preamble");
    rg_xml_element_number(x, "pid", first ? first->first.pid : 0);
    rg_xml_element_number(x, "ppid", 0);
    rg_xml_element(x, "tool", "memcheck");
    rg_xml_open(x, "args");
    rg_xml_open(x, "vargv");
    rg_xml_element(x, "exe", "realloc-guard");
    rg_xml_close(x, "vargv");
    rg_xml_open(x, "argv");
    rg_xml_element(x, "exe", first && first->program ? first->program : "?");
    rg_xml_close(x, "argv");
    rg_xml_close(x, "args");
}

static void put_counts(struct rg_xml *x, const struct rg_merge *m) {
    rg_xml_open(x, "errorcounts");
    for (size_t i = 0; i < m->count; i++) {
        rg_xml_open(x, "pair");
        rg_xml_element_number(x, "count", m->findings[i]->occurrences);
        put_unique(x, m->findings[i]);
        rg_xml_close(x, "pair");
    }
    rg_xml_close(x, "errorcounts");
    rg_xml_open(x, "suppcounts");
    rg_xml_close(x, "suppcounts");
}

void rg_convert_valgrind(struct rg_conversion *c) {
    struct rg_xml x = {.file = c->out};
    rg_xml_begin(&x);
    rg_xml_open(&x, "valgrindoutput");
    put_head(&x, c);
    put_status(&x, "RUNNING");
    for (size_t i = 0; i < c->merge.count; i++) {
        put_error(&x, c, c->merge.findings[i]);
    }
    put_status(&x, "FINISHED");
    put_counts(&x, &c->merge);
    rg_xml_close(&x, "valgrindoutput");
}
