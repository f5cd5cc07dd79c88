// SPDX-License-Identifier: MIT
// Finding the unwind information of a pc: .eh_frame_hdr and .eh_frame, as the Linux Standard Base and the
// DWARF 5 standard (section 6.4) describe them. Lock-free and async-signal-safe: objects are found with
// _dl_find_object (glibc 2.35), never by walking the loader's lists.
#ifndef RG_STACK_EH_FRAME_H
#define RG_STACK_EH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// A cursor over unwind data. Reads past `end` give zeros and set `bad`.
struct rg_cfi_reader {
    const uint8_t *at, *end;
    bool bad;
};

static inline uint64_t rg_cfi_fixed(struct rg_cfi_reader *r, unsigned bytes) {
    uint64_t v = 0;
    if ((size_t)(r->end - r->at) < bytes) {
        r->bad = true;
        r->at = r->end;
        return 0;
    }
    memcpy(&v, r->at, bytes);
    r->at += bytes;
    return v;
}

static inline int64_t rg_cfi_signed(struct rg_cfi_reader *r, unsigned bytes) {
    unsigned unused_bits = 64 - 8 * bytes;
    return (int64_t)(rg_cfi_fixed(r, bytes) << unused_bits) >> unused_bits;
}

static inline uint64_t rg_cfi_uleb(struct rg_cfi_reader *r) {
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = (uint8_t)rg_cfi_fixed(r, 1);
        v |= shift < 64 ? (uint64_t)(byte & 127) << shift : 0;
        if (!(byte & 128)) {
            return v;
        }
    }
}

static inline int64_t rg_cfi_sleb(struct rg_cfi_reader *r) {
    uint64_t v = 0;
    for (unsigned shift = 0;;) {
        uint8_t byte = (uint8_t)rg_cfi_fixed(r, 1);
        v |= shift < 64 ? (uint64_t)(byte & 127) << shift : 0;
        shift += 7;
        if (!(byte & 128)) {
            if (shift < 64 && byte & 64) {
                v |= ~0UL << shift;
            }
            return (int64_t)v;
        }
    }
}

// What a CIE and one of its FDEs say.
struct rg_unwind_entry {
    uintptr_t pc_begin, pc_end;
    uint64_t code_align;
    int64_t data_align;
    bool is_signal;
    struct rg_cfi_reader cie_program, fde_program;
};

// Finds the entry that covers pc. False: there is none, or one that this reader does not follow.
bool rg_eh_frame_find(uintptr_t pc, struct rg_unwind_entry *ret);

#endif
