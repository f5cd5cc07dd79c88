// SPDX-License-Identifier: MIT
// See file_name.h. State: the environment, set once.
#include "report/file_name.h"

#include "base/environment.h"
#include "base/sys.h"

#include <string.h>

static const char *const *env;

void rg_file_name_init(const char *const *environment) {
    env = environment;
}

// Puts the variable named in %q{...}; returns where that ends.
static const char *expand_variable(struct rg_buf *b, const char *s, const char *option) {
    const char *name = s + 3, *close = strchr(name, '}');
    if (!close) {
        if (option) {
            rg_say(2, "realloc_guard: %s: no } closes %s; kept as it is", option, s);
        }
        rg_buf_put(b, s, 1);
        return s + 1;
    }
    const char *value = rg_environment_find(env, name, (size_t)(close - name));
    if (value) {
        rg_buf_str(b, value);
    } else if (option) {
        rg_say(2, "realloc_guard: %s: the variable %.*s is not set; left out", option,
               (int)(close - name), name);
    }
    return close + 1;
}

// Expands one % sequence at s; returns where it ends.
static const char *expand(struct rg_buf *b, const char *s, const char *option, bool *ret_has_pid) {
    if (s[1] == 'p') {
        rg_buf_fmt(b, "%d", rg_getpid());
        *ret_has_pid = true;
        return s + 2;
    }
    if (s[1] == 'q' && s[2] == '{') {
        return expand_variable(b, s, option);
    }
    rg_buf_put(b, s, 1);
    if (s[1] == '%') {
        return s + 2;
    }
    if (option) {
        rg_say(2,
               "realloc_guard: %s: %%%.*s stands for nothing; kept as it is (%%p, %%q{VAR} and "
               "%%%% do)",
               option, 1, s + 1);
    }
    return s + 1;
}

bool rg_file_name_put(struct rg_buf *b, const char *text, const char *option) {
    bool has_pid = false;
    while (*text) {
        if (*text == '%') {
            text = expand(b, text, option, &has_pid);
        } else {
            rg_buf_put(b, text++, 1);
        }
    }
    return has_pid;
}
