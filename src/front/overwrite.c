// SPDX-License-Identifier: MIT
// See overwrite.h. Known are the moves of a whole word between registers, and between one and memory at a register and an
// offset, or at an offset from the instruction: what compilers make of `p = realloc(p, n)` where p is a variable. No state.
#include "front/overwrite.h"

#include "front/peek.h"

#include <string.h>

enum {
    INSTRUCTIONS_MOST = 5,
    LONGEST = 15,
    RAX = 0,
    RSP = 4,
    RBP = 5,
    MOV_STORE = 0x89,
    MOV_LOAD = 0x8b,
};

// The machine's numbers of rg_saved_registers.
static const uint8_t saved_numbers[RG_SAVED_COUNT] = {3, RBP, 12, 13, 14, 15};

// The registers, as far as they are known; those that hold the result.
struct state {
    uintptr_t pc, value[16];
    unsigned known, result;
};

// A move of 8 bytes.
struct move {
    bool is_load, is_register; // the other operand is a register
    unsigned reg, other;       // other: a register, or what an address starts from; RELATIVE
    int32_t offset;
    size_t length;
};
enum { RELATIVE = 16 };

static bool decode(const uint8_t code[LONGEST], struct move *m) {
    const uint8_t rex = code[0], modrm = code[2];
    if ((rex & 0xfa) != 0x48 || (code[1] != MOV_STORE && code[1] != MOV_LOAD)) {
        return false; // an index is not known either, bit 1
    }
    unsigned mode = modrm >> 6, low = modrm & 7;
    *m = (struct move){.is_load = code[1] == MOV_LOAD,
                       .is_register = mode == 3,
                       .reg = (modrm >> 3 & 7U) | (rex & 4U) << 1,
                       .other = low | (rex & 1U) << 3,
                       .length = 3};
    if (mode == 3) {
        return true;
    }
    if (low == RSP) {
        if (code[3] != 0x24) {
            return false; // more than a base
        }
        m->length++;
    }
    if (mode == 0 && low == RBP) {
        m->other = RELATIVE;
        mode = 2;
    }
    if (mode == 1) {
        m->offset = code[m->length] < 0x80 ? code[m->length] : code[m->length] - 0x100;
        m->length += 1;
    } else if (mode == 2) {
        memcpy(&m->offset, code + m->length, sizeof m->offset);
        m->length += sizeof m->offset;
    }
    return true;
}

static void set(struct state *s, unsigned reg, bool is_known, bool is_result, uintptr_t value) {
    s->known = (s->known & ~(1U << reg)) | (unsigned)is_known << reg;
    s->result = (s->result & ~(1U << reg)) | (unsigned)is_result << reg;
    s->value[reg] = value;
}

static bool has(unsigned registers, unsigned reg) {
    return registers >> reg & 1;
}

// Where in memory; 0: not known.
static uintptr_t place_of(const struct state *s, const struct move *m) {
    if (m->other == RELATIVE) {
        return s->pc + m->length + (uintptr_t)(intptr_t)m->offset;
    }
    return has(s->known, m->other) ? s->value[m->other] + (uintptr_t)(intptr_t)m->offset : 0;
}

// Goes past one move. False: that is the end, *ret_at being where the result is stored, if it is.
static bool step(struct state *s, const struct move *m, uintptr_t *ret_at) {
    uintptr_t at = m->is_register ? 0 : place_of(s, m), value = 0;
    if (m->is_register) {
        unsigned from = m->is_load ? m->other : m->reg, to = m->is_load ? m->reg : m->other;
        set(s, to, has(s->known, from), has(s->result, from), s->value[from]);
    } else if (!m->is_load) {
        *ret_at = has(s->result, m->reg) && m->other != RSP ? at : 0;
        return false;
    } else {
        bool is_known = at != 0 && rg_peek(&value, (const void *)at, sizeof value);
        set(s, m->reg, is_known, false, value);
    }
    s->pc += m->length;
    return true;
}

uintptr_t rg_overwrite_find(const struct rg_caller *caller,
                            const uintptr_t registers[RG_SAVED_COUNT]) {
    struct state s = {.pc = caller->pc};
    uintptr_t at = 0;
    for (unsigned i = 0; i < RG_SAVED_COUNT; i++) {
        set(&s, saved_numbers[i], true, false, registers[i]);
    }
    set(&s, RSP, true, false, caller->sp);
    set(&s, RAX, false, true, 0);
    for (int i = 0; i < INSTRUCTIONS_MOST; i++) {
        uint8_t code[LONGEST];
        struct move move;
        if (!rg_peek(code, (const void *)s.pc, sizeof code) || !decode(code, &move) ||
            !step(&s, &move, &at)) {
            break;
        }
    }
    return at;
}
