// SPDX-License-Identifier: MIT
// See convert_rules.h.
#include "convert_rules.h"

#include "base/compiler.h"

#include <stddef.h>
#include <string.h>

static const struct rg_rule_text rules[] = {
    {"stale",
     "A pointer is used that realloc has vacated: the block was moved, and the pointer leads to "
     "where it was.",
     "Store the result of realloc back into every copy of the pointer, or keep offsets into the "
     "block rather than "
     "pointers. That the program seems to work without the guard is luck: the C library has not "
     "moved the block there."},
    {"freed", "A block is used, or freed again, that was freed before.",
     "Decide who owns the block. Free it later, or set the pointers to it to NULL when it is "
     "freed."},
    {"interior",
     "A pointer into the middle of a block is passed to a function that takes only the beginning "
     "of one.",
     "Keep the pointer that the allocation returned, and pass that one."},
    {"foreign", "A pointer that no allocation returned is passed to a function of the heap.",
     "Pass only what malloc and its kin returned. Memory of variables, and of other allocators, is "
     "ended otherwise."},
    {"family", "A block is ended by a function of another family than the one that allocated it.",
     "End what malloc returned with free, what new returned with delete, and what new[] returned "
     "with delete[]."},
    {"zero",
     "realloc is asked for 0 bytes, which frees the block with some C libraries, and which C23 "
     "leaves undefined.",
     "Call free, or ask for 1 byte at least."},
    {"size",
     "A size is asked for that no block can have; most often its computation went below zero.",
     "Check how the size is computed, before the call."},
    {"busy", "Two threads use one block at a time, and one of them is in realloc with it.",
     "Let one thread own the block, or hold a lock around both calls."},
    {"sized", "A block is ended with a statement of its size that is not its size.",
     "Give a base class a virtual destructor, or delete an object through a pointer of its own "
     "type."},
    {"aligned",
     "realloc is called for a block that was asked to be aligned; what it returns need not be.",
     "Allocate a new aligned block, copy, and free the old one."},
    {"beyond", "Memory past the end of a block is accessed.",
     "Check the index or length against the size that the block has now."},
    {"overrun",
     "Something has written past the end of a block; it was found when the block was looked at.",
     "Look for what writes to the block that was allocated here. One byte too many is most often "
     "the zero that ends a "
     "string."},
    {"lost",
     "realloc failed, and the only pointer to the old block, which it leaves as it was, was "
     "overwritten.",
     "Keep the old pointer until the result is known: q = realloc(p, n); if (!q) free p or go on "
     "with it; else p = q."},
    {"leak",
     "The process ends, or asks, and nothing leads to blocks any more that were allocated here: no "
     "variable, stack, register or other block that the program could still come to.",
     "Free the block before its last pointer is overwritten or goes with the function or block "
     "that holds it. Where only leaked blocks point to it, see to those first."},
    {"result", "The NULL that a failed realloc returned is used.",
     "Check what realloc returns: NULL means that there is no memory, and that the old block is "
     "still there."},
};

static const struct rg_rule_text other = {"", "The heap is misused.",
                                          "See the message of the result."};

const struct rg_rule_text *rg_rule_text(const char *trouble) {
    for (size_t i = 0; i < RG_ARRAY_LEN(rules); i++) {
        if (!strcmp(rules[i].trouble, trouble)) {
            return &rules[i];
        }
    }
    return &other;
}
