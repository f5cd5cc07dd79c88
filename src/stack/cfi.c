// SPDX-License-Identifier: MIT
// See cfi.h. Runs the instructions of an entry up to a pc and packs the row that results. No state.
#include "stack/cfi.h"

#include "base/compiler.h"
#include "stack/eh_frame.h"

const uint8_t rg_saved_registers[RG_SAVED_COUNT] = {RG_REG_RBX, RG_REG_RBP, 12, 13, 14, 15};

// The state a CFA program works on. Offsets are bytes from the CFA; 0 means unchanged, since no
// register can be saved at the CFA itself on x86-64.
struct row {
    uint64_t cfa_register;
    int64_t cfa_offset;
    bool deref;      // CFA = memory at register + offset
    bool ra_is_none; // the outermost frame
    bool unusual;    // something this reader does not follow
    int32_t saved[RG_REG_COUNT];
};

struct machine {
    struct row row, initial;
    struct row stack[4];
    unsigned depth;
    uintptr_t pc; // whose row is wanted
    uintptr_t location;
    const struct rg_unwind_entry *entry;
};

static void set_saved(struct row *row, uint64_t reg, int64_t offset) {
    if (reg < RG_REG_COUNT) {
        row->saved[reg] = (int32_t)offset;
    }
}

// A saved register given by an expression or another register: matters only for those we restore.
static void set_unusual(struct row *row, uint64_t reg) {
    bool matters =
        reg == RG_REG_RBX || reg == RG_REG_RBP || (reg >= RG_REG_R12 && reg <= RG_REG_RA);
    row->unusual = row->unusual || matters;
}

// What linkers write for the stubs of a procedure linkage table, each of 16 bytes, with a push in the middle:
// CFA = rsp + 8 + ((rip & 15) >= n ? 8 : 0). Returns n, or 0 for another expression.
static unsigned read_plt_expression(const uint8_t *at, uint64_t length) {
    static const uint8_t start[] = {0x77, 8, 0x80, 0, 0x3f, 0x1a}, end[] = {0x2a, 0x33, 0x24, 0x22};
    bool is_plt = length == 11 && memcmp(at, start, 6) == 0 && memcmp(at + 7, end, 4) == 0;
    return is_plt && at[6] > 0x30 && at[6] <= 0x3f ? at[6] - 0x30U : 0; // DW_OP_lit<n>
}

static void set_cfa_expression(struct machine *m, struct rg_cfi_reader *r) {
    struct row *row = &m->row;
    uint64_t length = rg_cfi_uleb(r);
    const uint8_t *after = r->at + length;
    unsigned pushed_from = after <= r->end ? read_plt_expression(r->at, length) : 0;
    if (pushed_from) {
        row->cfa_register = RG_REG_RSP;
        row->cfa_offset = (m->pc & 15) >= pushed_from ? 16 : 8;
        row->deref = false;
        r->at = after;
        return;
    }
    // DW_OP_breg0 + n, offset, DW_OP_deref: what compilers write for a realigned stack.
    uint8_t op = (uint8_t)rg_cfi_fixed(r, 1);
    int64_t offset = rg_cfi_sleb(r);
    bool known = op >= 0x70 && op <= 0x8f && after == r->at + 1 && *r->at == 0x06;
    row->cfa_register = known ? op - 0x70u : 0;
    row->cfa_offset = offset;
    row->deref = known;
    row->unusual = row->unusual || !known;
    r->at = after <= r->end ? after : r->end;
}

static void skip_expression(struct rg_cfi_reader *r) {
    uint64_t length = rg_cfi_uleb(r);
    r->at = length <= (uint64_t)(r->end - r->at) ? r->at + length : r->end;
}

// Where a realigned frame saves registers: DW_OP_breg6 (rbp) + n. rbp itself is at rbp + 0; the others
// are beyond the compact rule, and given up.
static void set_saved_expression(struct row *row, struct rg_cfi_reader *r) {
    uint64_t reg = rg_cfi_uleb(r);
    uint64_t length = rg_cfi_uleb(r);
    const uint8_t *after = r->at + length;
    bool is_breg6 = rg_cfi_fixed(r, 1) == 0x70 + RG_REG_RBP;
    int64_t offset = rg_cfi_sleb(r);
    is_breg6 = is_breg6 && r->at == after;
    if (reg == RG_REG_RBP && is_breg6 && offset == 0) {
        row->saved[reg] = RG_SAVED_AT_RBP * 8;
    } else if (reg == RG_REG_RA || reg == RG_REG_RBP || !is_breg6) {
        set_unusual(row, reg);
    } else {
        set_saved(row, reg, RG_SAVED_NOWHERE * 8L);
    }
    r->at = after <= r->end ? after : r->end;
}

static void restore_initial(struct machine *m, uint64_t reg) {
    if (reg < RG_REG_COUNT) {
        m->row.saved[reg] = m->initial.saved[reg];
    }
}

static void push_row(struct machine *m) {
    if (m->depth < RG_ARRAY_LEN(m->stack)) {
        m->stack[m->depth++] = m->row;
    } else {
        m->row.unusual = true;
    }
}

// Instructions that define the CFA. False: op is none of them.
static bool run_cfa(struct machine *m, struct rg_cfi_reader *r, uint8_t op) {
    struct row *row = &m->row;
    int64_t align = m->entry->data_align;
    switch (op) {
    case 0x0c: // def_cfa
        row->cfa_register = rg_cfi_uleb(r);
        row->cfa_offset = (int64_t)rg_cfi_uleb(r);
        row->deref = false;
        return true;
    case 0x0d: // def_cfa_register
        row->cfa_register = rg_cfi_uleb(r);
        return true;
    case 0x0e: // def_cfa_offset
        row->cfa_offset = (int64_t)rg_cfi_uleb(r);
        return true;
    case 0x0f: // def_cfa_expression
        set_cfa_expression(m, r);
        return true;
    case 0x12: // def_cfa_sf
        row->cfa_register = rg_cfi_uleb(r);
        row->cfa_offset = rg_cfi_sleb(r) * align;
        row->deref = false;
        return true;
    case 0x13: // def_cfa_offset_sf
        row->cfa_offset = rg_cfi_sleb(r) * align;
        return true;
    default:
        return false;
    }
}

// Instructions about one register. False: op is none of them.
static bool run_register(struct machine *m, struct rg_cfi_reader *r, uint8_t op) {
    struct row *row = &m->row;
    int64_t align = m->entry->data_align;
    uint64_t reg;
    switch (op) {
    case 0x05: // offset_extended
        reg = rg_cfi_uleb(r);
        set_saved(row, reg, (int64_t)rg_cfi_uleb(r) * align);
        return true;
    case 0x06: // restore_extended
        restore_initial(m, rg_cfi_uleb(r));
        return true;
    case 0x07: // undefined
        row->ra_is_none = rg_cfi_uleb(r) == RG_REG_RA || row->ra_is_none;
        return true;
    case 0x08: // same_value
        set_saved(row, rg_cfi_uleb(r), 0);
        return true;
    case 0x09: // register
        set_unusual(row, rg_cfi_uleb(r));
        rg_cfi_uleb(r);
        return true;
    case 0x10: // expression
        set_saved_expression(row, r);
        return true;
    case 0x11: // offset_extended_sf
        reg = rg_cfi_uleb(r);
        set_saved(row, reg, rg_cfi_sleb(r) * align);
        return true;
    case 0x16: // val_expression
        set_unusual(row, rg_cfi_uleb(r));
        skip_expression(r);
        return true;
    default:
        return false;
    }
}

// The instructions whose whole first byte is the opcode (DW_CFA_*).
static void run_extended(struct machine *m, struct rg_cfi_reader *r, uint8_t op) {
    if (run_cfa(m, r, op) || run_register(m, r, op)) {
        return;
    }
    switch (op) {
    case 0x00: // nop
        break;
    case 0x02: // advance_loc1
    case 0x03: // advance_loc2
    case 0x04: // advance_loc4
        m->location += rg_cfi_fixed(r, 1U << (op - 2)) * m->entry->code_align;
        break;
    case 0x0a: // remember_state
        push_row(m);
        break;
    case 0x0b: // restore_state
        if (m->depth > 0) {
            m->row = m->stack[--m->depth];
        }
        break;
    case 0x2e: // GNU_args_size
        rg_cfi_uleb(r);
        break;
    default:
        m->row.unusual = true;
        r->at = r->end;
        break;
    }
}

static void run(struct machine *m, struct rg_cfi_reader r, uintptr_t pc) {
    while (r.at < r.end && !r.bad) {
        uint8_t op = (uint8_t)rg_cfi_fixed(&r, 1);
        uint8_t low = op & 0x3f;
        uintptr_t before = m->location;
        struct row row_before = m->row;
        if (op >> 6 == 1) { // advance_loc
            m->location += low * m->entry->code_align;
        } else if (op >> 6 == 2) { // offset
            set_saved(&m->row, low, (int64_t)rg_cfi_uleb(&r) * m->entry->data_align);
        } else if (op >> 6 == 3) { // restore
            restore_initial(m, low);
        } else {
            run_extended(m, &r, op);
        }
        if (m->location != before && m->location > pc) {
            m->row = row_before;
            return;
        }
    }
    m->row.unusual = m->row.unusual || r.bad;
}

// Packs a row; false where it does not fit the compact form.
static bool pack(const struct row *row, struct rg_frame_rule *ret) {
    if (row->unusual || row->cfa_register >= RG_REG_COUNT || row->saved[RG_REG_RA] != -8 ||
        row->cfa_offset != (int32_t)row->cfa_offset) {
        return false;
    }
    for (unsigned i = 0; i < RG_SAVED_COUNT; i++) {
        int64_t eighths = row->saved[rg_saved_registers[i]] / 8;
        if (eighths != (int16_t)eighths) {
            return false;
        }
        ret->saved[i] = (int16_t)eighths;
    }
    ret->cfa_register = (uint8_t)row->cfa_register;
    ret->cfa_offset = (int32_t)row->cfa_offset;
    ret->kind = row->deref ? RG_RULE_DEREF : RG_RULE_OFFSET;
    return true;
}

void rg_cfi_find(uintptr_t pc, struct rg_frame_rule *ret) {
    *ret = (struct rg_frame_rule){.pc = pc, .kind = RG_RULE_NONE};
    struct rg_unwind_entry entry;
    if (!rg_eh_frame_find(pc, &entry)) {
        return;
    }
    if (entry.is_signal) {
        ret->kind = RG_RULE_SIGNAL;
        return;
    }
    struct machine m = {.pc = pc, .location = entry.pc_begin, .entry = &entry};
    run(&m, entry.cie_program, pc);
    m.initial = m.row;
    run(&m, entry.fde_program, pc);
    if (m.row.ra_is_none) {
        ret->kind = RG_RULE_END;
    } else if (!pack(&m.row, ret)) {
        *ret = (struct rg_frame_rule){.pc = pc, .kind = RG_RULE_NONE};
    }
}
