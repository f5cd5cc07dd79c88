// SPDX-License-Identifier: MIT
// An LD_AUDIT library that allocates in every callback, with the C library of its own namespace.
#include <link.h>
#include <stdint.h>
#include <stdlib.h>

unsigned int la_version(unsigned int version) {
    free(malloc(100));
    return version;
}

unsigned int la_objopen(struct link_map *map, Lmid_t namespace_id, uintptr_t *cookie) {
    (void)map;
    (void)namespace_id;
    (void)cookie;
    free(realloc(malloc(100), 1000));
    return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}

void la_activity(uintptr_t *cookie, unsigned int flag) {
    (void)cookie;
    (void)flag;
    free(malloc(3000));
}
