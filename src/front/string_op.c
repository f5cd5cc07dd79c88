// SPDX-License-Identifier: MIT
// See string_op.h. The bytes are moved by a system call, which answers with an error where the program would
// fault. No state.
#include "front/string_op.h"

#include "base/sys.h"
#include "base/vmem.h"
#include "front/peek.h"

#include <string.h>

#define DIRECTION_FLAG 0x400L // of RFLAGS

struct string_op {
    bool is_store;  // stos; else movs
    size_t element; // bytes
    size_t length;  // of the instruction
};

static bool decode(const uint8_t *code, struct string_op *ret) {
    bool wide = (code[1] & 0xf8) == 0x48;
    uint8_t op = code[1 + wide];
    if (code[0] != 0xf3 || (op != 0xa4 && op != 0xa5 && op != 0xaa && op != 0xab)) {
        return false;
    }
    *ret = (struct string_op){.is_store = op >= 0xaa,
                              .element = !(op & 1) ? 1
                                         : wide    ? 8
                                                   : 4,
                              .length = 2 + wide};
    return true;
}

static size_t left_in_page(uintptr_t at) {
    return RG_PAGE_SIZE - (at & (RG_PAGE_SIZE - 1));
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static bool store(uintptr_t to, uintptr_t value, size_t element, size_t bytes) {
    char pattern[RG_PAGE_SIZE];
    for (size_t i = 0; i < bytes; i += element) {
        memcpy(pattern + i, &value, element);
    }
    return rg_poke((void *)to, pattern, bytes) == 0;
}

bool rg_string_op_run(ucontext_t *context) {
    greg_t *r = context->uc_mcontext.gregs;
    const uint8_t *code = (const uint8_t *)r[REG_RIP];
    struct string_op op;
    if (!rg_is_readable(code, 4) || !decode(code, &op) || r[REG_EFL] & DIRECTION_FLAG) {
        return false;
    }
    uintptr_t to = (uintptr_t)r[REG_RDI], from = (uintptr_t)r[REG_RSI],
              count = (uintptr_t)r[REG_RCX];
    size_t bytes = op.is_store ? left_in_page(to) : least(left_in_page(to), left_in_page(from));
    size_t elements = least(bytes / op.element, count);
    bytes = elements * op.element;
    bool overlaps = !op.is_store && to > from && to - from < bytes;
    if (elements == 0 || overlaps) {
        return false;
    }
    bool done = op.is_store ? store(to, (uintptr_t)r[REG_RAX], op.element, bytes)
                            : rg_poke((void *)to, (const void *)from, bytes) == 0;
    if (!done) {
        return false;
    }
    r[REG_RDI] += (greg_t)bytes;
    r[REG_RSI] += op.is_store ? 0 : (greg_t)bytes;
    r[REG_RCX] -= (greg_t)elements;
    if (r[REG_RCX] == 0) {
        r[REG_RIP] += (greg_t)op.length;
    }
    return true;
}
