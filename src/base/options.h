// SPDX-License-Identifier: MIT
// The options of the guard: one struct, its defaults, and the parser of REALLOC_GUARD_OPTIONS. All of
// it is made from the table in options.def, the only place where an option is written. Nothing here
// allocates, prints or looks at the environment; errno is untouched.
#ifndef RG_BASE_OPTIONS_H
#define RG_BASE_OPTIONS_H

#include "base/fmt.h"

#include <stdbool.h>
#include <stddef.h>

// Bytes of a string option, its zero byte included.
#define RG_OPTION_STRING_CAP 512

// Bytes that hold the whole of rg_options_help or rg_options_help_markdown.
#define RG_OPTIONS_HELP_CAP 16384

// The words of each RG_OPTION_ENUM, in the order of the table.
enum rg_format { RG_FORMAT_TEXT, RG_FORMAT_JSON };
enum rg_color { RG_COLOR_AUTO, RG_COLOR_ALWAYS, RG_COLOR_NEVER };
enum rg_move { RG_MOVE_ADAPTIVE, RG_MOVE_ALWAYS, RG_MOVE_NATURAL };
enum rg_seal { RG_SEAL_AUTO, RG_SEAL_GUARD, RG_SEAL_MPROTECT };

// One field for each option. An enum option is an int that holds the index of its word.
struct rg_options {
#define RG_OPTION_BOOL(name, initial, sentence)          bool name;
#define RG_OPTION_INT(name, initial, min, max, sentence) int name;
#define RG_OPTION_ENUM(name, initial, words, sentence)   int name;
#define RG_OPTION_STRING(name, initial, sentence)        char name[RG_OPTION_STRING_CAP];
#define RG_OPTION_LIST(name, sentence)                   char name[RG_OPTION_STRING_CAP];
#include "base/options.def"
#undef RG_OPTION_BOOL
#undef RG_OPTION_INT
#undef RG_OPTION_ENUM
#undef RG_OPTION_STRING
#undef RG_OPTION_LIST
};

// The options of this process: the defaults until rg_options_parse changes them.
extern struct rg_options rg_options;

enum rg_option_type { RG_TYPE_BOOL, RG_TYPE_INT, RG_TYPE_ENUM, RG_TYPE_STRING };

// A row of the table.
struct rg_option_info {
    const char *name;
    enum rg_option_type type;
    size_t offset;            // of its field in struct rg_options
    int initial;              // the default of a bool, an int, or (as an index) an enum
    int min, max;             // of an int
    const char *words;        // of an enum, separated by '|'
    const char *initial_text; // the default of a string
    bool adds;                // of a string: values are added to those before, with a ':' between
    const char *sentence;     // what it does; no capital, no full stop
};

// The table, in the order of options.def.
const struct rg_option_info *rg_options_table(size_t *ret_count);

// The row of that exact name, or NULL.
const struct rg_option_info *rg_option_find(const char *name, size_t len);

// The row whose name a typing error could have turned into this one, or NULL when none is close.
const struct rg_option_info *rg_option_nearest(const char *name, size_t len);

// Sets one option from text. When the text is no value of it, leaves o alone, appends to `why` a
// phrase such as `"300" is not a whole number from 0 to 255`, and returns false.
bool rg_option_set(struct rg_options *o, const struct rg_option_info *info, const char *value,
                   size_t len, struct rg_buf *why);

// Appends the option's value in o as it would be written after '='.
void rg_option_put_value(struct rg_buf *b, const struct rg_options *o,
                         const struct rg_option_info *info);

// Appends the option's default, in the same form.
void rg_option_put_default(struct rg_buf *b, const struct rg_option_info *info);

// Appends text in double quotes, fit for a one-line message: cut when long, unprintable bytes as '?'.
void rg_option_put_quoted(struct rg_buf *b, const char *text, size_t len);

// Appends the words of an enum as "a<between>b<last>c", e.g. with ", " and " or ".
void rg_option_put_words(struct rg_buf *b, const struct rg_option_info *info, const char *between,
                         const char *last);

typedef void (*rg_options_complain_fn)(void *arg, const char *line);

// Applies "name=value:name=value" to o. Items are separated by ':' or white space; a value that holds
// either is quoted, 'so' or "so". Whatever is malformed is left out, the rest still applies, and
// complain(arg, line) is called once for each malformed item with one printable line, without a
// newline, that is valid only during the call. A NULL text is empty; complain may be NULL.
void rg_options_parse(struct rg_options *o, const char *text, rg_options_complain_fn complain,
                      void *arg);

// Appends the table as plain text, at most 100 columns wide.
void rg_options_help(struct rg_buf *b);

// Appends the table in Markdown.
void rg_options_help_markdown(struct rg_buf *b);

#endif
