// SPDX-License-Identifier: MIT
// Pointers that the program has given to the kernel, to be given back later: the data of an epoll entry, the value of a
// timer; and what is on its way in a pipe, a socket or a ring.
#ifndef RG_FRONT_IN_KERNEL_H
#define RG_FRONT_IN_KERNEL_H

#include "front/search.h"

// Passes to rg_search_word what the kernel tells of. False: there is something that it does not tell of, or too much. Opens
// files in /proc, reads nothing that is on its way. A visitor (search.h) is told false only where that may come from this
// process itself. Uses static buffers: with the FAULT lock held.
bool rg_in_kernel_search(struct rg_search *s);

#endif
