// SPDX-License-Identifier: MIT
// Any bytes as an options string: every complaint is one printable line, and the options stay within
// their ranges. The list of fail_realloc is read as well.
#include "base/failing_list.h"
#include "base/options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds) {
        abort();
    }
}

static void check_line(void *arg, const char *line) {
    size_t *complaints = arg;
    ++*complaints;
    size_t len = strlen(line);
    require(len > 0 && len < 400);
    for (size_t i = 0; i < len; i++) {
        require(line[i] >= ' ' && line[i] <= '~');
    }
}

static void check_value(const struct rg_options *o, const struct rg_option_info *info) {
    const char *field = (const char *)o + info->offset;
    char text[2 * RG_OPTION_STRING_CAP];
    struct rg_buf b;
    rg_buf_init(&b, text, sizeof text);
    switch (info->type) {
    case RG_TYPE_BOOL:
        require(*field == 0 || *field == 1);
        break;
    case RG_TYPE_INT:
        require(*(const int *)field >= info->min && *(const int *)field <= info->max);
        break;
    case RG_TYPE_ENUM:
        rg_option_put_value(&b, o, info);
        require(strstr(info->words, text) != NULL);
        break;
    case RG_TYPE_STRING:
        require(strnlen(field, RG_OPTION_STRING_CAP) < RG_OPTION_STRING_CAP);
        break;
    }
}

static void check_list(const char *text) {
    struct rg_failing_list list;
    char line[400];
    struct rg_buf why;
    size_t complaints = 0;
    rg_buf_init(&why, line, sizeof line);
    if (!rg_failing_parse(text, &list, &why)) {
        check_line(&complaints, line);
        return;
    }
    require(list.site_count <= RG_FAILING_SITES && list.rate <= 1UL << 32);
    for (size_t i = 0; i < list.site_count; i++) {
        const struct rg_failing_site *s = &list.site[i];
        require(s->name ? s->name_len > 0 : s->chain_len > 0 && s->chain_len <= RG_FAILING_FRAMES);
        rg_failing_name_matches(s->name ? s->name : "*", s->name ? s->name_len : 1, text);
    }
    rg_failing_selects(&list, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = 0;
    struct rg_options o = rg_options;
    size_t complaints = 0;
    rg_options_parse(&o, text, check_line, &complaints);
    require(complaints <= size);
    size_t count;
    const struct rg_option_info *rows = rg_options_table(&count);
    for (size_t i = 0; i < count; i++) {
        check_value(&o, &rows[i]);
    }
    if (o.fail_realloc[0]) {
        check_list(o.fail_realloc);
    }
    free(text);
    return 0;
}
