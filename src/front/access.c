// SPDX-License-Identifier: MIT
// See access.h. Pure.
#include "front/access.h"

#include "base/compiler.h"

#include <stdbool.h>

struct prefixes {
    bool operand16;  // 66
    bool rep, repne; // F3, F2
    bool wide;       // REX.W
};

static size_t by_operand(const struct prefixes *p) {
    return p->wide ? 8 : p->operand16 ? 2 : 4;
}

// FF: inc, dec, call, jmp, push, told apart by the byte that follows. Far calls and jumps are left open.
static size_t group_5(uint8_t modrm, const struct prefixes *p) {
    switch (modrm >> 3 & 7) {
    case 0:
    case 1:
        return by_operand(p);
    case 2:
    case 4:
        return 8;
    case 6:
        return p->operand16 ? 2 : 8;
    default:
        return 0;
    }
}

// One-byte opcodes with a memory operand, or implied memory.
static size_t one_byte(uint8_t op, const struct prefixes *p) {
    bool is_arithmetic = op < 0x40 && (op & 7) < 4;
    if (is_arithmetic || (op >= 0x84 && op <= 0x8b) || (op >= 0xa4 && op <= 0xa7) ||
        (op >= 0xaa && op <= 0xaf) || op == 0xc6 || op == 0xc7 || op == 0xf6 || op == 0xf7 ||
        op == 0xfe) {
        return op & 1 ? by_operand(p) : 1;
    }
    switch (op) {
    case 0x63: // movsxd
        return 4;
    case 0x69: // imul
    case 0x6b:
    case 0x81: // arithmetic with an immediate
    case 0x83:
    case 0xc1: // shifts
    case 0xd1:
    case 0xd3:
        return by_operand(p);
    case 0x80:
    case 0xc0:
    case 0xd0:
    case 0xd2:
        return 1;
    case 0x8f: // pop
        return p->operand16 ? 2 : 8;
    default:
        return 0;
    }
}

// SSE moves and arithmetic that touch less than their register.
static size_t partial_vector(uint8_t op, const struct prefixes *p, size_t vector) {
    bool scalar_op = op == 0x10 || op == 0x11 || (op >= 0x2a && op <= 0x2d) || op == 0xc2 ||
                     (op >= 0x51 && op <= 0x5f && op != 0x5b);
    if (scalar_op && (p->rep || p->repne)) {
        return op == 0x2a ? by_operand(p) : p->repne ? 8 : 4;
    }
    if ((op == 0x12 || op == 0x16) && (p->rep || p->repne)) {
        return p->rep || vector > 16 ? vector : 8; // movsldup, movshdup, movddup
    }
    bool is_packed = !p->operand16 && !p->rep && !p->repne;
    if ((op == 0x5a && is_packed) || (op == 0xe6 && p->rep)) {
        return vector / 2; // cvtps2pd, cvtdq2pd
    }
    switch (op) {
    case 0x12: // movlps/movlpd and their high halves
    case 0x13:
    case 0x16:
    case 0x17:
    case 0xd6: // movq to memory
        return 8;
    case 0x6e: // movd, movq
        return p->wide ? 8 : 4;
    case 0x7e:
        return p->rep || p->wide ? 8 : 4;
    case 0x2e: // ucomis, comis
    case 0x2f:
        return p->operand16 ? 8 : 4;
    default:
        return 0;
    }
}

static bool is_vector(uint8_t op) {
    return (op >= 0x10 && op <= 0x17) || (op >= 0x28 && op <= 0x2f) || (op >= 0x51 && op <= 0x76) ||
           (op >= 0x7c && op <= 0x7f) || op == 0xc2 || op == 0xc6 || op >= 0xd0;
}

// Opcodes after 0F. vector: bytes of a whole vector register.
static size_t two_byte(uint8_t op, const struct prefixes *p, size_t vector) {
    switch (op) {
    case 0xb6: // movzx, movsx
    case 0xbe:
    case 0xb0: // cmpxchg
    case 0xc0: // xadd
        return 1;
    case 0xb7:
    case 0xbf:
        return 2;
    case 0xb1:
    case 0xb8: // popcnt
    case 0xc1:
    case 0xa4: // shld, shrd
    case 0xa5:
    case 0xac:
    case 0xad:
    case 0xaf: // imul
    case 0xa3: // bt and kin
    case 0xab:
    case 0xb3:
    case 0xba:
    case 0xbb:
    case 0xbc:
    case 0xbd:
    case 0xc3: // movnti
        return by_operand(p);
    case 0xc7: // cmpxchg8b, cmpxchg16b
        return p->wide ? 16 : 8;
    default:
        break;
    }
    if (op >= 0x40 && op <= 0x4f) { // cmov
        return by_operand(p);
    }
    if (op >= 0x90 && op <= 0x9f) { // setcc
        return 1;
    }
    size_t partial = partial_vector(op, p, vector);
    if (partial || !is_vector(op)) {
        return partial;
    }
    // MMX forms, without a prefix, use eight bytes.
    bool is_mmx = vector == 16 && !p->operand16 && !p->rep && !p->repne && op >= 0x60 &&
                  op != 0xc2 && op != 0xc6;
    return is_mmx ? 8 : vector;
}

static void set_prefix(struct prefixes *p, unsigned pp) {
    p->operand16 = pp == 1;
    p->rep = pp == 2;
    p->repne = pp == 3;
}

// Opcodes after 0F 38 and 0F 3A: whole vectors, but for broadcasts, widening moves, gathers, inserts and
// extracts, whose size is left open.
static size_t three_byte(bool is_3a, uint8_t op, const struct prefixes *p, size_t vector) {
    if (!is_3a && (op == 0xf0 || op == 0xf1)) { // movbe, crc32
        return p->repne ? (op & 1 ? by_operand(p) : 1) : by_operand(p);
    }
    bool is_partial = is_3a ? (op >= 0x14 && op <= 0x22) || op == 0x38 || op == 0x39
                            : (op >= 0x18 && op <= 0x1a) || (op >= 0x20 && op <= 0x35) ||
                                  (op >= 0x58 && op <= 0x5a) || op == 0x78 || op == 0x79 ||
                                  (op >= 0x90 && op <= 0x93);
    return is_partial ? 0 : vector;
}

static size_t by_map(unsigned map, uint8_t op, const struct prefixes *p, size_t vector) {
    return map == 1 ? two_byte(op, p, vector) : map <= 3 ? three_byte(map == 3, op, p, vector) : 0;
}

// VEX (C4, C5) and EVEX (62).
static size_t extended(const uint8_t *c, size_t len) {
    struct prefixes p = {0};
    if (c[0] == 0xc5 && len >= 3) {
        set_prefix(&p, c[1] & 3);
        return two_byte(c[2], &p, c[1] & 4 ? 32 : 16);
    }
    if (c[0] == 0xc4 && len >= 4) {
        set_prefix(&p, c[2] & 3);
        p.wide = c[2] >> 7;
        return by_map(c[1] & 31, c[3], &p, c[2] & 4 ? 32 : 16);
    }
    if (c[0] == 0x62 && len >= 5) {
        set_prefix(&p, c[2] & 3);
        p.wide = c[2] >> 7;
        size_t vector = (size_t)16 << (c[3] >> 5 & 3);
        return vector <= 64 ? by_map(c[1] & 7, c[4], &p, vector) : 0;
    }
    return 0;
}

size_t rg_access_bytes(const uint8_t *code, size_t len) {
    struct prefixes p = {0};
    size_t i = 0;
    for (; i < len && i < 14; i++) {
        uint8_t c = code[i];
        if (c == 0x66) {
            p.operand16 = true;
        } else if (c == 0xf2) {
            p.repne = true;
        } else if (c == 0xf3) {
            p.rep = true;
        } else if (c >= 0x40 && c <= 0x4f) {
            p.wide = c & 8;
        } else if (c != 0xf0 && c != 0x2e && c != 0x3e && c != 0x26 && c != 0x36 && c != 0x64 &&
                   c != 0x65 && c != 0x67) {
            break;
        }
    }
    if (i >= len) {
        return 0;
    }
    if (code[i] == 0xc5 || code[i] == 0xc4 || code[i] == 0x62) {
        return extended(code + i, len - i);
    }
    if (code[i] != 0x0f && code[i] != 0xff) {
        return one_byte(code[i], &p);
    }
    if (i + 1 == len) {
        return 0;
    }
    if (code[i] == 0xff) {
        return group_5(code[i + 1], &p);
    }
    uint8_t next = code[i + 1];
    bool is_long = (next == 0x38 || next == 0x3a) && i + 2 < len;
    return is_long ? three_byte(next == 0x3a, code[i + 2], &p, 16) : two_byte(next, &p, 16);
}
