// SPDX-License-Identifier: MIT
// JSON into a fixed buffer. Commas come by themselves: objects and arrays are opened, filled and closed. A key is a
// literal of ours that needs no escaping; NULL in an array, and of the outermost object. What does not fit sets
// b->truncated, and then the text is no JSON any more. Pure; async-signal-safe, errno untouched.
#ifndef RG_REPORT_JSON_H
#define RG_REPORT_JSON_H

#include "base/fmt.h"

#include <stddef.h>
#include <stdint.h>

// bracket: '{' or '[' to open, '}' or ']' to close.
void rg_json_open(struct rg_buf *b, const char *key, char bracket);
void rg_json_close(struct rg_buf *b, char bracket);

// Any bytes: what is no valid UTF-8 becomes U+FFFD, one for each byte.
void rg_json_put_text(struct rg_buf *b, const char *key, const char *text);

// Nothing if the text is empty or NULL.
void rg_json_put_known(struct rg_buf *b, const char *key, const char *text);

void rg_json_put_number(struct rg_buf *b, const char *key, size_t number);

// Nothing for 0.
void rg_json_put_positive(struct rg_buf *b, const char *key, size_t number);

void rg_json_put_signed(struct rg_buf *b, const char *key, long number);

// As a string, "0x...": readers keep numbers in 53 bits.
void rg_json_put_address(struct rg_buf *b, const char *key, uintptr_t address);

// "key": true, or nothing.
void rg_json_put_flag(struct rg_buf *b, const char *key, bool is_set);

#endif
