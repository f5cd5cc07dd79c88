// SPDX-License-Identifier: MIT
// See failing_list.h. A list is read item by item, each up to the next comma.
#include "base/failing_list.h"

#include "base/options.h"

#include <string.h>

struct text {
    const char *at;
    size_t len;
};

static struct text skip(struct text t, size_t n) {
    return (struct text){t.at + n, t.len - n};
}

static bool starts_with(struct text t, const char *prefix) {
    size_t n = strlen(prefix);
    return t.len >= n && memcmp(t.at, prefix, n) == 0;
}

// What stands before the first of `end`, or all of it.
static struct text before(struct text t, char end) {
    const char *found = t.len > 0 ? memchr(t.at, end, t.len) : NULL;
    return (struct text){t.at, found ? (size_t)(found - t.at) : t.len};
}

static bool refuse(struct rg_buf *why, struct text item, const char *reason) {
    rg_option_put_quoted(why, item.at, item.len);
    rg_buf_fmt(why, " %s", reason);
    return false;
}

static unsigned digit_of(char c) {
    return c >= '0' && c <= '9'   ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                  : 16;
}

// Decimal, or hexadecimal with 0x in front.
static bool read_number(struct text t, uint64_t *ret) {
    unsigned base = starts_with(t, "0x") ? 16 : 10;
    uint64_t n = 0;
    t = base == 16 ? skip(t, 2) : t;
    if (t.len == 0) {
        return false;
    }
    for (size_t i = 0; i < t.len; i++) {
        unsigned digit = digit_of(t.at[i]);
        if (digit >= base || n > (UINT64_MAX >> 1) / base) {
            return false;
        }
        n = n * base + digit;
    }
    *ret = n;
    return true;
}

// From 0 to 1, as 0.01, in units of 2^-32.
static bool read_rate(struct text t, uint64_t *ret) {
    enum { DIGITS_MOST = 9 };
    uint64_t whole = 0, part = 0, scale = 1;
    struct text integer = before(t, '.');
    struct text rest = integer.len < t.len ? skip(t, integer.len + 1) : (struct text){t.at, 0};
    if ((integer.len > 0 && !read_number(integer, &whole)) || integer.len + rest.len == 0) {
        return false;
    }
    for (size_t i = 0; i < rest.len; i++) {
        if (digit_of(rest.at[i]) >= 10) {
            return false;
        }
        if (i < DIGITS_MOST) {
            part = part * 10 + digit_of(rest.at[i]);
            scale *= 10;
        }
    }
    if (whole > 1 || (whole == 1 && part > 0)) {
        return false;
    }
    *ret = (whole << 32) + (part << 32) / scale;
    return true;
}

static bool read_chain(struct text item, struct text chain, struct rg_failing_site *site,
                       struct rg_buf *why) {
    for (;;) {
        struct text frame = before(chain, '<');
        size_t plus = frame.len;
        while (plus > 0 && frame.at[plus - 1] != '+') {
            plus--;
        }
        uint64_t offset = 0;
        if (plus < 2 || !starts_with(skip(frame, plus), "0x") ||
            !read_number(skip(frame, plus), &offset)) {
            return refuse(why, item,
                          "has a frame that is not MODULE+0xOFFSET, as reports print it");
        }
        if (site->chain_len == RG_FAILING_FRAMES) {
            return refuse(why, item, "has more than 8 frames; leave the outermost ones out");
        }
        site->chain[site->chain_len++] = (struct rg_failing_frame){frame.at, plus - 1, offset};
        if (frame.len == chain.len) {
            return true;
        }
        chain = skip(chain, frame.len + 1);
    }
}

static bool is_chain(struct text t) {
    for (size_t i = 0; i + 2 < t.len; i++) {
        if (memcmp(t.at + i, "+0x", 3) == 0) {
            return true;
        }
    }
    return t.len > 0 && memchr(t.at, '<', t.len) != NULL;
}

static bool read_site(struct text item, struct rg_failing_list *list, struct rg_buf *why) {
    struct text pattern = skip(item, strlen("site:"));
    if (pattern.len == 0) {
        return refuse(why, item, "names no site, write site:FUNCTION or site:MODULE+0xOFFSET");
    }
    if (list->site_count == RG_FAILING_SITES) {
        return refuse(why, item, "is one site too many, 8 are allowed; use * in a name");
    }
    struct rg_failing_site *site = &list->site[list->site_count++];
    if (is_chain(pattern)) {
        return read_chain(item, pattern, site, why);
    }
    site->name = pattern.at;
    site->name_len = pattern.len;
    return true;
}

// What has been read of a selector.
struct parts {
    bool has_selector, has_seed, has_rate;
};

static bool read_selector(struct text item, struct text number, enum rg_failing_selector selector,
                          struct rg_failing_list *list, struct parts *parts, struct rg_buf *why) {
    if (parts->has_selector || parts->has_seed || parts->has_rate) {
        return refuse(why, item, "is a second selector; keep one of N, every:K and seed:S,rate:R");
    }
    if (!read_number(number, &list->number) || list->number == 0) {
        return refuse(why, item, "has no number from 1 on, as 3 or every:3");
    }
    list->selector = selector;
    parts->has_selector = true;
    return true;
}

static bool read_random(struct text item, struct rg_failing_list *list, struct parts *parts,
                        struct rg_buf *why) {
    struct text value = skip(item, strlen("seed:"));
    bool is_seed = starts_with(item, "seed:");
    bool *has = is_seed ? &parts->has_seed : &parts->has_rate;
    if (parts->has_selector || *has) {
        return refuse(why, item, "is a second selector; keep one of N, every:K and seed:S,rate:R");
    }
    if (is_seed && !read_number(value, &list->seed)) {
        return refuse(why, item, "has no whole number, as seed:7");
    }
    if (!is_seed && !read_rate(value, &list->rate)) {
        return refuse(why, item, "has no share from 0 to 1, as rate:0.01");
    }
    list->selector = RG_FAILING_RATE;
    *has = true;
    return true;
}

static bool read_item(struct text item, struct rg_failing_list *list, struct parts *parts,
                      struct rg_buf *why) {
    if (starts_with(item, "site:")) {
        return read_site(item, list, why);
    }
    if (starts_with(item, "size>=")) {
        uint64_t size = 0;
        if (!read_number(skip(item, strlen("size>=")), &size)) {
            return refuse(why, item, "has no number of bytes, as size>=4096");
        }
        list->least_size = size;
        return true;
    }
    if (starts_with(item, "every:")) {
        return read_selector(item, skip(item, strlen("every:")), RG_FAILING_EVERY, list, parts,
                             why);
    }
    if (starts_with(item, "seed:") || starts_with(item, "rate:")) {
        return read_random(item, list, parts, why);
    }
    if (item.len > 0 && digit_of(item.at[0]) < 10) {
        return read_selector(item, item, RG_FAILING_ONE, list, parts, why);
    }
    static const char *const words[] = {"site", "every", "seed", "rate"};
    for (size_t i = 0; i < RG_ARRAY_LEN(words); i++) {
        if (item.len == strlen(words[i]) && starts_with(item, words[i])) {
            return refuse(why, item,
                          "lacks its value: a list with a \":\" is to be quoted, as "
                          "fail_realloc='every:3'");
        }
    }
    return refuse(why, item, "is none of N, every:K, seed:S, rate:R, site:PATTERN and size>=BYTES");
}

bool rg_failing_parse(const char *text, struct rg_failing_list *ret, struct rg_buf *why) {
    struct rg_failing_list list = {.selector = RG_FAILING_ALL};
    struct parts parts = {0};
    struct text left = {text, strlen(text)};
    for (;;) {
        struct text item = before(left, ',');
        if (!read_item(item, &list, &parts, why)) {
            return false;
        }
        if (item.len == left.len) {
            break;
        }
        left = skip(left, item.len + 1);
    }
    if (parts.has_seed != parts.has_rate) {
        rg_buf_str(why, parts.has_seed ? "seed needs a rate, as seed:7,rate:0.01"
                                       : "rate needs a seed, as seed:7,rate:0.01");
        return false;
    }
    *ret = list;
    return true;
}

// splitmix64: as good as random, and the same for the same seed and number whichever thread asks.
static uint64_t random_of(uint64_t seed, uint64_t number) {
    uint64_t z = seed + number * 0x9e3779b97f4a7c15UL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
    return z ^ z >> 31;
}

bool rg_failing_selects(const struct rg_failing_list *list, uint64_t number) {
    switch (list->selector) {
    case RG_FAILING_ALL:
        return true;
    case RG_FAILING_ONE:
        return number == list->number;
    case RG_FAILING_EVERY:
        return number % list->number == 0;
    case RG_FAILING_RATE:
        return random_of(list->seed, number) >> 32 < list->rate;
    }
    return false;
}

bool rg_failing_name_matches(const char *pattern, size_t pattern_len, const char *name) {
    const char *end = pattern + pattern_len, *star = NULL, *retry = name;
    while (*name) {
        if (pattern < end && *pattern == '*') {
            star = ++pattern;
            retry = name;
        } else if (pattern < end && *pattern == *name) {
            pattern++;
            name++;
        } else if (star) {
            // The last star stands for one more character.
            pattern = star;
            name = ++retry;
        } else {
            return false;
        }
    }
    while (pattern < end && *pattern == '*') {
        pattern++;
    }
    return pattern == end;
}
