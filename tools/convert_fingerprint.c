// SPDX-License-Identifier: MIT
// See convert_fingerprint.h. The hash is 64-bit FNV-1a.
#include "convert_fingerprint.h"

#include "base/compiler.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// Deep stacks differ in what is far out: where recursion began, where the record of the stack ends.
enum { FRAMES_COUNTED = 8 };

static const uint64_t hash_begin = 0xcbf29ce484222325U;

// The text and the zero byte at its end, so that "ab" "c" differs from "a" "bc".
static uint64_t add(uint64_t hash, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3U;
    }
    return hash * 0x100000001b3U;
}

static uint64_t add_text(uint64_t hash, const char *text) {
    return add(hash, text, strlen(text));
}

const char *rg_base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// Without what the optimizer has appended to the name of a copy of the function, as ".part.0".
static size_t plain_name_len(const char *function) {
    static const char *const ends[] = {".cold",  ".constprop.", ".isra.",  ".llvm.",
                                       ".part.", ".lto_priv.",  " [clone "};
    size_t len = strlen(function);
    for (size_t i = 0; i < RG_ARRAY_LEN(ends); i++) {
        const char *end = strstr(function, ends[i]);
        if (end && end != function && (size_t)(end - function) < len) {
            len = (size_t)(end - function);
        }
    }
    return len;
}

bool rg_frame_is_own(const struct rg_value *frame) {
    return !rg_value_flag(frame, "system");
}

const struct rg_value *rg_stack_own_frame(const struct rg_value *stack) {
    const struct rg_value *f = stack ? stack->first : NULL;
    while (f && !rg_frame_is_own(f)) {
        f = f->next;
    }
    return f || !stack ? f : stack->first;
}

struct rg_fingerprint_text rg_fingerprint_text(uint64_t fingerprint) {
    struct rg_fingerprint_text t;
    snprintf(t.text, sizeof t.text, "v1:%016" PRIx64, fingerprint);
    return t;
}

static uint64_t hash_of_frame(const struct rg_value *frame) {
    const char *function = rg_value_text(frame, "function");
    const char *file = rg_value_text(frame, "file");
    const char *module = rg_value_text(frame, "module");
    uint64_t hash = add_text(hash_begin, module ? rg_base_name(module) : "?");
    if (function) {
        return add(add_text(hash, "function"), function, plain_name_len(function));
    }
    if (file) {
        return add_text(add_text(hash, "file"), rg_base_name(file));
    }
    // Without a module the offset is an address, which is another one in each process.
    return module ? add_text(add_text(hash, "offset"), rg_value_text(frame, "offset")) : hash;
}

// A function that calls itself counts once, however deep it goes.
static uint64_t add_stack(uint64_t hash, const char *name, const struct rg_value *stack) {
    uint64_t last = 0;
    int count = 0;
    hash = add_text(hash, name);
    for (const struct rg_value *f = stack ? stack->first : NULL; f && count < FRAMES_COUNTED;
         f = f->next) {
        uint64_t frame = rg_frame_is_own(f) ? hash_of_frame(f) : last;
        if (frame != last) {
            hash = add(hash, (const char *)&frame, sizeof frame);
            last = frame;
            count++;
        }
    }
    return hash;
}

const struct rg_value *rg_finding_end(const struct rg_value *finding) {
    static const char *const paths[] = {"block.moved", "block.in_realloc", "block.freed",
                                        "block.shrunk", "failed_realloc"};
    for (size_t i = 0; i < RG_ARRAY_LEN(paths); i++) {
        const struct rg_value *end = rg_value_at(finding, paths[i]);
        if (rg_value_at(end, "stack")) {
            return end;
        }
    }
    return NULL;
}

static uint64_t hash_of_access(const struct rg_value *finding) {
    uint64_t hash = add_text(hash_begin, rg_value_text(finding, "kind"));
    return add_stack(hash, "access", rg_value_at(finding, "stack"));
}

uint64_t rg_fingerprint_rest(const struct rg_value *finding, bool *ret_is_brief) {
    *ret_is_brief = rg_value_at(finding, "block") && !rg_value_at(finding, "block.allocated");
    return add_stack(hash_of_access(finding), "ended",
                     rg_value_at(rg_finding_end(finding), "stack"));
}

uint64_t rg_fingerprint_of(const struct rg_value *finding) {
    uint64_t hash = hash_of_access(finding);
    hash = add_stack(hash, "allocated", rg_value_at(finding, "block.allocated.stack"));
    return add_stack(hash, "ended", rg_value_at(rg_finding_end(finding), "stack"));
}
