// SPDX-License-Identifier: MIT
// Functions of the C library and C++ operators on each other's blocks.
// OPTIONS: mismatch=1
// REPORT: mismatched delete; access=deleted; allocated=allocated
// REPORT: mismatched delete[]; access=deleted_array; allocated=zeroed
// REPORT: mismatched free; access=freed; allocated=one
// REPORT: mismatched realloc; access=grown; allocated=array
#include "doctor.h"

static void work(void) {
    char *volatile block = (char *)malloc(block_size); // HERE: allocated
    delete block;                                      // HERE: deleted
    block = (char *)calloc(1, block_size);             // HERE: zeroed
    delete[] block;                                    // HERE: deleted_array
    block = (char *)operator new(block_size);          // HERE: one
    free(block);                                       // HERE: freed
    block = new char[block_size];                      // HERE: array
    block = (char *)realloc(block, block_size * 2);    // HERE: grown
    block[block_size] = 'x';
    free(block);
}
