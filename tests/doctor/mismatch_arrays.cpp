// SPDX-License-Identifier: MIT
// delete of an array, and delete[] of a single object.
// OPTIONS: mismatch=1
// NATIVE: undefined
// REPORT: mismatched delete; access=single; allocated=array
// REPORT: mismatched delete[]; access=many; allocated=one
// REPORT: double delete; access=again; freed=freed; allocated=twice
#include "doctor.h"

static void work(void) {
    char *volatile block = new char[block_size]; // HERE: array
    delete block;                                // HERE: single
    block = (char *)operator new(block_size);    // HERE: one
    delete[] block;                              // HERE: many
    block = (char *)operator new(block_size);    // HERE: twice
    operator delete(block);                      // HERE: freed
    operator delete(block);                      // HERE: again
}
