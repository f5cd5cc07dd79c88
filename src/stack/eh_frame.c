// SPDX-License-Identifier: MIT
// See eh_frame.h. Reads the mapped sections of the object that holds the pc. No state.
#include "stack/eh_frame.h"

#include "stack/cfi.h"

#include <dlfcn.h>

// A pointer in the encodings that .eh_frame uses on x86-64 (DW_EH_PE_*).
static uintptr_t read_pointer(struct rg_cfi_reader *r, uint8_t encoding) {
    uintptr_t base = (encoding & 0x70) == 0x10 ? (uintptr_t)r->at : 0;
    switch (encoding & 0x0f) {
    case 0x00:
    case 0x04:
    case 0x0c:
        return base + rg_cfi_fixed(r, 8);
    case 0x03:
        return base + rg_cfi_fixed(r, 4);
    case 0x0b:
        return base + (uintptr_t)rg_cfi_signed(r, 4);
    default:
        r->bad = true;
        return 0;
    }
}

// Reads a length field and returns a reader of what follows it.
static struct rg_cfi_reader read_record(const uint8_t *at) {
    struct rg_cfi_reader r = {at, at + 12, false};
    uint64_t length = rg_cfi_fixed(&r, 4);
    if (length == 0xffffffff) {
        length = rg_cfi_fixed(&r, 8);
    }
    r.end = r.at + length;
    r.bad = length == 0;
    return r;
}

// The augmentation data of a CIE: which pointer encoding its FDEs use.
static uint8_t read_augmentation(struct rg_cfi_reader *r, const char *text, bool *ret_signal) {
    uint8_t encoding = 0;
    uint64_t length = rg_cfi_uleb(r);
    const uint8_t *after = r->at + length;
    for (const char *c = text + 1; *c; c++) {
        if (*c == 'R') {
            encoding = (uint8_t)rg_cfi_fixed(r, 1);
        } else if (*c == 'L') {
            rg_cfi_fixed(r, 1);
        } else if (*c == 'P') {
            read_pointer(r, (uint8_t)rg_cfi_fixed(r, 1));
        } else if (*c == 'S') {
            *ret_signal = true;
        }
    }
    r->at = after <= r->end ? after : r->end;
    return encoding;
}

static bool read_cie(const uint8_t *at, struct rg_unwind_entry *e, uint8_t *ret_encoding,
                     bool *ret_augmented) {
    struct rg_cfi_reader r = read_record(at);
    rg_cfi_fixed(&r, 4); // the CIE id
    uint8_t version = (uint8_t)rg_cfi_fixed(&r, 1);
    const char *augmentation = (const char *)r.at;
    while (r.at < r.end && *r.at) {
        r.at++;
    }
    rg_cfi_fixed(&r, 1);
    e->code_align = rg_cfi_uleb(&r);
    e->data_align = rg_cfi_sleb(&r);
    uint64_t ra = version == 1 ? rg_cfi_fixed(&r, 1) : rg_cfi_uleb(&r);
    *ret_augmented = augmentation[0] == 'z';
    *ret_encoding = *ret_augmented ? read_augmentation(&r, augmentation, &e->is_signal) : 0;
    e->cie_program = r;
    return !r.bad && ra == RG_REG_RA && (*ret_augmented || augmentation[0] == 0);
}

static bool read_fde(const uint8_t *at, struct rg_unwind_entry *e) {
    struct rg_cfi_reader r = read_record(at);
    const uint8_t *id_at = r.at;
    uint32_t cie_offset = (uint32_t)rg_cfi_fixed(&r, 4);
    uint8_t encoding;
    bool augmented;
    if (r.bad || cie_offset == 0 || !read_cie(id_at - cie_offset, e, &encoding, &augmented)) {
        return false;
    }
    e->pc_begin = read_pointer(&r, encoding);
    e->pc_end = e->pc_begin + read_pointer(&r, encoding & 0x0f);
    if (augmented) {
        uint64_t length = rg_cfi_uleb(&r);
        r.at += length;
    }
    e->fde_program = r;
    return !r.bad && r.at <= r.end;
}

// Finds the FDE for pc by the sorted table of .eh_frame_hdr.
bool rg_eh_frame_find(uintptr_t pc, struct rg_unwind_entry *ret) {
    struct dl_find_object object;
    if (_dl_find_object((void *)pc, &object) != 0 || !object.dlfo_eh_frame) {
        return false;
    }
    const uint8_t *header = object.dlfo_eh_frame;
    // version 1, eh_frame pointer pcrel sdata4, count udata4, table datarel sdata4: what linkers write
    if (header[0] != 1 || header[1] != 0x1b || header[2] != 0x03 || header[3] != 0x3b) {
        return false;
    }
    uint32_t count;
    memcpy(&count, header + 8, 4);
    const int32_t(*table)[2] = (const int32_t(*)[2])(const void *)(header + 12);
    int64_t wanted = (int64_t)(pc - (uintptr_t)header);
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table[middle][0] <= wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret = (struct rg_unwind_entry){0};
    return low > 0 && read_fde(header + table[low - 1][1], ret) && pc >= ret->pc_begin &&
           pc < ret->pc_end;
}
