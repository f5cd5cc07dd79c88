// SPDX-License-Identifier: MIT
// Checks of a line what is used of it, see rg_event_check in convert_log.h. What is unknown is let pass: later guards
// say more. Pure.
#include "convert_log.h"

#include "base/compiler.h"

#include <string.h>

// What is complained about. Each is a whole sentence, so that nothing has to be put together.
#define REMEDY  "; the line is left out"
#define LACKS   "has no "
#define WRONG_A "has something else than "

struct member {
    const char *path;
    enum rg_value_type type;
    bool is_required;
    const char *what;
};

#define NEEDS(path, type, noun)                                                                    \
    { path, RG_VALUE_##type, true, LACKS noun " \"" path "\"" REMEDY }
#define MAY_BE(path, type, noun)                                                                   \
    { path, RG_VALUE_##type, false, WRONG_A noun " as \"" path "\"" REMEDY }

static const struct member members_of_start[] = {
    NEEDS("time", NUMBER, "number"),
    NEEDS("program", STRING, "string"),
    MAY_BE("arguments", ARRAY, "an array"),
    MAY_BE("guard_version", STRING, "a string"),
};

static const struct member members_of_finding[] = {
    NEEDS("number", NUMBER, "number"),        NEEDS("kind", STRING, "string"),
    NEEDS("title", STRING, "string"),         NEEDS("message", STRING, "string"),
    NEEDS("trouble", STRING, "string"),       NEEDS("operation", STRING, "string"),
    NEEDS("thread.number", NUMBER, "number"), NEEDS("address", STRING, "string"),
    NEEDS("stack", ARRAY, "array"),           NEEDS("advice", STRING, "string"),
    MAY_BE("place", STRING, "a string"),      MAY_BE("block", OBJECT, "an object"),
    MAY_BE("block.size", NUMBER, "a number"), MAY_BE("life", ARRAY, "an array"),
    MAY_BE("today", OBJECT, "an object"),
};

static const struct member members_of_again[] = {
    NEEDS("number", NUMBER, "number"),
    NEEDS("occurrences", NUMBER, "number"),
};

static const struct member members_of_summary[] = {
    NEEDS("misuses", NUMBER, "number"),
    NEEDS("occurrences", NUMBER, "number"),
};

static const struct member members_of_note[] = {
    MAY_BE("topic", STRING, "a string"),
    MAY_BE("text", STRING, "a string"),
};

static const struct event {
    const char *name;
    const struct member *members;
    size_t count;
} events[] = {
    {"start", members_of_start, RG_ARRAY_LEN(members_of_start)},
    {"finding", members_of_finding, RG_ARRAY_LEN(members_of_finding)},
    {"again", members_of_again, RG_ARRAY_LEN(members_of_again)},
    {"summary", members_of_summary, RG_ARRAY_LEN(members_of_summary)},
    {"note", members_of_note, RG_ARRAY_LEN(members_of_note)},
};

// Where a finding has stacks.
static const struct {
    const char *path, *what;
} stacks[] = {
#define STACK(path)                                                                                \
    { path, "has something else than frames in \"" path "\"" REMEDY }
    STACK("stack"),
    STACK("block.allocated.stack"),
    STACK("block.moved.stack"),
    STACK("block.in_realloc.stack"),
    STACK("block.freed.stack"),
    STACK("block.shrunk.stack"),
    STACK("failed_realloc.stack"),
    STACK("today.stack"),
};

static bool is_frame(const struct rg_value *v) {
    static const char *const texts[] = {"module", "function", "file", "build_id"};
    for (size_t i = 0; i < RG_ARRAY_LEN(texts); i++) {
        if (rg_value_at(v, texts[i]) && !rg_value_text(v, texts[i])) {
            return false;
        }
    }
    uint64_t line;
    return rg_value_text(v, "pc") && rg_value_text(v, "offset") &&
           (!rg_value_at(v, "line") || rg_value_number(v, "line", &line));
}

static const char *check_stacks(const struct rg_value *v) {
    for (size_t i = 0; i < RG_ARRAY_LEN(stacks); i++) {
        const struct rg_value *stack = rg_value_at(v, stacks[i].path);
        if (stack && stack->type != RG_VALUE_ARRAY) {
            return stacks[i].what;
        }
        for (const struct rg_value *f = stack ? stack->first : NULL; f; f = f->next) {
            if (!is_frame(f)) {
                return stacks[i].what;
            }
        }
    }
    return NULL;
}

// Numbers that are counted with are no fractions and not negative.
static bool is_of_type(const struct rg_value *v, const struct member *m) {
    const struct rg_value *found = rg_value_at(v, m->path);
    uint64_t number;
    return found->type == m->type && (m->type != RG_VALUE_NUMBER || !strcmp(m->path, "time") ||
                                      rg_value_number(v, m->path, &number));
}

static const char *check_members(const struct rg_value *v, const struct event *e) {
    for (size_t i = 0; i < e->count; i++) {
        const struct member *m = &e->members[i];
        if (rg_value_at(v, m->path) ? !is_of_type(v, m) : m->is_required) {
            return m->what;
        }
    }
    return e->members == members_of_finding ? check_stacks(v) : NULL;
}

const char *rg_event_check(const struct rg_value *v, bool *ret_is_known) {
    uint64_t number;
    if (v->type != RG_VALUE_OBJECT) {
        return "this is JSON but no object, so no line of a log of format=json" REMEDY;
    }
    if (!rg_value_at(v, "version") || !rg_value_text(v, "event")) {
        return "has no \"version\" or \"event\", so it is no line of a log of format=json" REMEDY;
    }
    if (!rg_value_number(v, "version", &number) || number != 1) {
        return "is of a version of the format other than 1; convert it with the realloc-guard that "
               "wrote it" REMEDY;
    }
    if (!rg_value_number(v, "pid", &number) || number == 0) {
        return "has no process id \"pid\"" REMEDY;
    }
    for (size_t i = 0; i < RG_ARRAY_LEN(events); i++) {
        if (!strcmp(rg_value_text(v, "event"), events[i].name)) {
            const char *what = check_members(v, &events[i]);
            *ret_is_known = !what;
            return what;
        }
    }
    *ret_is_known = false;
    return NULL;
}
