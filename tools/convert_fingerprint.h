// SPDX-License-Identifier: MIT
// What makes two findings the same, in other processes, other builds and other places of the address space. Pure.
#ifndef RG_TOOLS_CONVERT_FINGERPRINT_H
#define RG_TOOLS_CONVERT_FINGERPRINT_H

#include "json_value.h"

// A fingerprint in full: a version, which changes when the same findings get other numbers, and 16 hexadecimal digits.
struct rg_fingerprint_text {
    char text[24];
};
struct rg_fingerprint_text rg_fingerprint_text(uint64_t fingerprint);

// Of a line of the event finding: made of its kind and, for each of the stacks of the access, the allocation and the
// move (or what else has ended the block, or failed), of the innermost frames that are the program's own. Those count
// by their functions and by the names of their modules without folders. Lines are left out, since they change with
// each edit above them. Where the function is not known its file stands for it, and where that is neither, the offset
// in the module, which is the same until the module is built anew.
uint64_t rg_fingerprint_of(const struct rg_value *finding);

// The same without the allocation, which the guard forgets of blocks that were moved or freed long ago. ret_is_brief
// tells whether it has, so that nothing but the rest can be compared.
uint64_t rg_fingerprint_rest(const struct rg_value *finding, bool *ret_is_brief);

// Whether it belongs to the code of the program, not to a system library.
bool rg_frame_is_own(const struct rg_value *frame);

// The first frame of the program's own, the first at all where there is none such, NULL of an empty stack.
const struct rg_value *rg_stack_own_frame(const struct rg_value *stack);

// The stack of what has ended the block, moved it, cut it off or returned NULL for it, and its event; NULL: none.
const struct rg_value *rg_finding_end(const struct rg_value *finding);

// The name without its folders.
const char *rg_base_name(const char *path);

#endif
