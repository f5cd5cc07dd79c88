// SPDX-License-Identifier: MIT
// The synthetic loads of scripts/bench, each a use of the allocator with nothing else around it. They
// answer a checksum, which must not depend on the allocator.
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <stdint.h>

// A part of a load that is shown on its own: the CPU time from begin to end is printed as
// "part NAME SECONDS".
double part_begin(void);
void part_end(const char *name, double begun);

// Blocks (load_blocks.c)
uint64_t load_random(void); // free and malloc of 16 to 527 bytes, 100,000 live
uint64_t load_live(void);   // a million live blocks of 32 bytes, freed in another order
uint64_t load_deep(void);   // malloc and free under 20 frames, from 16 places

// Nodes that lead to each other (load_nodes.c)
uint64_t load_list(void); // a million, built, then followed in random order (a part: chase)
uint64_t load_tree(void); // a search tree, built, then asked (a part: lookups)

// realloc (load_grow.c)
uint64_t load_vectors(void); // doubled when full
uint64_t load_strings(void); // grown byte by byte
uint64_t load_shrink(void);  // read into a large buffer, cut to what was needed

// Threads (load_threads.c)
uint64_t load_pipeline(void); // one allocates, another frees
uint64_t load_threads(void);  // two that share nothing

// Programs (load_programs.c)
uint64_t load_starts(void); // 300 processes that do nothing
uint64_t load_nothing(void);
uint64_t load_compute(void); // no allocation at all

#endif
