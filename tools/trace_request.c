// SPDX-License-Identifier: MIT
// See trace_request.h.
#include "trace_request.h"

#include "need.h"
#include "text_out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rg_trace_refuse(const struct rg_trace_request *q, const char *what, const char *word,
                    const char *remedy) {
    fprintf(stderr, "realloc-guard: trace %s: %s \"", q->command, what);
    rg_put_printable(stderr, word);
    fprintf(stderr, "\"; %s\n", remedy);
    return RG_TRACE_REFUSED;
}

// Digits at text, decimal or hexadecimal. Returns what is behind them, or NULL where there are none or too many.
static const char *take_digits(const char *text, uint64_t *ret) {
    const bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = is_hex ? text + 2 : text;
    const size_t len = strspn(digits, is_hex ? "0123456789abcdefABCDEF" : "0123456789");
    errno = 0;
    const unsigned long long n = strtoull(digits, NULL, is_hex ? 16 : 10);
    if (len == 0 || errno) {
        return NULL;
    }
    *ret = n;
    return digits + len;
}

static bool take_size(const char *text, size_t len, uint64_t *ret) {
    char word[32];
    uint64_t n, unit;
    if (len >= sizeof word) {
        return false;
    }
    memcpy(word, text, len);
    word[len] = 0;
    const char *rest = take_digits(word, &n);
    if (!rest) {
        return false;
    }
    switch (*rest) {
    case 'k':
    case 'K':
        unit = 1000;
        break;
    case 'M':
        unit = 1000000;
        break;
    case 'G':
        unit = 1000000000;
        break;
    default:
        unit = 1;
        break;
    }
    rest += unit > 1;
    rest += unit > 1 && *rest == 'B';
    return !*rest && !__builtin_mul_overflow(n, unit, ret);
}

static bool take_sizes(const char *text, struct rg_trace_range *ret) {
    const char *dots = strstr(text, "..");
    if (!dots) {
        if (!take_size(text, strlen(text), &ret->from)) {
            return false;
        }
        ret->to = ret->from;
        return true;
    }
    *ret = (struct rg_trace_range){.to = UINT64_MAX};
    return (dots == text || take_size(text, (size_t)(dots - text), &ret->from)) &&
           (!dots[2] || take_size(dots + 2, strlen(dots + 2), &ret->to)) && ret->from <= ret->to;
}

static bool take_time(const char *text, uint64_t *ret) {
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}, {"min", 60e9}};
    char *rest;
    // Not what strtod takes besides: blanks, signs, "inf", "nan", hexadecimal.
    const size_t len = strspn(text, "0123456789.");
    const double n = strtod(text, &rest);
    if (len == 0 || rest != text + len) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!strcmp(rest, units[i].name) && n * units[i].ns < 1e19) {
            *ret = (uint64_t)(n * units[i].ns);
            return true;
        }
    }
    return false;
}

static bool take_word(const char *text, const char *words, int *ret) {
    const size_t len = strlen(text);
    for (int i = 0; *words; i++) {
        const size_t n = strcspn(words, "|");
        if (n == len && !strncmp(words, text, n)) {
            *ret = i;
            return true;
        }
        words += n + (words[n] == '|');
    }
    return false;
}

bool rg_trace_take_value(const struct rg_trace_option *o, const char *text) {
    const char *rest;
    switch (o->value) {
    case RG_TRACE_FLAG:
        return false; // it has none
    case RG_TRACE_WORD:
        return take_word(text, o->words, o->to);
    case RG_TRACE_STRING:
        *(const char **)o->to = text;
        return *text;
    case RG_TRACE_COUNT:
    case RG_TRACE_NUMBER:
        rest = take_digits(text, o->to);
        return rest && !*rest && (o->value == RG_TRACE_NUMBER || *(uint64_t *)o->to > 0);
    case RG_TRACE_SIZES:
        return take_sizes(text, o->to);
    case RG_TRACE_TIME:
        return take_time(text, o->to);
    }
    return false;
}

static char *takes(const struct rg_trace_option *o) {
    switch (o->value) {
    case RG_TRACE_FLAG:
        return rg_need_text("--%s takes no value", o->name);
    case RG_TRACE_WORD:
        return rg_need_text("--%s takes one of %s", o->name, o->words);
    case RG_TRACE_STRING:
        return rg_need_text("%s%s takes a text", o->name[1] ? "--" : "-", o->name);
    case RG_TRACE_COUNT:
        return rg_need_text("--%s takes a number from 1 on", o->name);
    case RG_TRACE_NUMBER:
        return rg_need_text("--%s takes a number", o->name);
    case RG_TRACE_SIZES:
        return rg_need_text("--%s takes MIN..MAX in bytes, as 16..4k", o->name);
    case RG_TRACE_TIME:
        break;
    }
    return rg_need_text("--%s takes seconds since the start, or as 250ms", o->name);
}

// Takes argv[*i], which begins with a dash, and the word behind it where that is its value.
static int take_option(struct rg_trace_request *q, char **argv, int *i) {
    const char *word = argv[*i];
    const size_t len = strcspn(word, "=");
    for (size_t n = 0; n < q->option_count; n++) {
        const struct rg_trace_option *o = &q->options[n];
        const size_t dashes = o->name[1] ? 2 : 1;
        if (len != strlen(o->name) + dashes || strncmp(word, "--", dashes) != 0 ||
            strncmp(word + dashes, o->name, len - dashes) != 0) {
            continue;
        }
        if (o->is_given) {
            *o->is_given = true;
        }
        if (o->value == RG_TRACE_FLAG && !word[len]) {
            *(bool *)o->to = true;
            return RG_TRACE_GO;
        }
        if (!word[len] && !argv[*i + 1]) {
            return rg_trace_refuse(q, "a value is missing behind", word, "see its --help");
        }
        const char *value = word[len] ? word + len + 1 : argv[++*i];
        if (rg_trace_take_value(o, value)) {
            return RG_TRACE_GO;
        }
        char *remedy = takes(o);
        const int status = rg_trace_refuse(q, "wrong value", value, remedy);
        free(remedy);
        return status;
    }
    return rg_trace_refuse(q, "unknown option", word, "see its --help");
}

int rg_trace_request_parse(struct rg_trace_request *q, int argc, char **argv) {
    bool is_behind_options = false;
    int status = RG_TRACE_GO;
    q->files = rg_need((size_t)argc * sizeof *q->files);
    for (int i = 1; i < argc && status == RG_TRACE_GO; i++) {
        if (is_behind_options || *argv[i] != '-' || !argv[i][1]) {
            q->files[q->file_count++] = argv[i];
        } else if (!strcmp(argv[i], "--")) {
            is_behind_options = true;
        } else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            fputs(q->usage, stdout);
            return 0;
        } else {
            status = take_option(q, argv, &i);
        }
    }
    if (status == RG_TRACE_GO && q->file_count == 0) {
        fprintf(stderr,
                "realloc-guard: trace %s: no file is given; name a trace, which the option "
                "trace=PATH writes\n",
                q->command);
        status = RG_TRACE_REFUSED;
    } else if (status == RG_TRACE_GO && q->file_count > q->files_most) {
        status = rg_trace_refuse(q, "one file too many", q->files[q->files_most],
                                 "give it one trace at a time");
    }
    return status;
}

struct rg_trace_reader *rg_trace_request_open(const struct rg_trace_request *q, const char *path) {
    char message[RG_TRACE_MESSAGE];
    struct rg_trace_reader *r = rg_trace_reader_open(path, message);
    if (!r) {
        fprintf(stderr, "realloc-guard: trace %s: ", q->command);
        rg_put_printable(stderr, message);
        fputc('\n', stderr);
    }
    return r;
}

int rg_trace_request_damage(const struct rg_trace_request *q, const char *path,
                            const struct rg_trace_reader *r) {
    const uint64_t count = rg_trace_reader_info(r)->damaged_chunks;
    if (count == 0) {
        return 0;
    }
    fflush(stdout);
    fprintf(stderr, "realloc-guard: trace %s: ", q->command);
    rg_put_printable(stderr, path);
    fprintf(stderr,
            " is damaged or cut off in %" PRIu64 " place%s, and what was there is left out; copy "
            "it again, or take the figures as a lower bound\n",
            count, rg_plural(count));
    return RG_TRACE_DAMAGED;
}

bool rg_trace_session_open(struct rg_trace_session *s, const struct rg_trace_request *q,
                           const char *path) {
    *s = (struct rg_trace_session){.request = q, .path = path};
    s->reader = rg_trace_request_open(q, path);
    if (!s->reader) {
        return false;
    }
    s->names = rg_trace_names_open(s->reader);
    if (!s->names) {
        fprintf(stderr, "realloc-guard: trace %s: %s; give the tool more\n", q->command,
                strerror(ENOMEM));
        rg_trace_reader_close(s->reader);
        return false;
    }
    s->model = rg_trace_model_open();
    return true;
}

int rg_trace_session_close(struct rg_trace_session *s) {
    const int status = rg_trace_request_damage(s->request, s->path, s->reader);
    rg_trace_names_close(s->names);
    rg_trace_model_close(s->model);
    rg_trace_reader_close(s->reader);
    return status;
}

int rg_trace_request_end(struct rg_trace_request *q, int status) {
    errno = 0;
    const bool is_written = !fflush(stdout) && !ferror(stdout);
    free(q->files);
    // Whoever has closed the pipe wants no more.
    if (is_written || errno == EPIPE) {
        return status;
    }
    fprintf(stderr, "realloc-guard: trace %s: standard output cannot be written (%s); make room\n",
            q->command, strerror(errno ? errno : EIO));
    return RG_TRACE_REFUSED;
}
