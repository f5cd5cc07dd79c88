// SPDX-License-Identifier: MIT
// See own_option.h.
#include "own_option.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int set_number(const struct rg_own_option *o, const char *text) {
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || n < o->min || n > o->max) {
        return rg_fail("option --%s: \"%s\" is not a whole number from %llu to %llu", o->name, text,
                       (unsigned long long)o->min, (unsigned long long)o->max);
    }
    *(uint64_t *)o->field = n;
    return 0;
}

static int set_seconds(const struct rg_own_option *o, const char *text) {
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !isfinite(seconds) || seconds < 0.001 || seconds > 1e6) {
        return rg_fail("option --%s: \"%s\" is not a number of seconds from 0.001 to 1000000",
                       o->name, text);
    }
    *(double *)o->field = seconds;
    return 0;
}

static int set_text(const struct rg_own_option *o, const char *text) {
    if (!*text) {
        return rg_fail("option --%s: it is empty; write --%s=VALUE, or leave it out", o->name,
                       o->name);
    }
    *(const char **)o->field = text;
    return 0;
}

int rg_own_option_set(const struct rg_own_option *o, struct rg_word *word, char **argv, int *at) {
    if (o->kind == RG_OWN_FLAG) {
        if (word->value) {
            return rg_fail("option --%s takes no value; write --%s", o->name, o->name);
        }
        *(bool *)o->field = true;
        return 0;
    }
    int status = rg_word_need_value(word, argv, at);
    if (status) {
        return status;
    }
    return o->kind == RG_OWN_NUMBER    ? set_number(o, word->value)
           : o->kind == RG_OWN_SECONDS ? set_seconds(o, word->value)
                                       : set_text(o, word->value);
}

int rg_own_option_unknown(const char *command, const struct rg_own_option *own, size_t count,
                          const struct rg_word *word) {
    for (size_t i = 0; i < count; i++) {
        if (word->len >= 2 && !strncmp(own[i].name, word->name, 2)) {
            return rg_fail("unknown option --%.*s; did you mean --%s? (%s --help lists all)",
                           (int)word->len, word->name, own[i].name, command);
        }
    }
    return rg_fail("unknown option --%.*s; %s --help lists all; options of the program go "
                   "behind its name",
                   (int)word->len, word->name, command);
}
