// SPDX-License-Identifier: MIT
// How many bytes an x86-64 instruction reads or writes in memory. Decodes what compilers and the C
// library's string functions use; the opcode tables are those of Intel's manual, volume 2, appendix A.
#ifndef RG_FRONT_ACCESS_H
#define RG_FRONT_ACCESS_H

#include <stddef.h>
#include <stdint.h>

// Bytes accessed by the instruction at code, of which up to `len` bytes may be read; 0: not known.
size_t rg_access_bytes(const uint8_t *code, size_t len);

#endif
