// SPDX-License-Identifier: MIT
// Frame rules from .eh_frame: how to find a caller's registers from a callee's. Follows the DWARF 5
// standard, section 6.4, and the x86-64 psABI's register numbers. Lock-free and async-signal-safe.
#ifndef RG_STACK_CFI_H
#define RG_STACK_CFI_H

#include <stdbool.h>
#include <stdint.h>

// DWARF numbers of the registers that can matter.
enum {
    RG_REG_RBX = 3,
    RG_REG_RBP = 6,
    RG_REG_RSP = 7,
    RG_REG_R12 = 12,
    RG_REG_R15 = 15,
    RG_REG_RA = 16,
    RG_REG_COUNT = 17,
};

enum rg_rule_kind {
    RG_RULE_NONE,   // no rule: no unwind table, or one too unusual
    RG_RULE_OFFSET, // CFA = register + offset
    RG_RULE_DEREF,  // CFA = memory at register + offset (a realigned stack)
    RG_RULE_SIGNAL, // the frame of a signal handler's return: registers are in the ucontext at rsp
    RG_RULE_END,    // the outermost frame
};

enum {
    RG_SAVED_COUNT = 6,
    // Special values of `saved` below.
    RG_SAVED_AT_RBP = INT16_MAX,  // rbp only: in memory at rbp
    RG_SAVED_NOWHERE = INT16_MIN, // lost from here on
};
// The registers a rule can restore, in the order of `saved`.
extern const uint8_t rg_saved_registers[RG_SAVED_COUNT];

struct rg_frame_rule {
    uintptr_t pc;
    int32_t cfa_offset;
    uint8_t cfa_register;
    uint8_t kind;                  // enum rg_rule_kind
    int16_t saved[RG_SAVED_COUNT]; // offset from the CFA in eighths, 0: unchanged
};

// Works out the rule for the instruction at pc (for a return address: pc - 1). ret->pc is set to pc.
void rg_cfi_find(uintptr_t pc, struct rg_frame_rule *ret);

#endif
